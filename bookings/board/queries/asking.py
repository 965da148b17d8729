"""The bookings that wait for the lab's answer, each with what one needs to know to give it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from accounts.models import Membership
from bookings.board.queries.desk import ours
from bookings.board.rules import Deadline
from bookings.rentals import rules
from bookings.rentals.models import Rental
from bookings.schedule.models import Occupancy
from kernel.periods import Period
from labs.hours import inputs
from labs.hours.rules import open_periods
from labs.models import Instrument, Operator, OperatorLeave, OperatorQualification, UserQualification


@dataclass(frozen=True, slots=True)
class Choice:
    """An operator who may run the instrument through the day of the booking, and whether they are free then."""

    operator: Operator
    is_free: bool


@dataclass(frozen=True, slots=True)
class Request:
    """
    A booking that waits: until when, and what speaks for and against it.

    `qualified` is the qualification of who is to operate it; `used` and `missed` count the organisation's earlier
    bookings of this instrument, those used and those it did not come to.
    """

    rental: Any
    deadline: Deadline
    minutes_left: int
    look: str
    qualified: UserQualification | None
    used: int
    missed: int
    operators: tuple[Choice, ...]

    @property
    def materials(self) -> list[str]:
        """The hazardous materials that were declared, in words."""
        return [str(Instrument.Material(code).label) for code in self.rental.materials]

    @property
    def is_qualified(self) -> bool:
        """Whether who operates it may do so through its last day."""
        zone = self.rental.instrument.lab.tz
        last = self.rental.time.end.astimezone(zone).date()
        return self.qualified is not None and self.qualified.valid_to >= last


def waiting_for_answer(member: Membership, now: datetime) -> list[Any]:
    """Return the rentals that wait for the lab's approval, the first to lapse first."""
    rows = ours(member, now).filter(state=rules.PENDING).select_related("used_by", "operator", "instrument__room")
    return list(rows.order_by("held_until", "pk"))


def number_waiting(member: Membership, now: datetime) -> int:
    """Return how many rentals wait for the lab's answer; one statement."""
    waiting = Rental.objects.operated_by(member).filter(status=rules.PENDING, held_until__gt=now)
    return waiting.count()


def inbox(member: Membership, now: datetime) -> list[Request]:
    """Return what waits for the lab's answer with all that is needed to give it; a fixed number of statements."""
    rows = waiting_for_answer(member, now)
    if not rows:
        return []
    deadlines = deadlines_of(rows)
    qualified = _qualifications(rows)
    earlier = _earlier(rows)
    operators = _operators(rows)
    return [
        Request(
            rental=row,
            deadline=deadlines[row.pk],
            minutes_left=deadlines[row.pk].minutes_left(now),
            look=deadlines[row.pk].look(now),
            qualified=qualified.get((row.used_by_id or row.placed_by_id, row.instrument_id)),
            used=earlier.get((row.organisation_id, row.instrument_id), (0, 0))[0],
            missed=earlier.get((row.organisation_id, row.instrument_id), (0, 0))[1],
            operators=operators[row.pk],
        )
        for row in rows
    ]


def deadlines_of(rentals: Iterable[Rental]) -> dict[int, Deadline]:
    """Return when each rental must be answered, with the lab's working time until then; two statements for all."""
    rows = list(rentals)
    if not rows:
        return {}
    first = min(row.created_at for row in rows).date() - timedelta(days=1)
    end = max(row.held_until or row.created_at for row in rows).date() + timedelta(days=2)
    known = {one.instrument_id: one for one in inputs.of(sorted({row.instrument_id for row in rows}), first, end)}
    opened = {
        key: open_periods(first, end, one.lab.hours, one.lab.holidays, one.lab.tz, one.exceptions)
        for key, one in known.items()
    }
    return {
        row.pk: Deadline(row.created_at, row.held_until or row.created_at, tuple(opened.get(row.instrument_id, ())))
        for row in rows
    }


def _qualifications(rentals: Iterable[Rental]) -> dict[tuple[int, int], UserQualification]:
    people = {row.used_by_id or row.placed_by_id for row in rentals}
    found = UserQualification.objects.filter(
        user_id__in=people, instrument_id__in={row.instrument_id for row in rentals}
    )
    return {(one.user_id, one.instrument_id): one for one in found}


def _earlier(rentals: Iterable[Rental]) -> dict[tuple[int, int], tuple[int, int]]:
    """Count earlier uses and missed ones, by organisation and instrument."""
    rows = Rental.objects.filter(
        organisation_id__in={row.organisation_id for row in rentals},
        instrument_id__in={row.instrument_id for row in rentals},
        status__in=(rules.CHECKED_OUT, rules.SETTLED, rules.NO_SHOW),
    )
    counted = rows.values_list("organisation_id", "instrument_id").annotate(
        used=Count("pk", filter=~Q(status=rules.NO_SHOW)), missed=Count("pk", filter=Q(status=rules.NO_SHOW))
    )
    return {(organisation, instrument): (used, missed) for organisation, instrument, used, missed in counted}


def _operators(rentals: Iterable[Any]) -> dict[int, tuple[Choice, ...]]:
    """Return who may be sent to each rental, the free first; three statements for all."""
    rows = list(rentals)
    may = list(
        OperatorQualification.objects.filter(
            instrument_id__in={row.instrument_id for row in rows}, operator__is_active=True
        )
        .select_related("operator")
        .order_by("operator__code")
    )
    people = {one.operator_id for one in may}
    reach = Period(min(row.time.start for row in rows), max(row.time.end for row in rows)).as_range()
    taken = Occupancy.objects.filter(resource__operator_id__in=people, period__overlap=reach)
    busy = [
        (operator, Period.from_range(period), holder)
        for operator, period, holder in taken.values_list("resource__operator_id", "period", "holder_id")
    ]
    away = OperatorLeave.objects.filter(operator_id__in=people, period__overlap=reach)
    busy += [(one.operator_id, Period.from_range(one.period), 0) for one in away]
    found: dict[int, tuple[Choice, ...]] = {}
    for row in rows:
        last = row.time.end.astimezone(row.instrument.lab.tz).date()
        hindered = {who for who, period, holder in busy if holder != row.pk and period.overlaps(row.time)}
        choices = [
            Choice(one.operator, one.operator_id not in hindered)
            for one in may
            if one.instrument_id == row.instrument_id and one.valid_to >= last
        ]
        found[row.pk] = tuple(sorted(choices, key=lambda choice: not choice.is_free))
    return found
