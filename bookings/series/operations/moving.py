"""Moving dates of a series to another time of day, day, length or way of use; nothing is dropped in silence."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from billing.bills.operations import CreditExceeded
from bookings.rentals import operations as rentals
from bookings.rentals import rules as rental_rules
from bookings.rentals.consents import ConsentMissing
from bookings.rentals.models import Rental
from bookings.series import events, queries, rules
from bookings.series.models import Series, SeriesDate
from bookings.series.operations import steps
from bookings.series.queries import Dated
from kernel.money import Money
from kernel.periods import Period
from kernel.refusals import Busy, Refusal


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes other: the time of day, the length (minutes), the mode; and so many days later or earlier."""

    starts_at: time | None = None
    minutes: int | None = None
    mode: str = ""
    days: int = 0


@dataclass(frozen=True, slots=True)
class Moving:
    """One date: where it is and where it goes, or all that stands against that; then it stays where it is."""

    row: SeriesDate
    to: date
    rental: Rental
    before: Period
    after: Period | None
    cost_before: Money
    cost_after: Money
    refusals: tuple[Refusal, ...] = ()

    @property
    def verdict(self) -> str:
        """The time and the price it will have, or the codes of what stands against it: what a person agrees to."""
        if self.refusals or self.after is None:
            return "+".join(refusal.code for refusal in self.refusals)
        return f"{self.after.start:%Y%m%dT%H%M}/{self.after.minutes}={self.cost_after.fen}"


@dataclass(frozen=True, slots=True)
class Moves:
    """What a move of a series does: the dates that have not begun, and those it leaves alone: past, over, left out."""

    dates: tuple[Moving, ...]
    left: tuple[Dated, ...]

    @property
    def moved(self) -> tuple[Moving, ...]:
        """The dates that go elsewhere."""
        return tuple(one for one in self.dates if not one.refusals)

    @property
    def kept(self) -> tuple[Moving, ...]:
        """The dates that cannot be moved and stay where they are."""
        return tuple(one for one in self.dates if one.refusals)

    @property
    def difference(self) -> Money:
        """What is owed more (or less) in all."""
        return Money(sum(one.cost_after.fen - one.cost_before.fen for one in self.moved))

    @property
    def shown(self) -> str:
        """What was shown, to be sent back with the agreement to it."""
        return ";".join(f"{one.rental.number}={one.verdict}" for one in self.dates)


class TwiceOnOneDay(Refusal):
    """Another date of the series stays on that day."""

    code = "TWICE_ON_ONE_DAY"
    message = _("The series has another date on {day}.")


class NotConfirmedYet(Refusal):
    """Only what is confirmed can be moved (requirements 3.1): what waits has no fixed time yet."""

    code = "MOVE_NEEDS_CONFIRMATION"
    message = _("{number} is {status}; only a confirmed booking can be moved.")
    cure = _("Move it once it is confirmed; or cancel it, which costs nothing, and book another time.")


class MovesChanged(steps.SeriesChanged):
    """A date, a reason or a price is not the one the person saw and agreed to; nothing was moved."""

    message = _("Meanwhile something has changed on {dates}. Please look at the dates again; nothing was moved.")


class NotAllMoved(steps.NotAllDates):
    """All dates or none were to be moved, and some cannot be."""

    message = _("These dates cannot be moved: {dates}. Nothing was moved.")
    cure = _("Let those dates stay, or choose another time.")


class NothingMoved(Refusal):
    """Not one date can be moved like that."""

    code = "NO_DATE_MOVED"
    message = _("None of the dates can be moved like that.")


class _RehearsedError(Exception):
    """Carries what a rehearsal found out of the transaction it undoes."""

    def __init__(self, moves: Moves) -> None:
        super().__init__()
        self.moves = moves


def preview_move(
    *, series: Series, which: str, change: Change, by: Membership, now: datetime, on: date | None = None
) -> Moves:
    """
    Say what moving dates of a series would do, date by date, and do nothing.

    The dates change places among themselves and each is judged as a move of a single rental is, so it is tried, under
    the locks of the act itself, and undone.

    Raises:
        NothingToDo, MonthlyStays, ConsentMissing, CreditExceeded, Busy: as `move`.
    """
    try:
        with steps.act(series) as locked:
            raise _RehearsedError(_move(locked, which, change, on=on, by=by, now=now))
    except _RehearsedError as rehearsed:
        return rehearsed.moves


def move(
    *,
    series: Series,
    which: str,
    change: Change,
    by: Membership,
    now: datetime,
    on: date | None = None,
    policy: str = rules.SKIP_CONFLICTS,
    shown: str | None = None,
) -> Moves:
    """
    Move dates of a series that have not begun, each by the rules of moving a single rental, in one transaction.

    `which` is `this`, `following` or `all`, as seen from the local date `on`. With `skip_conflicts` a date that cannot
    be moved, since it is not confirmed or a rule says no, stays where it is, and the answer names it with the reason;
    with `all_or_nothing` none is moved then. `shown` is what the person agreed to (`Moves.shown`). Past and used dates
    stay. The rule follows where more than one date is meant.

    Raises:
        NothingToDo: all of these dates have begun, are over, or were left out.
        NothingMoved, NotAllMoved: dates that cannot be moved.
        MovesChanged: something is not as it was shown; nothing is moved.
        MonthlyStays: a monthly series cannot be shifted by days.
        ConsentMissing: another time needs a consent that was not given when it was booked.
        CreditExceeded: the difference is not left on the monthly account.
        Busy: others kept the instrument locked for too long.
    """
    with steps.act(series) as locked:
        moves = _move(locked, which, change, on=on, by=by, now=now)
        if shown is not None and shown != moves.shown:
            raise MovesChanged(dates=", ".join(one.row.on.isoformat() for one in moves.dates))
        if not moves.moved:
            raise NothingMoved
        if policy == rules.ALL_OR_NOTHING and moves.kept:
            raise NotAllMoved(dates=", ".join(one.row.on.isoformat() for one in moves.kept))
        if which != rules.THIS:
            _follow(locked, moves, change, now)
        kept = len(moves.kept)
        steps.tell(events.SeriesMoved, locked, by=by, now=now, dates=len(moves.moved), kept=kept)
    return moves


def _move(series: Series, which: str, change: Change, *, on: date | None, by: Membership, now: datetime) -> Moves:
    """Move what can be moved; the last date first where they go later, so that they make way for each other."""
    if which != rules.THIS:
        series.plan.rule.shifted(change.days)
    ours = queries.chosen(queries.dated(series, now), which, on)
    reached = [one for one in ours if one.state in rental_rules.BEFORE_USE and _begins(one) > now]
    if not reached:
        raise steps.NothingToDo
    movable = [one for one in reached if one.state in rental_rules.MOVES["reschedule"]]
    movable.sort(key=_begins, reverse=change.days > 0)
    follows = _following(movable, series, change)
    found = [_moved(one, series, change, with_setup=one.on not in follows, by=by, now=now) for one in movable]
    found += [_waits(one, series, change) for one in reached if one not in movable]
    found.sort(key=lambda one: one.before)
    return Moves(tuple(found), tuple(one for one in ours if one not in reached))


def _following(reached: list[Dated], series: Series, change: Change) -> set[date]:
    """Return the dates that will follow the one before them so closely that it leaves the instrument set up (BL-5)."""
    zone = series.instrument.lab.tz
    found = set()
    for before, one in pairwise(sorted(reached, key=_begins)):
        try:
            earlier, later = _target(before, series, change), _target(one, series, change)
        except (rules.TimeSkipped, rules.TimeTwice):
            continue
        if one.rental and rules.shares_setup(earlier, later, pause=_pause(one.rental), zone=zone):
            found.add(one.on)
    return found


def _pause(rental: Rental) -> timedelta:
    return timedelta(minutes=rental.policy.pre_buffer_min + rental.policy.post_buffer_min)


def _begins(one: Dated) -> datetime:
    assert one.rental is not None  # noqa: S101 -- it is booked
    return one.rental.time.start


def _day(one: Dated, series: Series, change: Change) -> date:
    return _begins(one).astimezone(series.instrument.lab.tz).date() + timedelta(days=change.days)


def _target(one: Dated, series: Series, change: Change) -> Period:
    """Return where a date goes; refused where the lab's clock does not show that time exactly once."""
    assert one.rental is not None  # noqa: S101 -- only what is confirmed is moved
    zone = series.instrument.lab.tz
    clock = change.starts_at or _begins(one).astimezone(zone).time()
    start = rules.instant(_day(one, series, change), clock, zone)
    return Period.starting(start, change.minutes or one.rental.time.minutes)


def _waits(one: Dated, series: Series, change: Change) -> Moving:
    """Return why a date that is not confirmed stays where it is."""
    rental = one.rental
    assert rental is not None  # noqa: S101 -- it is booked
    refusal = NotConfirmedYet(number=rental.number, status=one.state_label)
    day = _day(one, series, change)
    return Moving(one.row, day, rental, rental.time, None, rental.total, rental.total, refusals=(refusal,))


def _moved(one: Dated, series: Series, change: Change, *, with_setup: bool, by: Membership, now: datetime) -> Moving:
    rental, row, day = one.rental, one.row, _day(one, series, change)
    assert rental is not None  # noqa: S101 -- only what is confirmed is moved
    stays = Moving(row, day, rental, rental.time, None, rental.total, rental.total)
    try:
        after = _target(one, series, change)
        if day != row.on and series.dates.filter(on=day).exists():
            raise TwiceOnOneDay(day=day.isoformat())
        rental = rentals.reschedule(
            rental=rental, period=after, mode=change.mode, with_setup=with_setup, by=by, now=now
        )
    except (Busy, ConsentMissing, CreditExceeded):
        raise
    except Refusal as refusal:
        return replace(stays, refusals=tuple(steps.each(refusal)))
    series.dates.filter(pk=row.pk).update(on=day)
    return replace(stays, rental=rental, after=after, cost_after=rental.total)


def _follow(series: Series, moves: Moves, change: Change, now: datetime) -> None:
    """Let the rule say what the moved dates do from now on: what is added later continues them."""
    rule = series.plan.rule.shifted(change.days)
    first = min(one.to for one in moves.moved)
    latest = max(series.dates.values_list("on", flat=True))
    if rule.until is None:
        so_far = replace(rule, count=None, until=latest)
        rule = replace(rule, count=len(so_far.dates(first)))
    series.rule, series.first_on, series.changed_at = str(rule), first, now
    series.starts_at = change.starts_at or series.starts_at
    series.minutes = change.minutes or series.minutes
    series.mode = change.mode or series.mode
    series.save(update_fields=["rule", "first_on", "starts_at", "minutes", "mode", "changed_at"])
