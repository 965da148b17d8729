"""Groups of instruments of which any will do."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings.staffing.forms import GroupForm, instruments_of
from kernel.refusals import Refusal
from labs.hours.views import our_lab
from labs.models import InstrumentGroup, Lab
from labs.staff import operations
from labs.staff import queries as staff
from web import access
from web.pages import show
from web.requests import MemberRequest

FIELD_OF = {"group_code_taken": "code", "group_is_empty": "instruments", "of_another_lab": "instruments"}


@access.lab_staff
@require_safe
def listed(request: MemberRequest) -> HttpResponse:
    """List the groups of the organisation's labs."""
    labs = list(Lab.objects.operated_by(request.member).order_by("code", "pk"))
    context = {"groups": list(staff.groups(request.member)), "labs": labs, "tab": "groups"}
    return show(request, "bookings/staffing/groups.html", context)


@access.lab_manager
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: MemberRequest, code: str) -> HttpResponse:
    """Put instruments of a lab together."""
    return _write(request, our_lab(request, code), None)


@access.lab_manager
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: MemberRequest, code: str) -> HttpResponse:
    """Change which instruments a group holds, and its names."""
    group = _ours(request, code)
    return _write(request, group.lab, group)


@access.lab_manager
@require_POST
def remove(request: MemberRequest, code: str) -> HttpResponse:
    """Take a group apart."""
    try:
        operations.remove_group(group=_ours(request, code), by=request.member, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The group is no more; its instruments are."))
    return HttpResponseRedirect(reverse("people:groups"))


def _ours(request: MemberRequest, code: str) -> InstrumentGroup:
    theirs = InstrumentGroup.objects.filter(lab__organisation_id=request.member.organisation_id)
    return get_object_or_404(theirs.select_related("lab"), code=code)


def _write(request: MemberRequest, lab: Lab, group: InstrumentGroup | None) -> HttpResponse:
    form = GroupForm(request.POST or None, instruments=instruments_of(request.member, lab), group=group)
    if request.method == "POST" and form.is_valid():
        told = {**form.cleaned_data, "instruments": list(form.cleaned_data["instruments"])}
        try:
            operations.save_group(lab=lab, group=group, by=request.member, now=timezone.now(), **told)
        except Refusal as refusal:
            form.add_error(FIELD_OF.get(refusal.code), str(refusal))
        else:
            messages.success(request, _("The group is saved."))
            return HttpResponseRedirect(reverse("people:groups"))
    context = {"form": form, "lab": lab, "group": group}
    return show(request, "bookings/staffing/group.html", context, status=422 if form.errors else 200)
