"""
What a series would be, date by date, before anybody agrees to it: prices, or all that stands against a date.

The rules are those of a single booking. They are asked of each date in order, as things would stand once the dates
before it were booked: quotas, reserves, capacity and operators that the series itself takes are taken.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accounts.models import Membership
from billing.pricing.rules import Price
from bookings.availability import consents
from bookings.availability import queries as availability
from bookings.availability.rules import Facts, InstrumentUnavailable, Wish, refusals, taking
from bookings.rentals import operations as rentals
from bookings.series.rules import Plan, TimeSkipped, TimeTwice, shares_setup
from kernel.money import Money
from kernel.periods import Period
from kernel.refusals import Refusal
from labs.catalogue.consents import Consent
from labs.models import Instrument

QUOTA = "QUOTA_EXCEEDED"


@dataclass(frozen=True, slots=True)
class Judged:
    """
    One date: its time and price, or every rule that fails; no time where the lab's clock does not show it once.

    It is priced without set-up where the date before it leaves the instrument set up (BL-5). `facts` are those it was
    judged by: as they are once the dates before it are booked.
    """

    on: date
    period: Period | None
    price: Price | None
    refusals: tuple[Refusal, ...]
    with_setup: bool = True
    facts: Facts | None = None

    @property
    def verdict(self) -> str:
        """The price in fen, or the codes of the failing rules: what a person agrees to."""
        if self.price is not None:
            return str(self.price.total.fen)
        return "+".join(refusal.code for refusal in self.refusals)

    @property
    def reasons(self) -> list[tuple[str, str, str]]:
        """Each failing rule: its code, what it says, and what would make it pass."""
        return [(one.code, str(one), remedy_of(one)) for one in self.refusals]


def remedy_of(refusal: Refusal) -> str:
    """Return what would make a refusal pass; of a quota, also that every date of a series counts (BK-12)."""
    if refusal.code != QUOTA:
        return refusal.remedy
    return " ".join(each for each in (refusal.remedy, _("Every date of a series counts as a booking.")) if each)


@dataclass(frozen=True, slots=True)
class Preview:
    """
    All dates of a plan, judged; `shown` is what was shown, to be sent back with the agreement to it.

    `terms` are what the instrument offers, None where nothing can be booked there.
    """

    instrument: Instrument
    plan: Plan
    dates: tuple[Judged, ...]
    consents: tuple[Consent, ...]
    requires_approval: bool
    terms: availability.Terms | None = None

    @property
    def bookable(self) -> tuple[Judged, ...]:
        """The dates that would be booked."""
        return tuple(one for one in self.dates if one.price is not None)

    @property
    def refused(self) -> tuple[Judged, ...]:
        """The dates that cannot be booked."""
        return tuple(one for one in self.dates if one.price is None)

    @property
    def lacks_resources(self) -> bool:
        """Whether something that would be taken is not in the schedule yet."""
        return self.terms is not None and self.terms.facts.lacks_resources

    @property
    def total(self) -> Money:
        """What all bookable dates cost together."""
        return Money(sum(one.price.total.fen for one in self.dates if one.price is not None))

    @property
    def shown(self) -> str:
        """The verdicts by date: 2026-11-24=60000;2026-12-01=CLOSED_DAY."""
        return ";".join(f"{one.on.isoformat()}={one.verdict}" for one in self.dates)

    def changed_since(self, shown: str) -> list[str]:
        """Return the dates whose verdict is another than was shown, those that came or went too."""
        before = dict(each.split("=", 1) for each in shown.split(";") if "=" in each)
        after = {one.on.isoformat(): one.verdict for one in self.dates}
        return sorted(on for on in before.keys() | after.keys() if before.get(on) != after.get(on))


def preview(
    *,
    instrument: Instrument,
    plan: Plan,
    member: Membership,
    now: datetime,
    holds: bool = False,
    used_by: int | None = None,
    only: Iterable[date] | None = None,
    before: Period | None = None,
) -> Preview:
    """
    Judge every date of a plan for a member, in one statement however many there are.

    `holds`: they are only held, not confirmed, so that each counts as a hold too (BK-12); else those that the lab
    approves first are refused where it could not answer in time. `used_by` is who will operate it, where that is not
    the member. `only` these dates, where a series goes on; `before` is then the time of the date before them.

    Raises:
        RuleWrong: the rule has too many dates, reaches too far, or has none.
    """
    dates = plan.dates() if only is None else tuple(only)
    zone = instrument.lab.tz
    times = {on: _time(plan, on, zone) for on in dates}
    known = [time for time in times.values() if isinstance(time, Period)]
    found = _terms(instrument, known, member=member, used_by=used_by, now=now)
    judged: list[Judged] = []
    agreed: dict[str, Consent] = {}
    facts = found.facts if found else None
    for on, time in times.items():
        if isinstance(time, Refusal) or found is None or facts is None:
            unavailable = InstrumentUnavailable(instrument=instrument.name)
            judged.append(Judged(on, None, None, (time if isinstance(time, Refusal) else unavailable,)))
            continue
        wish = wish_of(plan, time)
        if failing := refusals(facts, wish, now) or ([] if holds else _unanswered(facts, wish, now)):
            judged.append(Judged(on, time, None, tuple(failing)))
            continue
        with_setup = before is None or not shares_setup(before, time, pause=pause(facts), zone=zone)
        judged.append(Judged(on, time, found.price(wish, with_setup=with_setup), (), with_setup, facts))
        agreed |= {consent.code: consent for consent in consents.needed(facts, wish)}
        facts, before = taking(facts, wish, now, is_held=holds), time
    needs_approval = facts is not None and facts.needs_approval(plan.mode)
    return Preview(instrument, plan, tuple(judged), tuple(agreed.values()), needs_approval, found)


def wish_of(plan: Plan, time: Period) -> Wish:
    """Return what a plan asks for at one of its times."""
    return Wish(time, plan.mode, plan.units, plan.profile, plan.materials)


def pause(facts: Facts) -> timedelta:
    """Return the longest gap between two bookings that follow each other: their buffers."""
    return timedelta(minutes=facts.policy.pre_buffer_min + facts.policy.post_buffer_min)


def _time(plan: Plan, on: date, zone: ZoneInfo) -> Period | Refusal:
    try:
        return plan.period(on, zone)
    except (TimeSkipped, TimeTwice) as refusal:
        return refusal


def _unanswered(facts: Facts, wish: Wish, now: datetime) -> list[Refusal]:
    """Return what stands against a date whose approval could not come in time, if any."""
    if facts.needs_approval(wish.mode):
        try:
            rentals.answered_by(facts, wish.period, now)
        except rentals.ApprovalTooLate as refusal:
            return [refusal]
    return []


def _terms(
    instrument: Instrument, times: list[Period], *, member: Membership, used_by: int | None, now: datetime
) -> availability.Terms | None:
    """Return the facts from now, when the lab begins to answer, to the last date."""
    if not times:
        return None
    within = Period(min(now, times[0].start), max(time.end for time in times))
    found = availability.terms([instrument.pk], within=within, member=member, used_by=used_by, now=now)
    return found.get(instrument.pk)
