"""Booking a series: what was shown is booked, all of it or none."""

from collections.abc import Collection
from datetime import date, datetime

from accounts.models import Membership
from bookings.rentals import operations as rentals
from bookings.rentals.consents import ConsentMissing
from bookings.rentals.models import Rental
from bookings.series import events
from bookings.series.models import Series, SeriesDate
from bookings.series.operations import finishing, steps
from bookings.series.previewing import Judged, Preview, preview
from bookings.series.queries import last_time
from bookings.series.rules import ALL_OR_NOTHING, CONFIRM, HOLD, Plan
from kernel.refusals import Busy, Refusal
from labs.models import Instrument


def book(
    *,
    instrument: Instrument,
    plan: Plan,
    policy: str,
    by: Membership,
    now: datetime,
    purpose: str = "",
    shown: str | None = None,
    agreed: Collection[str] = (),
    then: str = CONFIRM,
) -> Series:
    """
    Book the dates of a plan as rentals of their own, in one transaction (BK-21).

    `policy` is `all_or_nothing`, or `skip_conflicts`: dates that cannot be booked are kept with the reason. `shown` is
    what the person agreed to (`Preview.shown`); without it whatever can be booked is booked. `then` each date is
    confirmed on the monthly account, or sent to the lab where it approves first (`confirm`); or only held (`hold`), all
    of them equally long. `agreed` are the codes of the consents that were ticked.

    Raises:
        RuleWrong: the rule has too many dates, reaches too far, or has none.
        SeriesChanged: something is not as it was shown.
        NotAllDates, NoDateLeft: dates that cannot be booked.
        ConsentMissing: the results would not be traceable, and nobody agreed to that (CAL-2).
        NoMonthlyAccount, CreditExceeded: the account does not allow it.
        Busy: others kept the instrument locked for too long.
    """
    seen = preview(instrument=instrument, plan=plan, member=by, now=now, holds=then == HOLD)
    _demand(seen, policy=policy, shown=shown)  # who is refused here has locked nothing
    with steps.whole(instrument, organisation_id=by.organisation_id):
        series = Series.objects.create(
            organisation_id=by.organisation_id,
            placed_by_id=by.user_id,
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
            _take(series, seen, events.SeriesBooked, by=by, now=now, shown=shown, agreed=agreed, then=then)
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
    seen = preview_extension(series=series, count=count, until=until, member=by, now=now, holds=then == HOLD)
    _demand(seen, policy=series.policy, shown=shown)
    with steps.act(series) as locked:
        if locked.changed_at != series.changed_at:
            raise steps.SeriesChanged(dates=seen.dates[0].on.isoformat())
        locked.rule, locked.changed_at = str(seen.plan.rule), now
        locked.save(update_fields=["rule", "changed_at"])
        _take(locked, seen, events.SeriesExtended, by=by, now=now, shown=shown, agreed=agreed, then=then)
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


def _take(
    series: Series,
    seen: Preview,
    event: type[events.SeriesBooked],
    *,
    by: Membership,
    now: datetime,
    shown: str | None,
    agreed: Collection[str],
    then: str,
) -> None:
    """Hold each date that was judged bookable and finish it; keep the others with their reasons."""
    outcomes: dict[date, Rental | list[Refusal]] = {}
    for one in seen.dates:
        outcome = _placed(series, one, by=by, now=now, agreed=agreed)
        if one.price is not None and not isinstance(outcome, Rental) and (shown or series.policy == ALL_OR_NOTHING):
            raise steps.SeriesChanged(dates=one.on.isoformat())
        if isinstance(outcome, Rental) and then == CONFIRM:
            outcome = finishing.finished(outcome, needs_approval=seen.requires_approval, by=by, now=now)
        outcomes[one.on] = outcome
    booked = [outcome for outcome in outcomes.values() if isinstance(outcome, Rental)]
    if not booked:
        raise steps.NoDateLeft
    SeriesDate.objects.bulk_create(
        SeriesDate(series=series, on=on, rental=outcome)
        if isinstance(outcome, Rental)
        else SeriesDate(series=series, on=on, skipped=steps.kept(outcome, series))
        for on, outcome in outcomes.items()
    )
    total = sum(rental.total_fen for rental in booked)
    skipped = len(outcomes) - len(booked)
    steps.tell(event, series, by=by, now=now, booked=len(booked), skipped=skipped, total_fen=total)
    if then == CONFIRM:
        finishing.tell_finished(series, booked, by=by, now=now)


def _placed(
    series: Series, one: Judged, *, by: Membership, now: datetime, agreed: Collection[str]
) -> Rental | list[Refusal]:
    """Hold a date that was judged bookable; return its rental, or all that stands against it."""
    if one.price is None or one.period is None:
        return list(one.refusals)
    try:
        return rentals.place_hold(
            instrument=series.instrument,
            period=one.period,
            mode=series.mode,
            units=series.units,
            profile=series.profile,
            materials=series.materials,
            purpose=series.purpose,
            expected=one.price.total,
            with_setup=one.with_setup,
            agreed=agreed,
            by=by,
            now=now,
        )
    except (Busy, ConsentMissing):
        raise
    except Refusal as refusal:
        return steps.each(refusal)
