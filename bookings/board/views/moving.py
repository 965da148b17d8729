"""Moving a booking as the lab: to another time, or to another instrument of the same category."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bookings.board.forms import ExtendForm, MoveForm
from bookings.board.views.one import theirs
from bookings.rentals import operations, rules
from bookings.rentals.models import Rental
from kernel.refusals import Refusal, Refusals
from labs.models import Instrument
from web import access
from web.pages import asks_for_a_part, show
from web.requests import MemberRequest

CHANGED = "board-changed"
"""What a page that shows the board is told when a form in its dialog has changed something."""


@access.lab_manager
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: MemberRequest, number: str) -> HttpResponse:
    """Move a booking, with the reason and the customer's consent; without it the customer is asked."""
    booked = theirs(request, number)
    if booked.status == rules.CHECKED_IN:
        return _extend(request, booked)
    form = MoveForm(
        request.POST or None,
        rental=booked,
        instruments=fitting(booked),
        initial={
            "instrument": request.GET.get("instrument") or booked.instrument.code,
            "start": _asked(request, "start", booked, booked.time.start),
            "end": _asked(request, "end", booked, booked.time.end),
        },
    )

    def act(now: datetime) -> str:
        instrument = form.chosen()
        moved = operations.reschedule_by_lab(
            rental=booked,
            period=form.period(),
            instrument=None if instrument.pk == booked.instrument_id else instrument,
            reason=form.cleaned_data["reason"],
            consent=form.cleaned_data["consent"],
            by=request.member,
            now=now,
        )
        if moved.sequence > booked.sequence:
            return _("Moved. The customer is told, and reads the reason.")
        return _("The customer is asked. The booking stays where it is until the answer.")

    return _answered(request, booked, form, act)


def _extend(request: MemberRequest, booked: Rental) -> HttpResponse:
    """Let a use that is under way go on longer, or end earlier than that by checking out."""
    form = ExtendForm(
        request.POST or None, rental=booked, initial={"end": _asked(request, "end", booked, booked.time.end)}
    )

    def act(now: datetime) -> str:
        operations.extend(rental=booked, until=form.cleaned_data["end"], by=request.member, now=now)
        return _("Extended. The added time is charged with the rest.")

    return _answered(request, booked, form, act)


def _answered(request: MemberRequest, booked: Rental, form: Form, act: Callable[[datetime], str]) -> HttpResponse:
    """Show the form; do what it asks for; say what is against it, each rule with what would help."""
    now = timezone.now()
    state = booked.status_at(now)
    context: dict[str, Any] = {
        "rental": booked,
        "state": state,
        "form": form,
        "may_move": state in (*rules.MOVES["reschedule_by_lab"], *rules.MOVES["extend"]),
        "is_in_use": state == rules.CHECKED_IN,
    }
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            done = act(now)
        except Refusal as refusal:
            context["refused"] = refusal.refusals if isinstance(refusal, Refusals) else [refusal]
            status = refusal.status if refusal.status in (403, 409, 422) else 409
        else:
            messages.success(request, done)
            return changed(request, reverse("board:booking", args=[booked.number]))
    return show(request, "bookings/board/move.html", context, fragment="form", status=status)


def changed(request: MemberRequest, page: str) -> HttpResponse:
    """Answer that something has changed: to a dialog on the board by an event, to a page by leading on."""
    if not asks_for_a_part(request):
        return HttpResponseRedirect(page)
    return HttpResponse(status=204, headers={"HX-Trigger": CHANGED})


def fitting(booked: Rental) -> list[Instrument]:
    """Return the instruments of the same lab organisation and category: those a booking may be moved to."""
    one = booked.instrument
    alike = Instrument.objects.published().filter(
        lab__organisation_id=one.lab.organisation_id, category_id=one.category_id
    )
    others = alike.exclude(pk=one.pk).select_related("lab").order_by("code")[:50]
    return [one, *others]


def _asked(request: MemberRequest, name: str, booked: Rental, otherwise: datetime) -> datetime:
    """Return the moment that the page's address asks for, on the lab's clock."""
    try:
        asked = parse_datetime(request.GET.get(name, ""))
    except ValueError:
        asked = None
    zone = booked.instrument.lab.tz
    return otherwise.astimezone(zone) if asked is None else asked.replace(tzinfo=asked.tzinfo or zone)
