"""Showing that an organisation is what it says: their page, and the operator's queue."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Organisation
from accounts.organisations import rules
from accounts.verification import operations
from kernel.refusals import Refusal
from portal.organisations import countries
from portal.organisations.forms import LicenceForm
from portal.verification.forms import DecisionForm
from web import access, files
from web.pages import show
from web.requests import MemberRequest


@access.organisation_owner
@require_http_methods(["GET", "HEAD", "POST"])
def verification(request: MemberRequest) -> HttpResponse:
    """Show where the verification stands, and take the licence."""
    form = LicenceForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            file = form.cleaned_data["licence"]
            try:
                operations.submit(
                    organisation=request.member.organisation,
                    licence=file.read(rules.LARGEST_LICENCE + 1),
                    by=request.member,
                    now=timezone.now(),
                )
            except Refusal as refusal:
                form.add_error("licence", str(refusal))
            else:
                messages.success(request, _("Thank you. We look at it, usually within one working day."))
                return HttpResponseRedirect(reverse("portal:verification"))
    shown = Organisation.objects.get(pk=request.member.organisation_id)
    context = {"organisation": shown, "form": form, "tab": "verification"}
    return show(request, "portal/verification/verification.html", context, status=status)


@access.organisation_owner
@never_cache
@require_safe
def own_licence(request: MemberRequest) -> HttpResponse:
    """Send the owner the licence they handed in."""
    return sent(Organisation.objects.get(pk=request.member.organisation_id))


# --- The operator's queue -------------------------------------------------------------------------------------------


@access.platform_operator
@require_safe
def queue(request: MemberRequest) -> HttpResponse:
    """Show which organisations wait, the longest waiting first, and what was decided lately."""
    everyone = Organisation.objects.visible_to(request.member)
    decided = everyone.filter(verified_at__isnull=False).order_by("-verified_at", "pk")
    context = {
        "waiting": everyone.awaiting_verification().select_related("district"),
        "decided": decided[:10],
    }
    return show(request, "portal/verification/queue.html", context)


@access.platform_operator
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: MemberRequest, code: str) -> HttpResponse:
    """Show what an organisation says beside its licence, and verify or reject it."""
    shown = get_object_or_404(Organisation.objects.visible_to(request.member).select_related("district"), code=code)
    seen_at = shown.submitted_at.isoformat() if shown.submitted_at else ""
    if request.method != "POST":
        return _case(request, shown, DecisionForm(initial={"seen_at": seen_at}))
    form = DecisionForm(request.POST)
    if form.is_valid():
        try:
            said = _decided(request, shown, form)
        except Refusal as refusal:
            field = "reason" if isinstance(refusal, operations.ReasonMissing) else None
            form.add_error(field, str(refusal))
        else:
            messages.success(request, said)
            return HttpResponseRedirect(reverse("portal:queue"))
    return _case(request, shown, form, status=422)


def _decided(request: MemberRequest, shown: Organisation, form: DecisionForm) -> str:
    seen_at = _instant(form.cleaned_data["seen_at"])
    reason, now = form.cleaned_data["reason"], timezone.now()
    if request.POST.get("decision") == "verify":
        operations.verify(organisation=shown, seen_at=seen_at, note=reason, by=request.member, now=now)
        return _("{organisation} is verified.").format(organisation=shown.name)
    operations.reject(organisation=shown, seen_at=seen_at, reason=reason, by=request.member, now=now)
    return _("{organisation} is rejected and has been told why.").format(organisation=shown.name)


def _instant(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None


def _case(request: MemberRequest, shown: Organisation, form: DecisionForm, status: int = 200) -> HttpResponse:
    context = {
        "organisation": shown,
        "country": countries.name_of(shown.country),
        "warning": rules.organisation_code_warning(shown.uscc or ""),
        "is_picture": files.kind_of(shown.licence_image) in {"png", "jpg"},
        "same_name": Organisation.objects.filter(name_zh=shown.name_zh).exclude(pk=shown.pk).order_by("code"),
        "form": form,
    }
    return show(request, "portal/verification/case.html", context, status=status)


@access.platform_operator
@never_cache
@require_safe
def licence(request: MemberRequest, code: str) -> HttpResponse:
    """Send the operator an organisation's licence."""
    return sent(get_object_or_404(Organisation.objects.visible_to(request.member), code=code))


def sent(organisation: Organisation) -> HttpResponse:
    """
    Return the licence as a file in which nothing can act.

    Raises:
        Http404: none was handed in.
    """
    return files.sent(organisation.licence_image, name=organisation.code)
