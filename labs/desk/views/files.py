"""Photos of instruments, and files of certificates, sent to whom they are meant for."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel import uploads
from kernel.refusals import Refusal
from labs.catalogue.editing import instruments as editing
from labs.catalogue.models import Accreditation, Instrument, InstrumentPhoto, Lab
from labs.desk.forms.instruments import PhotoForm
from labs.desk.views.instruments import ours
from web import access, files
from web.pages import show
from web.requests import MemberRequest, PageRequest

SHOWN_FOR = 3600
"""Seconds for which a browser keeps a photo."""


@access.lab_staff
@require_http_methods(["GET", "HEAD", "POST"])
def photos(request: MemberRequest, code: str) -> HttpResponse:
    """Show an instrument's photos, and take another one from a manager."""
    found = ours(request, code)
    form = PhotoForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        if not request.member.may_manage_lab:
            return HttpResponse(status=403)
        status = 422
        if form.is_valid():
            try:
                editing.add_photo(
                    instrument=found,
                    content=form.cleaned_data["photo"].read(uploads.LARGEST_PICTURE + 1),
                    caption_zh=form.cleaned_data["caption_zh"],
                    caption_en=form.cleaned_data["caption_en"],
                    by=request.member,
                    now=timezone.now(),
                )
            except Refusal as refusal:
                form.add_error("photo", str(refusal))
            else:
                messages.success(request, _("The photo is added."))
                return HttpResponseRedirect(reverse("catalogue_desk:photos", args=[code]))
    context = {
        "instrument": found,
        "photos": found.photos.order_by("position", "pk"),
        "form": form,
        "tab": "photos",
    }
    return show(request, "labs/desk/photos.html", context, status=status)


def _our_photo(request: MemberRequest, code: str, pk: int) -> InstrumentPhoto:
    return get_object_or_404(InstrumentPhoto, instrument=ours(request, code), pk=pk)


@access.lab_manager
@require_POST
def remove_photo(request: MemberRequest, code: str, pk: int) -> HttpResponse:
    """Remove a photo."""
    editing.remove_photo(photo=_our_photo(request, code, pk), by=request.member, now=timezone.now())
    messages.success(request, _("The photo is removed."))
    return HttpResponseRedirect(reverse("catalogue_desk:photos", args=[code]))


@access.lab_manager
@require_POST
def first_photo(request: MemberRequest, code: str, pk: int) -> HttpResponse:
    """Show a photo first: the one in lists."""
    editing.show_first(photo=_our_photo(request, code, pk), by=request.member, now=timezone.now())
    messages.success(request, _("This photo is shown first now."))
    return HttpResponseRedirect(reverse("catalogue_desk:photos", args=[code]))


# --- To look at ------------------------------------------------------------------------------------------------------


@access.anyone
@require_safe
def photo(request: PageRequest, code: str, pk: int) -> HttpResponse:
    """Send a photo of an instrument of the catalogue, or of one's own lab."""
    visible = Instrument.objects.visible_to(request.member)
    found = get_object_or_404(InstrumentPhoto, instrument__in=visible.filter(code=code), pk=pk)
    response = files.sent(found.file, name=f"{code}-{pk}")
    if Instrument.objects.published().filter(code=code).exists():
        patch_cache_control(response, public=True, max_age=SHOWN_FOR)
    else:
        patch_cache_control(response, private=True, no_store=True)
    return response


@access.member
@require_safe
def accreditation(request: MemberRequest, pk: int) -> HttpResponse:
    """Send the certificate of an accreditation to members and to the lab: see Note [Certificates]."""
    found = get_object_or_404(Accreditation, lab__in=Lab.objects.visible_to(request.member), pk=pk)
    return files.sent(found.certificate, name=f"certificate-{pk}")
