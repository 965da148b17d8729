"""Booking a series: what was shown is booked, all of it or none."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from accounts.models import Membership, User
from bookings.rentals import operations as rentals
from bookings.rentals.models import Rental
from bookings.schedule import operations as schedule
from bookings.series import events
from bookings.series.models import Series, SeriesDate
from bookings.series.operations import finishing, steps
from bookings.series.previewing import Preview, preview, wish_of
from bookings.series.queries import last_time
from bookings.series.rules import ALL_OR_NOTHING, CONFIRM, HOLD, Plan
from kernel.refusals import Busy
from labs.models import Instrument

TRIES = 3
"""How often it is tried where somebody else got an operator at the same instant: another one may be free."""


@dataclass(frozen=True, slots=True)
class _Agreed:
    """What a person agreed to: the dates as they were shown, consents, and what is done with each date."""

    shown: str | None
    consents: Collection[str]
    then: str


def book(
    *,
    instrument: Instrument,
    plan: Plan,
    policy: str,
    by: Membership,
    now: datetime,
    purpose: str = "",
    used_by: User | None = None,
    shown: str | None = None,
    agreed: Collection[str] = (),
    then: str = CONFIRM,
) -> Series:
    """
    Book the dates of a plan as rentals of their own, in one transaction and few statements (BK-21).

    `policy` is `all_or_nothing`, or `skip_conflicts`: dates that cannot be booked are kept with the reason. `shown` is
    what the person agreed to (`Preview.shown`); without it whatever can be booked is booked. `then` each date is
    confirmed on the monthly account, or sent to the lab where it approves first (`confirm`); or only held (`hold`), all
    of them equally long. `agreed` are the codes of the consents that were ticked; `used_by` will operate or accompany
    it, where that is not who asks.

    Raises:
        RuleWrong: the rule has too many dates, reaches too far, or has none.
        SeriesChanged: something is not as it was shown.
        NotAllDates, NoDateLeft: dates that cannot be booked.
        ConsentMissing: the results would not be traceable, and nobody agreed to that (CAL-2).
        NoMonthlyAccount, CreditExceeded: the account does not allow it.
        Busy: others kept the instrument locked for too long.
    """

    def judged() -> Preview:
        key = used_by.pk if used_by else None
        return preview(instrument=instrument, plan=plan, member=by, used_by=key, now=now, holds=then == HOLD)

    seen = judged()
    _demand(seen, policy=policy, shown=shown)  # who is refused here has locked nothing
    _make_resources(seen)
    with steps.whole(instrument, organisation_id=by.organisation_id):
        series = Series.objects.create(
            organisation_id=by.organisation_id,
            placed_by_id=by.user_id,
            used_by=used_by,
            instrument=instrument,
            rule=str(plan.rule),
            first_on=plan.first_on,
            starts_at=plan.starts_at,
            minutes=plan.minutes,
            mode=plan.mode,
            units=plan.units,
            profile=plan.profile,
            materials=list(plan.materials),
            purpose=purpose,
            policy=policy,
            created_at=now,
            changed_at=now,
        )
        with rentals.part_of_series(series.pk):
            _take(series, judged, events.SeriesBooked, _Agreed(shown, agreed, then), by=by, now=now)
    return series


def extend(
    *,
    series: Series,
    count: int | None = None,
    until: date | None = None,
    by: Membership,
    now: datetime,
    shown: str | None = None,
    agreed: Collection[str] = (),
    then: str = CONFIRM,
) -> Series:
    """
    Let a series go on by its rule: so many dates in all, or until a date; what it has stays as it is.

    Raises:
        RuleWrong: too many dates, too far, or no further date.
        SeriesChanged, NotAllDates, NoDateLeft, ConsentMissing, NoMonthlyAccount, CreditExceeded, Busy: as `book`.
    """

    def judged() -> Preview:
        return preview_extension(series=series, count=count, until=until, member=by, now=now, holds=then == HOLD)

    seen = judged()
    _demand(seen, policy=series.policy, shown=shown)
    _make_resources(seen)
    with steps.act(series) as locked:
        if locked.changed_at != series.changed_at:
            raise steps.SeriesChanged(dates=seen.dates[0].on.isoformat())
        locked.rule, locked.changed_at = str(seen.plan.rule), now
        locked.save(update_fields=["rule", "changed_at"])
        _take(locked, judged, events.SeriesExtended, _Agreed(shown, agreed, then), by=by, now=now)
    return locked


def preview_extension(
    *, series: Series, count: int | None, until: date | None, member: Membership, now: datetime, holds: bool = False
) -> Preview:
    """
    Judge the dates a series would have more.

    Raises:
        RuleWrong: too many dates, too far, or no further date.
    """
    plan = series.plan.ending(count=count, until=until)
    known = set(series.dates.values_list("on", flat=True))
    latest = max(known, default=plan.first_on)
    further = [on for on in plan.dates() if on > latest]
    if not further:
        raise steps.NoDateLeft
    return preview(
        instrument=series.instrument,
        plan=plan,
        member=member,
        now=now,
        holds=holds,
        used_by=series.used_by_id,
        only=further,
        before=last_time(series),
    )


def _demand(seen: Preview, *, policy: str, shown: str | None) -> None:
    """Let pass what is as it was shown, and can be booked as the policy wants it."""
    if shown is not None and (changed := seen.changed_since(shown)):
        raise steps.SeriesChanged(dates=", ".join(changed))
    if not seen.bookable:
        raise steps.NoDateLeft
    if policy == ALL_OR_NOTHING and seen.refused:
        raise steps.NotAllDates(dates=", ".join(one.on.isoformat() for one in seen.refused))


def _make_resources(seen: Preview) -> None:
    """Put into the schedule what nobody has booked before; ahead of the locks, so that others do not wait for it."""
    if seen.lacks_resources:
        schedule.add_missing_resources()


def _take(
    series: Series,
    judged: Callable[[], Preview],
    event: type[events.SeriesBooked],
    agreed: _Agreed,
    *,
    by: Membership,
    now: datetime,
) -> None:
    """Judge all dates under the lock, hold those that can be booked, and finish them; keep the others with reasons."""
    seen, held = _held(series, judged, agreed, by=by, now=now)
    booked = held
    if agreed.then == CONFIRM:
        booked = finishing.finished(held, needs_approval=seen.requires_approval, by=by, now=now)
    rental_of = {one.on: rental for one, rental in zip(seen.bookable, booked, strict=True)}
    SeriesDate.objects.bulk_create(
        SeriesDate(series=series, on=one.on, rental=rental_of[one.on])
        if one.on in rental_of
        else SeriesDate(series=series, on=one.on, skipped=steps.kept(list(one.refusals), series))
        for one in seen.dates
    )
    total, skipped = sum(rental.total_fen for rental in booked), len(seen.refused)
    steps.tell(event, series, by=by, now=now, booked=len(booked), skipped=skipped, total_fen=total)
    if agreed.then == CONFIRM:
        finishing.tell_finished(series, booked, by=by, now=now)


def _held(
    series: Series, judged: Callable[[], Preview], agreed: _Agreed, *, by: Membership, now: datetime
) -> tuple[Preview, list[Rental]]:
    """Hold what can be booked; where an operator was lost to somebody at this instant, all is judged again."""
    for _ in range(TRIES):
        seen = judged()
        if seen.lacks_resources:  # an operator is new since just now
            schedule.add_missing_resources()
            schedule.lock_for_booking(series.instrument)
            seen = judged()
        _demand(seen, policy=series.policy, shown=agreed.shown)
        assert seen.terms is not None  # noqa: S101 -- something can be booked
        try:
            with transaction.atomic():
                return seen, rentals.hold_many(
                    [
                        rentals.Granted(one.facts, wish_of(seen.plan, one.period), one.price)
                        for one in seen.dates
                        if one.facts and one.period and one.price
                    ],
                    instrument=series.instrument,
                    terms=seen.terms,
                    used_by=series.used_by,
                    purpose=series.purpose,
                    agreed=agreed.consents,
                    by=by,
                    now=now,
                )
        except rentals.PeriodTaken:
            continue
    raise Busy
