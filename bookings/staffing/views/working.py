"""When operators work, and when they are away: with the bookings that need somebody else, seen first."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from bookings.foresight.forms import CONFIRMED, SeenForm, mark_of
from bookings.staffing import queries
from bookings.staffing.forms import HoursForm, LeaveForm
from bookings.staffing.views.operators import ours
from kernel.periods import Period
from kernel.refusals import Refusal
from labs.models import OperatorLeave
from labs.staff import operations
from labs.staff import queries as staff
from web import access
from web.pages import show
from web.requests import MemberRequest


@access.lab_manager
@require_http_methods(["GET", "HEAD", "POST"])
def hours(request: MemberRequest, pk: int) -> HttpResponse:
    """Change an operator's week."""
    operator = ours(request, pk)
    form = HoursForm(request.POST if request.method == "POST" else None, week=staff.week_of(operator))
    if request.method == "POST" and form.is_valid():
        weekly = form.cleaned_data["weekly"]
        try:
            operations.set_hours(operator=operator, weekly=weekly, by=request.member, now=timezone.now())
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The hours are changed."))
            return HttpResponseRedirect(reverse("people:one", args=[pk]))
    context = {"operator": operator, "form": form}
    return show(request, "bookings/staffing/hours.html", context, status=422 if form.errors else 200)


@access.lab_manager
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: MemberRequest, pk: int) -> HttpResponse:
    """Say when an operator is away; whatever they are assigned to then is shown first."""
    operator, now = ours(request, pk), timezone.now()
    form = LeaveForm(request.POST if request.method == "POST" else None, lab=operator.lab)
    context: dict[str, Any] = {"operator": operator, "form": form, "zone": operator.lab.tz}
    if request.method != "POST" or not form.is_valid() or "back" in request.POST:
        return show(request, "bookings/staffing/leave.html", context, status=422 if form.errors else 200)
    told = form.cleaned_data
    rentals = queries.concerned(operator, Period(told["start"], told["end"]), now)
    seen, mark = SeenForm(request.POST), mark_of(rentals)
    if rentals and not (seen.is_valid() and seen.cleaned_data[CONFIRMED] == mark):
        context |= {"rentals": rentals, "mark": mark, "was_shown": bool(request.POST.get(CONFIRMED))}
        return show(request, "bookings/staffing/leave_over_work.html", context)
    try:
        operations.announce_leave(operator=operator, by=request.member, now=now, **told)
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return show(request, "bookings/staffing/leave.html", context, status=422)
    messages.success(request, _("The leave is entered."))
    if left := [one for one in rentals if _still_theirs(one, pk)]:
        said = ngettext(
            "Nobody else can take over {number} booking: it is among the tasks.",
            "Nobody else can take over {number} bookings: they are among the tasks.",
            len(left),
        )
        messages.warning(request, said.format(number=len(left)))
    return HttpResponseRedirect(reverse("people:one", args=[pk]))


def _still_theirs(rental: Any, operator_id: int) -> bool:
    rental.refresh_from_db(fields=["operator"])
    return bool(rental.operator_id == operator_id)


@access.lab_manager
@require_POST
def take_back(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that an operator is there after all."""
    theirs = OperatorLeave.objects.filter(operator__lab__organisation_id=request.member.organisation_id)
    found = get_object_or_404(theirs.select_related("operator__lab"), pk=pk)
    operator_id = found.operator_id
    try:
        operations.take_back(leave=found, by=request.member, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Taken back."))
    return HttpResponseRedirect(reverse("people:one", args=[operator_id]))
