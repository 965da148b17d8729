"""Who may run instruments themselves (上机资格): issued after training, extended, withdrawn."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bookings.staffing import queries
from bookings.staffing.forms import QualifyUserForm, UserQualificationFilter, instruments_of
from kernel.refusals import Refusal
from labs.models import UserQualification
from labs.staff import operations
from labs.staff import queries as staff
from web import access, lists
from web.requests import MemberRequest

ASKED = ("email", "instrument", "level", "valid_to")


@access.lab_staff
@require_safe
def listed(request: MemberRequest) -> HttpResponse:
    """List who is qualified, who has been trained since, and the form to issue or extend; as a page or as a file."""
    return show_list(request)


def show_list(request: MemberRequest, form: QualifyUserForm | None = None) -> HttpResponse:
    """Answer with the list, and with a form that was refused on it."""
    now = timezone.now()
    today = now.astimezone(request.member.organisation.tz).date()
    found = UserQualificationFilter(request.GET, queryset=staff.user_qualifications(request.member))
    first = {name: request.GET[name] for name in ASKED if name in request.GET}
    if form is None:
        form = QualifyUserForm(instruments=instruments_of(request.member), today=today, initial=first)
    response = lists.show_list(
        request,
        "bookings/staffing/users.html",
        found,
        file=_("user qualifications"),
        columns=[
            _("Name"), _("E-mail address"), _("Instrument"), _("Code"), _("Level"), _("Issued on"), _("Valid to"),
            _("Issued by"),
        ],
        row=_row,
        context={"form": form, "today": today, "trained": queries.trained(request.member, now), "tab": "users"},
    )  # fmt: skip
    if form.errors:
        response.status_code = 422
    return response


def _row(one: Any) -> list[Any]:
    instrument = one.instrument
    level = str(one.get_level_display())
    named = [one.user.name, one.user.email, instrument.name, instrument.code]
    return [*named, level, one.issued_on, one.valid_to, one.issued_by_zh]


@access.lab_manager
@require_POST
def qualify(request: MemberRequest) -> HttpResponse:
    """Let a person run an instrument themself, or longer than before."""
    now = timezone.now()
    today = now.astimezone(request.member.organisation.tz).date()
    form = QualifyUserForm(request.POST, instruments=instruments_of(request.member), today=today)
    if form.is_valid() and form.user is not None:
        told = {name: form.cleaned_data[name] for name in ("instrument", "level", "valid_to")}
        try:
            operations.qualify_user(user=form.user, by=request.member, now=now, **told)
        except Refusal as refusal:
            form.add_error("valid_to" if refusal.code == "qualification_over" else None, str(refusal))
        else:
            messages.success(request, _("{email} may run it now.").format(email=form.cleaned_data["email"]))
            return HttpResponseRedirect(reverse("people:users"))
    return show_list(request, form)


@access.lab_manager
@require_POST
def withdraw(request: MemberRequest, pk: int) -> HttpResponse:
    """Let a person run an instrument themself no more."""
    theirs = UserQualification.objects.filter(instrument__lab__organisation_id=request.member.organisation_id)
    found = get_object_or_404(theirs.select_related("instrument__lab"), pk=pk)
    try:
        operations.withdraw_from_user(qualification=found, by=request.member, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Withdrawn."))
    return HttpResponseRedirect(reverse("people:users"))
