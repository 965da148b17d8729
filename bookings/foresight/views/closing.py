"""
A lab closes time: what is booked there is shown first, and nothing is done until the person has seen it.

No booking is cancelled: those whose place is taken, by an outage or by other hours, are marked (BK-8), and the lab
offers their customers other times.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from bookings.foresight.forms import CONFIRMED, SeenForm, mark_of
from bookings.foresight.queries import closing
from bookings.rentals.models import Rental
from kernel.refusals import Refusal
from labs.hours import forms, operations
from labs.hours import queries as hours
from labs.hours.views import instruments_of, month_link, our_lab
from labs.models import Lab
from web import access
from web.acting import FIELD
from web.pages import asks_for_a_part, show
from web.requests import MemberRequest

CHANGED = "board-changed"
"""What a page that shows the board is told when a form in its dialog has changed something."""
UNSENT = frozenset({"csrfmiddlewaretoken", FIELD, CONFIRMED})


@dataclass(frozen=True, slots=True)
class Change:
    """A change that closes time: whose bookings it concerns, how it is made, and how it is said."""

    concerned: Callable[[], list[Rental]]
    make: Callable[[], Any]
    done: str
    back: str
    fields: dict[str, str]
    """Which field of the form a refusal speaks of, by the refusal's code."""


@access.lab_manager
@require_http_methods(["GET", "HEAD", "POST"])
def week(request: MemberRequest, code: str) -> HttpResponse:
    """Change a lab's week."""
    lab = our_lab(request, code)
    current = hours.week_of(lab)
    first = {"makeup_policy": lab.makeup_policy, "seen": hours.week_seen(current)}
    now = timezone.now()
    form = forms.WeekForm(request.POST or None, week=current, initial=first)

    def change() -> Change:
        told = form.cleaned_data
        opened = hours.open_by_week(lab, weekly=told["weekly"], makeup_policy=told["makeup_policy"], now=now)
        return Change(
            concerned=lambda: closing.newly_without_place(opened, now, opened=opened),
            make=lambda: operations.set_opening_hours(
                lab=lab,
                weekly=told["weekly"],
                makeup_policy=told["makeup_policy"],
                seen=told["seen"],
                by=request.member,
                now=now,
            ),
            done=_("The week is changed."),
            back=reverse("hours_desk:lab", args=[lab.code]),
            fields={},
        )

    return answered(request, lab, form, change, now, template="bookings/foresight/week.html")


@access.lab_manager
@require_http_methods(["GET", "HEAD", "POST"])
def exception(request: MemberRequest, code: str) -> HttpResponse:
    """Set other hours on one date, for a lab or one of its instruments."""
    lab = our_lab(request, code)
    now = timezone.now()
    today = now.astimezone(lab.tz).date()
    first = {"date": request.GET.get("date", ""), "whose": request.GET.get("whose", "")}
    form = forms.ExceptionForm(
        request.POST or None, lab=lab, instruments=instruments_of(lab), today=today, initial=first
    )

    def change() -> Change:
        told = form.cleaned_data
        opened = hours.open_by_exception(form.of(), day=told["date"], windows=told["windows"], now=now)
        return Change(
            concerned=lambda: closing.newly_without_place(opened, now, opened=opened),
            make=lambda: operations.add_date_exception(
                of=form.of(),
                date=told["date"],
                windows=told["windows"],
                reason_zh=told["reason_zh"],
                reason_en=told["reason_en"],
                by=request.member,
                now=now,
            ),
            done=_("Other hours hold on {day}.").format(day=f"{told['date']:%Y-%m-%d}"),
            back=month_link(lab, told["date"]),
            fields={"date_exception_exists": "date"},
        )

    return answered(request, lab, form, change, now, template="bookings/foresight/exception.html")


def answered(
    request: MemberRequest,
    lab: Lab,
    form: Form,
    change: Callable[[], Change],
    now: datetime,
    *,
    template: str,
    fragment: str | None = None,
    **more: Any,
) -> HttpResponse:
    """Show the form; then what is booked in the time it closes; then close it. `fragment`: what a dialog is shown."""
    context: dict[str, Any] = {"lab": lab, "zone": lab.tz, "form": form, **more}
    if request.method != "POST":
        return show(request, template, context, fragment=fragment)
    if not form.is_valid() or "back" in request.POST:
        return show(request, template, context, fragment=fragment, status=422 if form.errors else 200)
    asked = change()
    seen = SeenForm(request.POST)
    rentals = asked.concerned()
    mark = mark_of(rentals)
    if rentals and not (seen.is_valid() and seen.cleaned_data[CONFIRMED] == mark):
        context |= {
            "rentals": rentals,
            "mark": mark,
            "sent": _sent(request),
            "was_shown": bool(request.POST.get(CONFIRMED)),
            "here": request.get_full_path(),
        }
        return show(request, "bookings/foresight/confirm.html", context, fragment=fragment)
    try:
        asked.make()
    except Refusal as refusal:
        if isinstance(refusal, operations.HoursSetMeanwhile):
            form.data = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict
            form.data["seen"] = hours.week_seen(hours.week_of(lab))  # type: ignore[index]  # likewise
        form.add_error(asked.fields.get(refusal.code), str(refusal))
        return show(request, template, context, fragment=fragment, status=422)
    messages.success(request, asked.done)
    if rentals:
        messages.warning(request, _left(len(rentals)))
    return _done(request, asked)


def _left(number: int) -> str:
    said = ngettext(
        "{number} booking needs another time now. Offer its customer one among the conflicts.",
        "{number} bookings need another time now. Offer their customers one among the conflicts.",
        number,
    )
    return said.format(number=number)


def _done(request: MemberRequest, asked: Change) -> HttpResponse:
    """Lead on: a page to where it came from, a dialog on the board to the board as it is now."""
    if asks_for_a_part(request):
        return HttpResponse(status=204, headers={"HX-Trigger": CHANGED})
    return HttpResponseRedirect(asked.back)


def _sent(request: MemberRequest) -> list[tuple[str, str]]:
    """Return what the form sent, to be sent once more with the confirmation."""
    return [(name, value) for name, values in request.POST.lists() if name not in UNSENT for value in values]
