"""What an instrument offers a person for a time they look at: price lines, or why not and what instead."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_date

from accounts.models import Membership
from billing.pricing.wording import LineTold, basis_told, discount_told, lines_told
from bookings.availability import queries as availability
from bookings.availability import rules
from bookings.availability.rules import Facts, Wish
from bookings.discovery.wishes import YEARS
from kernel.money import Money
from kernel.periods import Period
from kernel.refusals import Refusal
from labs.hours.rules import midnight
from labs.models import Instrument

AN_HOUR = 60

FARTHEST = timedelta(days=120)
"""How far the next time that fits is looked for; most policies end earlier."""


@dataclass(frozen=True, slots=True)
class Start:
    """A free start on the day looked at: its instant, and the lab's clock as the form takes it."""

    at: datetime
    clock: str


@dataclass(frozen=True, slots=True)
class Offer:
    """
    The answer to a wish: a price in words when it may be booked, else the refusals and what to do instead.

    `basis` says which time is counted, where that is not simply what was booked.
    """

    wish: Wish
    lines: tuple[LineTold, ...]
    total: Money
    saved: Money
    discount: str
    basis: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    instead: availability.Alternatives | None = None

    @property
    def is_bookable(self) -> bool:
        """Whether a hold placed now would succeed."""
        return not self.refusals


def terms_for(
    instrument: Instrument,
    query: Mapping[str, Any],
    *,
    member: Membership | None,
    now: datetime,
    used_by: int | None = None,
) -> availability.Terms | None:
    """
    Return the terms of an instrument around the day a query looks at, or the next fortnight where it names none.

    `used_by` is the person who will operate it, where that is not the member. None where it has no price list or
    policy: it cannot be booked.
    """
    day = day_of(query)
    zone = instrument.lab.tz
    if day is None:
        within = Period(now, now + availability.LOOK_AHEAD)
    else:
        minutes = str(query.get("minutes", ""))
        longer = min(int(minutes), 366 * 24 * 60) if minutes.isdecimal() and len(minutes) < 9 else 0
        within = Period(midnight(day, zone), midnight(day + timedelta(days=1), zone) + timedelta(minutes=longer))
    found = availability.terms([instrument.pk], within=within, member=member, now=now, used_by=used_by)
    return found.get(instrument.pk)


def day_of(query: Mapping[str, Any]) -> date | None:
    """Return the day a query names, when it is one that calendars show."""
    try:
        day = parse_date(str(query.get("date") or ""))
    except ValueError:
        return None
    return day if day and day.year in YEARS else None


def days_of(facts: Facts, now: datetime) -> tuple[date, date]:
    """Return the first and the last local day on which a booking may start."""
    first, latest = facts.earliest(now), facts.latest(now)
    return first.astimezone(facts.zone).date(), (latest - timedelta(minutes=1)).astimezone(facts.zone).date()


def usual_minutes(facts: Facts) -> int:
    """Return the length that is looked at first: an hour, or the nearest that is allowed."""
    policy = facts.policy
    whole = -(-max(policy.min_minutes, AN_HOUR) // policy.slot_grid_min) * policy.slot_grid_min
    return min(whole, policy.max_minutes)


def usual_mode(facts: Facts) -> str:
    """Return the mode looked at first: on one's own where one may, else with the lab's operator."""
    alone = rules.SELF in facts.modes and (not facts.needs_qualification or facts.qualified_until is not None)
    return rules.SELF if alone or rules.ASSISTED not in facts.modes else rules.ASSISTED


def first_look(found: availability.Terms, now: datetime) -> dict[str, Any]:
    """Return what the form shows before anything is chosen: the next free day, the usual length and mode."""
    minutes, mode = usual_minutes(found.facts), usual_mode(found.facts)
    within = Period(now, now + availability.LOOK_AHEAD)
    free = rules.starts(found.facts, within=within, minutes=minutes, mode=mode, now=now)
    start = next(free, found.facts.earliest(now))
    return {"date": start.astimezone(found.facts.zone).date(), "minutes": minutes, "mode": mode, "units": 1}


def starts_on(
    found: availability.Terms, day: date, *, minutes: int, mode: str, now: datetime, **details: Any
) -> list[Start]:
    """Return the free starts of a local day for a length, a mode, and the details of a wish (BK-25)."""
    zone = found.facts.zone
    within = Period(midnight(day, zone), midnight(day + timedelta(days=1), zone))
    free = rules.starts(found.facts, within=within, minutes=minutes, mode=mode, now=now, **details)
    return [Start(at, f"{at.astimezone(zone):%H:%M}") for at in free]


def next_fit(
    instruments: Iterable[Instrument],
    *,
    member: Membership | None,
    now: datetime,
    since: datetime,
    minutes: int,
    mode: str,
    used_by: int | None = None,
    **details: Any,
) -> availability.Fit | None:
    """Return the first start from an instant on that can be booked on any of the instruments, and on which of them."""
    within = Period(max(since, now), max(since, now) + FARTHEST)
    asks = member
    if member is not None and used_by not in (None, member.user_id):
        asks = Membership(organisation_id=member.organisation_id, user_id=used_by)  # whose qualification counts
    ids = [instrument.pk for instrument in instruments]
    found = availability.next_fit(ids, within=within, minutes=minutes, mode=mode, member=asks, now=now, **details)
    return next(iter(found), None)


def offer(
    instrument: Instrument, found: availability.Terms, wish: Wish, *, member: Membership | None, now: datetime
) -> Offer:
    """Return what a wish costs, or why it is refused and what to do instead; asks the same rules as a hold."""
    refusals = tuple(rules.refusals(found.facts, wish, now))
    return priced(
        found,
        wish,
        refusals=refusals,
        instead=availability.alternatives(instrument, wish=wish, member=member, now=now) if refusals else None,
    )


def priced(
    found: availability.Terms,
    wish: Wish,
    *,
    refusals: tuple[Refusal, ...] = (),
    instead: availability.Alternatives | None = None,
) -> Offer:
    """Return the offer of a wish whose refusals are known."""
    price = found.price(wish)
    return Offer(
        wish=wish,
        lines=tuple(lines_told(price.lines)),
        total=price.total,
        saved=price.saved,
        discount=discount_told(price.discount),
        basis=tuple(basis_told(price.priced_from)),
        refusals=refusals,
        instead=instead,
    )


def local_fields(at: datetime, zone: ZoneInfo) -> dict[str, str]:
    """Return an instant as the form's fields take it: the lab's day and clock."""
    local = at.astimezone(UTC).astimezone(zone)
    return {"date": f"{local:%Y-%m-%d}", "start": f"{local:%H:%M}"}
