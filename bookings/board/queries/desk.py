"""What a lab sees of the bookings on its own instruments: a day of them, and what waits for it."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.dateparse import parse_date

from accounts.models import Membership
from bookings.rentals import rules
from bookings.rentals.models import Rental
from bookings.rentals.queries import as_of
from bookings.schedule.models import Occupancy
from kernel.periods import Period
from labs.hours.rules import midnight

ON_THE_BOARD = (*rules.BLOCKING, rules.CHECKED_OUT, rules.SETTLED, rules.NO_SHOW)
"""States that take or took time on an instrument."""
LONGEST_LOOK = 31
"""How many days the board shows at most."""


def ours(member: Membership, now: datetime) -> QuerySet[Any]:
    """Return the rentals on the lab's own instruments, with who booked them, and their state at an instant."""
    return as_of(Rental.objects.operated_by(member).with_places(), now)


def window(first: date, days: int, zone: ZoneInfo) -> Period:
    """Return whole local days as a period."""
    return Period(midnight(first, zone), midnight(first + timedelta(days=days), zone))


def asked_window(query: Any, today: date) -> tuple[date, int]:
    """Return the first day and the number of days that a query asks for: this week, where it asks for nothing."""
    try:
        asked = parse_date(query.get("from") or "")
    except ValueError:
        asked = None
    days = str(query.get("days", ""))
    number = min(int(days), LONGEST_LOOK) if days.isdecimal() and 0 < len(days) < 4 else 7
    number = max(number, 1)
    if asked is None or not 2000 < asked.year < 2200:
        asked = today if number == 1 else today - timedelta(days=today.weekday())
    return asked, number


def expected(member: Membership, within: Period, now: datetime) -> list[Rental]:
    """Return who comes inside a window, in the order of their coming; what lapsed or was called off is left out."""
    taken = Occupancy.objects.within(within).filter(
        holder_kind=Occupancy.Holder.RENTAL, resource__instrument__lab__organisation_id=member.organisation_id
    )
    coming = ours(member, now).filter(
        pk__in=taken.values("holder_id"), state__in=ON_THE_BOARD, period__overlap=within.as_range()
    )
    return list(coming.order_by("period", "instrument__code", "pk"))
