"""An organisation's own pages: register, profile, taxpayer type, and the check of its credit code while typing."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.memberships import operations as memberships
from accounts.models import Organisation, User
from accounts.organisations import operations, rules
from kernel.refusals import Refusal, Refusals
from portal.organisations import countries
from portal.organisations.forms import IdentityForm, OrganisationForm, TaxpayerForm, said_by
from web import access
from web.acting import SESSION_KEY
from web.pages import show
from web.requests import MemberRequest

FIELD_OF = {
    operations.CreditCodeMissing: "uscc",
    operations.CreditCodeTaken: "uscc",
    operations.ForeignNumberMissing: "foreign_reg_no",
    operations.ForeignNumberTaken: "foreign_reg_no",
    operations.NameMissing: "name_zh",
    operations.TaxpayerTypeAlreadyRecorded: "valid_from",
}
"""Beside which field a refusal is shown; credit codes come as several refusals at once."""


@access.signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Register an organisation and own it."""
    if request.method != "POST":
        return _registration(request, IdentityForm())
    assert isinstance(request.user, User)  # noqa: S101 -- behind `signed_in`
    form = IdentityForm(request.POST)
    if form.is_valid():
        try:
            membership = memberships.register_organisation(by=request.user, now=timezone.now(), **form.cleaned_data)
        except Refusal as refusal:
            tell(form, refusal)
        else:
            request.session[SESSION_KEY] = membership.pk
            said = _("{organisation} is registered. Next: have it verified.")
            messages.success(request, said.format(organisation=membership.organisation.name))
            return HttpResponseRedirect(reverse("portal:verification"))
    return _registration(request, form, status=422)


def _registration(request: HttpRequest, form: IdentityForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "checked": checked(str(form["uscc"].value() or ""))}
    return show(request, "portal/organisations/register.html", context, status=status)


@access.signed_in
@require_safe
def check(request: HttpRequest) -> HttpResponse:
    """Say what is wrong with a credit code so far, while it is typed; the page with the form, to those without htmx."""
    typed = request.GET.get("uscc", "")[:60]
    context = {"form": IdentityForm(initial={"uscc": typed}), "checked": checked(typed, own=own(request))}
    return show(request, "portal/organisations/register.html", context, fragment="check")


def own(request: Any) -> str:
    """Return the credit code of the organisation acted for: it is no stranger's."""
    return (request.member.organisation.uscc or "") if request.member else ""


def checked(typed: str, own: str = "") -> dict[str, Any]:
    """Return what the check shows: each character with whether it may stand there, what is wrong, what is odd."""
    code = rules.normalised(typed)
    problems = rules.check_uscc(typed)
    wrong = {problem.position for problem in problems}
    is_short = len(code) < rules.LENGTH
    refusals = [
        refusal
        for refusal in operations.credit_code_refusals(typed)
        if not (is_short and isinstance(refusal, operations.CreditCodeLength))
    ]
    is_right = not problems
    taken = is_right and code != own and Organisation.objects.filter(uscc=code).exists()
    return {
        "code": code,
        "characters": [(character, place in wrong) for place, character in enumerate(code, start=1)],
        "missing": range(len(code), rules.LENGTH),
        "refusals": [operations.CreditCodeTaken(uscc=code)] if taken else refusals,
        "is_right": is_right and not taken,
        "warning": rules.organisation_code_warning(code) if is_right else None,
    }


@access.member
@require_safe
def organisation(request: MemberRequest) -> HttpResponse:
    """Show the organisation's profile to its members."""
    return _profile(request, TaxpayerForm())


def _profile(request: MemberRequest, form: TaxpayerForm, status: int = 200) -> HttpResponse:
    shown = Organisation.objects.select_related("district").get(pk=request.member.organisation_id)
    context = {
        "organisation": shown,
        "country": countries.name_of(shown.country),
        "warning": rules.organisation_code_warning(shown.uscc or ""),
        "taxpayer_statuses": list(shown.taxpayer_statuses.order_by("-valid_from", "pk")),
        "taxpayer_form": form,
        "tab": "profile",
    }
    return show(request, "portal/organisations/organisation.html", context, status=status)


@access.organisation_owner
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: MemberRequest) -> HttpResponse:
    """Change the organisation's profile."""
    shown = Organisation.objects.select_related("district").get(pk=request.member.organisation_id)
    if request.method != "POST":
        return _editing(request, shown, OrganisationForm(initial=said_by(shown)))
    form = OrganisationForm(request.POST)
    if form.is_valid():
        try:
            edited = operations.edit(organisation=shown, by=request.member.user, now=timezone.now(), **form.changes())
        except Refusal as refusal:
            tell(form, refusal)
        else:
            messages.success(request, _("The profile is saved."))
            if edited.verification != shown.verification:
                messages.warning(request, _("What had been verified has changed: please have it verified again."))
            return HttpResponseRedirect(reverse("portal:organisation"))
    return _editing(request, shown, form, status=422)


def _editing(request: MemberRequest, shown: Organisation, form: OrganisationForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "organisation": shown,
        "checked": checked(str(form["uscc"].value() or ""), own=shown.uscc or ""),
        "tab": "profile",
    }
    return show(request, "portal/organisations/edit.html", context, status=status)


@access.organisation_owner
@require_POST
def taxpayer_type(request: MemberRequest) -> HttpResponse:
    """Record what kind of taxpayer the organisation is from a day on."""
    form = TaxpayerForm(request.POST)
    if form.is_valid():
        try:
            operations.record_taxpayer_type(
                organisation=request.member.organisation,
                by=request.member.user,
                now=timezone.now(),
                **form.cleaned_data,
            )
        except Refusal as refusal:
            tell(form, refusal)
        else:
            messages.success(request, _("The taxpayer type is recorded."))
            return HttpResponseRedirect(reverse("portal:organisation") + "#taxpayer")
    return _profile(request, form, status=422)


def tell(form: forms.Form, refusal: Refusal) -> None:
    """Show a refusal beside the field it speaks of, or above the form."""
    if isinstance(refusal, Refusals):
        for each in refusal.refusals:
            form.add_error("uscc", str(each))
        return
    field = FIELD_OF.get(type(refusal))
    form.add_error(field if field in form.fields else None, str(refusal))
