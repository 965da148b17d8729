"""The lab's desk: who comes today, what waits for it, and all bookings as a list."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bookings.board import queries
from bookings.rentals.filters import RentalFilter
from bookings.rentals.models import Rental
from bookings.tasks import queries as tasks
from labs.expiries import queries as expiries
from labs.expiries.rules import LONG_OVER
from web import access
from web.lists import show_list
from web.pages import show
from web.requests import MemberRequest


@access.lab_staff
@require_safe
def desk(request: MemberRequest) -> HttpResponse:
    """Show who comes today and tomorrow, and what waits for approval."""
    now = timezone.now()
    member = request.member
    zone = member.organisation.tz
    today = now.astimezone(zone).date()
    tomorrow = today + timedelta(days=1)
    context = {
        "now": now,
        "zone": zone,
        "approvals": queries.waiting_for_answer(member, now),
        "tasks": tasks.waiting(member),
        "expiring": expiries.counted(
            expiries.ending(now=now, organisation_id=member.organisation_id, behind=LONG_OVER)
        ),
        "days": [
            {
                "day": day,
                "is_today": day == today,
                "rentals": queries.expected(member, queries.window(day, 1, zone), now),
            }
            for day in (today, tomorrow)
        ],
    }
    return show(request, "bookings/board/desk.html", context)


@access.lab_staff
@require_safe
def listed(request: MemberRequest) -> HttpResponse:
    """List the bookings on the lab's instruments, filtered as the query says; as a page or as a file."""
    now = timezone.now()
    found = RentalFilter(request.GET, queryset=queries.ours(request.member, now).order_by("-period", "-pk"))
    return show_list(
        request,
        "bookings/board/list.html",
        found,
        file=_("bookings"),
        columns=columns(),
        row=row,
        context={"now": now},
    )


def columns() -> list[str]:
    """Return the headings of the exported list."""
    return [
        _("Number"), _("State"), _("Instrument"), _("Code"), _("Start"), _("End"), _("Time zone"), _("Customer"),
        _("Booked by"), _("Mode"), _("Purpose"), _("Price (¥)"),
    ]  # fmt: skip


def row(rental: Any) -> list[Any]:
    """Return a booking as a line of the exported list, in the lab's time."""
    lab = rental.instrument.lab
    return [
        rental.number,
        str(Rental.Status(rental.state).label),
        rental.instrument.name,
        rental.instrument.code,
        rental.time.start.astimezone(lab.tz),
        rental.time.end.astimezone(lab.tz),
        lab.timezone,
        rental.organisation.name,
        rental.placed_by.name or rental.placed_by.email,
        str(rental.get_mode_display()),
        rental.purpose,
        rental.total_fen / 100,
    ]
