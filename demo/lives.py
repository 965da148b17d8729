"""
What has happened on the demo's instruments in the last days: rentals in every state, by the platform's own steps.

Each is placed, used and ended at the instants at which people would have done it. They are made once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path

from django.db import transaction

from accounts.models import Membership
from bookings.availability import queries as availability
from bookings.availability import rules
from bookings.models import Rental, UsageRecord
from bookings.rentals import operations as rentals
from demo import rentals as ahead
from kernel.periods import Period
from kernel.refusals import Refusal
from labs.hours.operations import rebuild_open_time
from labs.models import Instrument
from notices import operations as notices
from notices.models import Notice

LOOKED_BACK = timedelta(days=14)
ASKED_BEFORE = timedelta(days=2)
"""How long before their time these bookings were made."""

ON_SHOW_LAB = "LAB-TH-01"
"""The lab whose desk the demo's people run: most of it happens there."""

HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
GOOD = rentals.UsageGiven(
    condition="good",
    counter_end=Decimal("1523.50"),
    samples=6,
    conditions="23 ℃，50 % RH",
    consumables=[{"name": "垫片", "quantity": "2", "unit_price_fen": 500}],
    data_files=[{"name": "拉伸曲线.csv", "sha256": HASH}],
)
WORN = rentals.UsageGiven(condition="worn", samples=3, anomalies="夹具有轻微磨损，不影响测量")
DAMAGED = rentals.UsageGiven(condition="damaged", damage="试样断裂时弹出，防护罩有裂纹")


@dataclass(frozen=True, slots=True)
class Used:
    """A confirmed rental of the past, whose it is, and who lets people in."""

    rental: Rental
    customer: Membership
    desk: Membership
    now: datetime

    @property
    def start(self) -> datetime:
        """When it began."""
        return self.rental.time.start

    @property
    def end(self) -> datetime:
        """When it was to end."""
        return self.rental.time.end

    def comes(self, *, counter: Decimal | None = None) -> None:
        """Let the customer in at the start."""
        rentals.check_in(rental=self.rental, counter=counter, by=self.desk, now=self.start)

    def breaks(self, *, after: timedelta, back_at: datetime) -> None:
        """Let the instrument break down."""
        fault = "主轴异响，已停机检查"
        at = self.start + after
        rentals.interrupt(rental=self.rental, fault=fault, expected_back_at=back_at, by=self.desk, now=at)


def settled(used: Used) -> None:
    """It was used as booked, and its price is final."""
    used.comes(counter=Decimal("1520.50"))
    rentals.check_out(rental=used.rental, usage=GOOD, by=used.desk, now=used.end)
    rentals.settle(rental=used.rental, by=used.customer, now=min(used.end + timedelta(hours=3), used.now))


def checked_out(used: Used) -> None:
    """It was used, and its price waits to be confirmed."""
    used.comes()
    rentals.check_out(rental=used.rental, usage=WORN, by=used.desk, now=used.end)


def damaged(used: Used) -> None:
    """It was used, and something broke: the desk has to see to it."""
    used.comes()
    rentals.check_out(rental=used.rental, usage=DAMAGED, by=used.desk, now=used.end)


def nobody_came(used: Used) -> None:
    """Nobody came."""
    rentals.mark_no_shows(now=used.start + timedelta(minutes=45))


def to_choose(used: Used) -> None:
    """The instrument broke down, and the customer has not chosen yet."""
    used.comes()
    used.breaks(after=timedelta(minutes=40), back_at=used.now + timedelta(days=1))


def rebooked(used: Used) -> None:
    """The instrument broke down, and the rest is booked for the days to come."""
    used.comes()
    mended = used.start + timedelta(hours=20)
    used.breaks(after=timedelta(minutes=30), back_at=min(mended, used.now - timedelta(hours=1)))
    rental, now = used.rental, used.now
    minutes = rental.time.minutes - 30
    grid = rental.policy.slot_grid_min
    length = max(-(-minutes // grid) * grid, rental.policy.min_minutes)
    within = Period(now + timedelta(days=2), now + timedelta(days=12))
    start = next(
        iter(
            availability.starts(
                rental.instrument_id, within=within, minutes=length, mode=rental.mode, member=used.customer, now=now
            )
        ),
        None,
    )
    if start is not None:
        period = Period.starting(start, length)
        rentals.rebook(rental=rental, instrument=rental.instrument, period=period, by=used.customer, now=now)


def in_use(used: Used) -> None:
    """It is in use at this moment."""
    used.comes(counter=Decimal("880.00"))


@dataclass(frozen=True, slots=True)
class Story:
    """What happened so many days ago to whose booking (the one on show, or another customer's), and how it was paid."""

    happens: Callable[[Used], None]
    days_ago: int
    is_on_show: bool = True
    confirm: Callable[..., Rental] = rentals.confirm_on_account


STORIES = (
    Story(in_use, 0),
    Story(to_choose, 1),
    Story(damaged, 2, is_on_show=False),
    Story(checked_out, 1),
    Story(rebooked, 3),
    Story(settled, 8),
    Story(nobody_came, 4, is_on_show=False),
    Story(settled, 6, is_on_show=False),
    Story(in_use, 0, is_on_show=False),
)
"""The first of them happen in the lab on show, each on an instrument of its own."""


def load(folder: Path, now: datetime) -> dict[str, int]:
    """Let the last days happen where nothing was used yet, and return how many rentals were used."""
    del folder  # made up here, from the instruments' own rules
    if not UsageRecord.objects.exists():
        _live(now)
    return {"used rentals": UsageRecord.objects.count()}


@transaction.atomic
def _live(now: datetime) -> None:
    there = list(instruments())
    rebuild_open_time(there, now - LOOKED_BACK)
    buyers = ahead.buyers()
    on_show = next(member for member in buyers if member.user.email == ahead.ON_SHOW)
    others = [member for member in buyers if member != on_show]
    idle = list(there)
    for number, story in enumerate(STORIES):
        member = on_show if story.is_on_show else others[number % len(others)]
        used = next((found for one in idle if (found := booked(story, one, member, now))), None)
        if used is not None:
            idle.remove(used.rental.instrument)
            story.happens(used)
    rebuild_open_time(there, now)
    notices.mark_read(notices=Notice.objects.filter(occurred_at__lt=now - ahead.READ_AFTER), now=now)


def instruments() -> Iterator[Instrument]:
    """Yield instruments enough: of the lab on show first, and none on which the demo's buyer has booked ahead."""
    found = Instrument.objects.bookable_by(None).select_related("lab").exclude(code__in=ahead.BOOKED_ON_SHOW)
    whole = sorted(found, key=lambda one: (one.lab.code != ON_SHOW_LAB, one.code))
    yield from islice((one for one in whole if one.capacity == 1), 2 * len(STORIES))


def booked(story: Story, instrument: Instrument, member: Membership, now: datetime) -> Used | None:
    """Book a time so many days ago (or on the first day before on which the lab was open), and confirm it."""
    for back in range(story.days_ago, story.days_ago + 4):
        within = _window(instrument, back, now)
        asked_at = within.start - ASKED_BEFORE
        start = _start(instrument, member, within, asked_at)
        if start is None:
            if story.days_ago == 0:
                return None  # the lab is closed at this moment: nobody uses anything
            continue
        rental = _confirmed(story, instrument, member, start, asked_at)
        if rental is not None:
            return Used(rental, member, ahead.manager_of(instrument), now)
    return None


def _window(instrument: Instrument, back: int, now: datetime) -> Period:
    """Return when a booking may begin: on that local day, or, for one in use now, within the last half hour."""
    if back == 0:
        return Period(now - timedelta(minutes=40), now)
    midnight = now.astimezone(instrument.lab.tz).replace(hour=0, minute=0, second=0, microsecond=0)
    return Period(midnight - timedelta(days=back), midnight - timedelta(days=back - 1))


def _start(instrument: Instrument, member: Membership, within: Period, asked_at: datetime) -> datetime | None:
    minutes = _length(instrument, member, within, asked_at)
    if minutes is None:
        return None
    found = availability.starts(
        instrument.pk, within=within, minutes=minutes, mode=rules.ASSISTED, member=member, now=asked_at, count=1
    )
    return found[0] if found else None


def _length(instrument: Instrument, member: Membership, within: Period, asked_at: datetime) -> int | None:
    terms = availability.terms([instrument.pk], within=within, member=member, now=asked_at).get(instrument.pk)
    if terms is None or rules.ASSISTED not in terms.facts.modes:
        return None
    policy = terms.facts.policy
    wanted = max(policy.min_minutes, min(120, policy.max_minutes))
    return -(-wanted // policy.slot_grid_min) * policy.slot_grid_min


def _confirmed(
    story: Story, instrument: Instrument, member: Membership, start: datetime, asked_at: datetime
) -> Rental | None:
    minutes = _length(instrument, member, Period.starting(start, 1), asked_at)
    if minutes is None:
        return None
    try:
        rental = rentals.place_hold(
            instrument=instrument,
            period=Period.starting(start, minutes),
            mode=rules.ASSISTED,
            purpose=ahead.PURPOSES[instrument.pk % len(ahead.PURPOSES)],
            agreed=("not_traceable",),
            by=member,
            now=asked_at,
        )
    except Refusal:
        return None
    if rental.policy.requires_approval:
        rental = rentals.submit_for_approval(rental=rental, by=member, now=asked_at)
        rental = rentals.approve(rental=rental, by=ahead.manager_of(instrument), now=asked_at)
    return story.confirm(rental=rental, by=member, now=asked_at)
