"""The desk's day as pages: the list, the door that a QR code opens, check-in, check-out and what happens in between."""

import uuid as uuids
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings.discovery.queries import day_of
from bookings.rentals import operations, rules
from bookings.rentals.forms import UntilForm
from bookings.rentals.models import Rental
from bookings.rentals.queries import interruption, out_from, what_may_be_done
from bookings.rentals.views.answering import shown_as
from bookings.use import forms, queries
from kernel.periods import Period
from kernel.refusals import Refusal
from labs.desk.forms.editing import with_a_row_more
from labs.hours.queries import outages_over
from labs.models import Lab
from web import access
from web.pages import show
from web.requests import MemberRequest

OK = 200

# --- The list ----------------------------------------------------------------------------------------------------


@access.lab_staff
@require_safe
def today(request: MemberRequest) -> HttpResponse:
    """Show a day of the desk (today, where the query names none), and below it the next."""
    now = timezone.now()
    member = request.member
    zone = member.organisation.tz
    this_day = now.astimezone(zone).date()
    day = day_of({"date": request.GET.get("day")}) or this_day
    labs = list(Lab.objects.filter(organisation_id=member.organisation_id).order_by("code"))
    lab = next((each for each in labs if each.code == request.GET.get("lab")), None)
    after = day + timedelta(days=1)
    context = {
        "now": now,
        "zone": zone,
        "labs": labs,
        "lab": lab,
        "this_day": this_day,
        "day": queries.day_of(member, day, zone, now, lab=lab),
        "after": queries.day_of(member, after, zone, now, lab=lab),
        "before": day - timedelta(days=1),
    }
    return show(request, "bookings/use/today.html", context)


# --- The door ----------------------------------------------------------------------------------------------------


@access.member
@require_safe
def door(request: MemberRequest, uuid: uuids.UUID) -> HttpResponse:
    """Show what a check-in code means: to the lab the booking and the button, to the customer how to proceed."""
    now = timezone.now()
    member = request.member
    if member.may_operate_lab:
        booked = queries.ours(member, now).filter(uuid=uuid).first()
        if booked is not None:
            return show_visit(request, booked, now)
    mine = Rental.objects.visible_to(member).with_places().select_related("used_by", "instrument__room", "policy")
    rental = get_object_or_404(mine, uuid=uuid)
    context = {"rental": rental, "state": rental.status_at(now), "now": now, "papers": queries.papers_of(rental)}
    return show(request, "bookings/use/arriving.html", context)


def theirs(request: MemberRequest, number: str, now: datetime) -> Any:
    """Return the rental of that number on the lab's instruments, or answer 404."""
    booked = queries.ours(request.member, now).filter(number=number).first()
    if booked is None:
        raise Http404
    return booked


def show_visit(
    request: MemberRequest,
    booked: Any,
    now: datetime,
    *,
    refused: Refusal | None = None,
    check_in: forms.CheckInForm | None = None,
    extension: UntilForm | None = None,
    objection: forms.ObjectionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show a booking as the desk needs it: who comes, their papers, and what may be done now."""
    zone = booked.instrument.lab.tz
    step = timedelta(minutes=booked.policy.slot_grid_min)
    context = {
        "rental": booked,
        "now": now,
        "zone": zone,
        "papers": queries.papers_of(booked),
        "may": what_may_be_done(booked, request.member, now),
        "out_from": out_from(booked, now),
        "interruption": interruption(booked) if booked.interrupted_at else None,
        "refused": refused,
        "check_in": check_in or forms.CheckInForm(),
        "extension": extension or UntilForm(zone=zone, initial={"until": booked.time.end + step}),
        "objection": objection or forms.ObjectionForm(),
    }
    return show(request, "bookings/use/visit.html", context, status=shown_as(refused) if refused else status)


def led_to_today() -> HttpResponse:
    """Lead back to the list."""
    return HttpResponseRedirect(reverse("use:today"))


# --- The steps ---------------------------------------------------------------------------------------------------


@access.lab_staff
@require_POST
def check_in(request: MemberRequest, number: str) -> HttpResponse:
    """Let somebody in."""
    now = timezone.now()
    booked = theirs(request, number, now)
    form = forms.CheckInForm(request.POST)
    if not form.is_valid():
        return show_visit(request, booked, now, check_in=form, status=422)
    counter = form.cleaned_data["counter"]
    return step(
        request,
        booked,
        now,
        lambda: operations.check_in(rental=booked, by=request.member, now=now, counter=counter),
        done=_("Checked in: {instrument}, {customer}."),
    )


@access.lab_staff
@require_POST
def extend(request: MemberRequest, number: str) -> HttpResponse:
    """Let a use go on longer than it was booked."""
    now = timezone.now()
    booked = theirs(request, number, now)
    form = UntilForm(request.POST, zone=booked.instrument.lab.tz)
    if not form.is_valid():
        return show_visit(request, booked, now, extension=form, status=422)
    until = form.cleaned_data["until"]
    return step(
        request,
        booked,
        now,
        lambda: operations.extend(rental=booked, until=until, by=request.member, now=now),
        done=_("Extended: {instrument}, {customer}."),
    )


@access.lab_staff
@require_POST
def resume(request: MemberRequest, number: str) -> HttpResponse:
    """Go on after a breakdown."""
    now = timezone.now()
    booked = theirs(request, number, now)
    return step(
        request,
        booked,
        now,
        lambda: operations.resume(rental=booked, by=request.member, now=now),
        done=_("It goes on: {instrument}, {customer}."),
    )


@access.lab_manager
@require_POST
def object_to_unusable(request: MemberRequest, number: str) -> HttpResponse:
    """Object to a customer's word that an interrupted run was of no use."""
    now = timezone.now()
    booked = theirs(request, number, now)
    form = forms.ObjectionForm(request.POST)
    if not form.is_valid():
        return show_visit(request, booked, now, objection=form, status=422)
    reason = form.cleaned_data["reason"]
    return step(
        request,
        booked,
        now,
        lambda: operations.object_to_unusable(rental=booked, reason=reason, by=request.member, now=now),
        done=_("Your objection is on record: {instrument}, {customer}."),
    )


def step(request: MemberRequest, booked: Any, now: datetime, do: Callable[[], Rental], *, done: str) -> HttpResponse:
    """Do a step and lead back to the list; a refusal is shown with the booking."""
    try:
        do()
    except Refusal as refusal:
        return show_visit(request, theirs(request, booked.number, now), now, refused=refusal)
    messages.success(request, done.format(instrument=booked.instrument.name, customer=booked.organisation.name))
    return led_to_today()


@access.lab_staff
@require_http_methods(["GET", "HEAD", "POST"])
def interrupt(request: MemberRequest, number: str) -> HttpResponse:
    """Ask what broke and until when; interrupt the use, and close the instrument until then."""
    now = timezone.now()
    booked = theirs(request, number, now)
    zone = booked.instrument.lab.tz
    refused: Refusal | None = None
    data = request.POST if request.method == "POST" else None
    form = forms.FaultForm(data, zone=zone, now=now, initial=_fault_known(booked, now))
    if request.method == "POST" and form.is_valid():
        try:
            operations.interrupt(
                rental=booked,
                fault=form.cleaned_data["fault"],
                expected_back_at=form.cleaned_data["expected_back_at"],
                by=request.member,
                now=now,
            )
        except Refusal as refusal:
            refused = refusal
        else:
            messages.success(request, _("Interrupted. The customer is told and chooses what becomes of the rest."))
            return led_to_today()
    context = {"rental": booked, "now": now, "form": form, "refused": refused}
    status = 200 if request.method != "POST" else shown_as(refused) if refused else 422
    return show(request, "bookings/use/fault.html", context, status=status)


def _fault_known(booked: Any, now: datetime) -> dict[str, Any]:
    """Return what an outage that was announced over a use says of its end, to be written down or changed."""
    if out_from(booked, now) is None:
        return {}
    outage = outages_over(booked.instrument, Period(now, max(booked.time.end, now + timedelta(minutes=1)))).first()
    if outage is None:
        return {}
    back = outage.stretch.end.astimezone(booked.instrument.lab.tz)
    return {"fault": outage.reason or str(outage.get_kind_display()), "expected_back_at": back}


# --- Check-out ---------------------------------------------------------------------------------------------------


@access.lab_staff
@require_http_methods(["GET", "HEAD", "POST"])
def check_out(request: MemberRequest, number: str) -> HttpResponse:
    """Ask for the usage record; end the use with it."""
    now = timezone.now()
    booked = theirs(request, number, now)
    if request.method != "POST":
        return show_usage(request, booked, now, None)
    if another := request.POST.get("another"):
        prefix = another if another in (forms.CONSUMABLES, forms.DATA_FILES) else forms.DATA_FILES
        return show_usage(request, booked, now, with_a_row_more(request.POST, prefix, forms.MOST_ROWS))
    form, consumables, files = usage_forms(booked, request.POST)
    if not (form.is_valid() and consumables.is_valid() and files.is_valid()):
        return show_usage(request, booked, now, request.POST, status=422)
    given = operations.UsageGiven(
        **form.cleaned_data,
        consumables=[row.cleaned() for row in consumables.kept()],
        data_files=[row.cleaned() for row in files.kept()],
    )
    try:
        operations.check_out(rental=booked, usage=given, by=request.member, now=now)
    except Refusal as refusal:
        return show_usage(request, theirs(request, number, now), now, request.POST, refused=refusal)
    messages.success(
        request,
        _("Checked out: {instrument}, {customer}.").format(
            instrument=booked.instrument.name, customer=booked.organisation.name
        ),
    )
    return led_to_today()


def usage_forms(booked: Any, data: Any) -> tuple[forms.UsageForm, Any, Any]:
    """Return the usage record's form and its rows, of what was sent or empty."""
    usage = getattr(booked, "usage", None)
    return (
        forms.UsageForm(data, counter_start=usage.counter_start if usage else None, zone=booked.instrument.lab.tz),
        forms.Consumables(data, prefix=forms.CONSUMABLES),
        forms.DataFiles(data, prefix=forms.DATA_FILES),
    )


def show_usage(
    request: MemberRequest, booked: Any, now: datetime, data: Any, *, refused: Refusal | None = None, status: int = 200
) -> HttpResponse:
    """Show the usage record as it is being written."""
    form, consumables, files = usage_forms(booked, data)
    if status == OK and refused is None:  # nothing was sent to be kept yet
        for each in (form, *consumables, *files):
            each.errors.clear()
    context = {
        "rental": booked,
        "now": now,
        "form": form,
        "consumables": consumables,
        "files": files,
        "may_check_out": booked.state in rules.MOVES["check_out"],
        "over": max(0, int((now - booked.time.end).total_seconds() // 60)),
        "refused": refused,
    }
    status = shown_as(refused) if refused else status
    return show(request, "bookings/use/check_out.html", context, fragment="writing", status=status)
