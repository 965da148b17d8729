"""An organisation's rentals as a calendar shows them: stretches of local days, each rental on one clock."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accounts.models import Membership
from bookings.rentals import queries, rules
from bookings.rentals.models import Rental
from kernel.periods import Period
from labs.hours.rules import midnight

SHOWN = (*rules.BLOCKING, rules.CHECKED_OUT, rules.SETTLED, rules.NO_SHOW)
"""States that take or took time; what lapsed, was declined or called off is left out."""

DAY, WEEK, MONTH = "day", "week", "month"
LENGTHS = {DAY: 1, WEEK: 7, MONTH: 42}
"""How many days each view asks for; a month is drawn in whole weeks."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a calendar shows at once: its view, the day it is about, and the days [first, end) it draws."""

    view: str
    about: date
    first: date
    end: date

    @property
    def last(self) -> date:
        """The last day it draws."""
        return self.end - timedelta(days=1)

    @property
    def earlier(self) -> date:
        """The day that the page before is about."""
        if self.view == MONTH:
            return (self.about.replace(day=1) - timedelta(days=1)).replace(day=1)
        return self.about - timedelta(days=LENGTHS[self.view])

    @property
    def later(self) -> date:
        """The day that the next page is about."""
        if self.view == MONTH:
            return (self.about.replace(day=28) + timedelta(days=4)).replace(day=1)
        return self.about + timedelta(days=LENGTHS[self.view])

    def within(self, zone: ZoneInfo) -> Period:
        """Its days as a period."""
        return Period(midnight(self.first, zone), midnight(self.end, zone))


def stretch(view: str, about: date) -> Stretch:
    """Return the stretch of a view about a day: the day, its week from Monday on, or the whole weeks of its month."""
    view = view if view in LENGTHS else WEEK
    first = about.replace(day=1) if view == MONTH else about
    if view != DAY:
        first -= timedelta(days=first.weekday())
    return Stretch(view, about, first, first + timedelta(days=LENGTHS[view]))


def between(member: Membership, within: Period, now: datetime) -> list[Any]:
    """Return the organisation's rentals inside a window, in order of time; one statement."""
    mine = queries.as_of(Rental.objects.visible_to(member).with_places().select_related("policy"), now)
    return list(mine.filter(state__in=SHOWN, period__overlap=within.as_range()).order_by("period", "pk"))


def events(member: Membership, within: Period, zone: ZoneInfo, now: datetime) -> list[dict[str, Any]]:
    """Return the rentals as the calendar draws them: on the clock of a zone, without saying the zone."""
    return [_drawn(rental, member, zone, now) for rental in between(member, within, now)]


def _drawn(rental: Any, member: Membership, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    start, end = rental.time.start.astimezone(zone), rental.time.end.astimezone(zone)
    flagged = _flag(rental)
    state = str(Rental.Status(rental.state).label)
    return {
        "id": rental.number,
        "start": f"{start:%Y-%m-%dT%H:%M:%S}",
        "end": f"{end:%Y-%m-%dT%H:%M:%S}",
        "title": rental.instrument.name,
        "lab": rental.instrument.lab.name,
        "state": rental.state,
        "said": f"{state} · {flagged}" if flagged else state,
        "flagged": bool(flagged),
        "movable": member.may_book and "reschedule" in queries.what_may_be_done(rental, member, now),
    }


def _flag(rental: Any) -> str:
    if rental.needs_rebooking_since is not None:
        return _("needs another time")
    return _("at risk") if rental.at_risk_since is not None else ""
