"""The day of a lab: who is late, who comes, who is there, who runs over, and who has left; in one statement."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from accounts.models import Membership
from bookings.discovery.queries.instruments import certificate_on
from bookings.rentals import rules
from bookings.rentals.models import Rental
from bookings.rentals.queries import as_of
from kernel.periods import Period
from labs.hours.rules import midnight
from labs.models import CalibrationRecord, Lab, OperatorQualification, UserQualification

IN_USE = (rules.CHECKED_IN, rules.INTERRUPTED)
OF_A_DAY = (rules.CONFIRMED, *IN_USE, rules.CHECKED_OUT, rules.SETTLED, rules.NO_SHOW)
"""States a day's list shows: what is only held, or was called off, comes to nobody's door."""


def ours(member: Membership, now: datetime) -> QuerySet[Any]:
    """Return the rentals on the lab's own instruments, with what the desk shows of them, and their state now."""
    with_people = Rental.objects.operated_by(member).with_places()
    return as_of(with_people.select_related("used_by", "operator", "instrument__room", "policy", "usage"), now)


@dataclass(frozen=True, slots=True)
class Visit:
    """
    A rental as the desk's day shows it.

    `late` are the minutes since its start while nobody has come; `over` those since its end while it goes on;
    `next_rental` is whoever comes next to the same instrument that day.
    """

    rental: Any
    late: int = 0
    over: int = 0
    next_rental: Any = None


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the desk, each visit in one place only, the first first."""

    day: date
    in_use: tuple[Visit, ...]
    coming: tuple[Visit, ...]
    gone: tuple[Visit, ...]
    missing: tuple[Visit, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nobody comes, is there, or was."""
        return not (self.in_use or self.coming or self.gone or self.missing)


def day_of(member: Membership, day: date, zone: ZoneInfo, now: datetime, *, lab: Lab | None = None) -> Day:
    """
    Return a day of the desk; who is still there is shown today, whenever they came.

    `lab` keeps to one lab of the organisation.
    """
    within = Period(midnight(day, zone), midnight(day + timedelta(days=1), zone))
    wanted = Q(state__in=OF_A_DAY, period__overlap=within.as_range())
    if within.holds(now):
        wanted |= Q(state__in=IN_USE)
    found = ours(member, now).filter(wanted)
    if lab is not None:
        found = found.filter(instrument__lab=lab)
    rentals = list(found.order_by("period", "instrument__code", "pk"))
    visits = [_visit(rental, rentals, now) for rental in rentals]

    def those(fits: Callable[[Any], bool]) -> tuple[Visit, ...]:
        return tuple(visit for visit in visits if fits(visit.rental))

    return Day(
        day=day,
        in_use=those(lambda rental: rental.state in IN_USE),
        coming=those(lambda rental: rental.state == rules.CONFIRMED),
        gone=those(lambda rental: rental.state in (rules.CHECKED_OUT, rules.SETTLED)),
        missing=those(lambda rental: rental.state == rules.NO_SHOW),
    )


def _visit(rental: Any, rentals: Iterable[Any], now: datetime) -> Visit:
    if rental.state == rules.CONFIRMED:
        return Visit(rental, late=_minutes(rental.time.start, now))
    if rental.state not in IN_USE:
        return Visit(rental)
    following = (
        other
        for other in rentals
        if other.instrument_id == rental.instrument_id
        and other.state == rules.CONFIRMED
        and other.time.start >= rental.time.start
    )
    return Visit(rental, over=_minutes(rental.time.end, now), next_rental=next(following, None))


def _minutes(since: datetime, now: datetime) -> int:
    """Return the whole minutes since an instant; none before it."""
    return max(0, int((now - since).total_seconds() // 60))


@dataclass(frozen=True, slots=True)
class Papers:
    """What the desk looks at before it lets somebody in: who comes, on what ground, and how well it measures."""

    who: Any
    needs_qualification: bool
    qualified_to: date | None
    operator_qualified_to: date | None
    certificate: CalibrationRecord | None

    @property
    def is_qualified(self) -> bool:
        """Whether whoever comes may operate it, where that is asked."""
        return not self.needs_qualification or self.qualified_to is not None


def papers_of(rental: Rental) -> Papers:
    """Return what must be looked at before a rental is checked in; at most three statements."""
    who = rental.used_by or rental.placed_by
    last_day = rental.time.end.astimezone(rental.instrument.lab.tz).date()
    needed = rental.mode == Rental.Mode.SELF and rental.instrument.training_required
    records = list(rental.instrument.calibration_records.order_by("-valid_to", "-pk")[:8])
    return Papers(
        who=who,
        needs_qualification=needed,
        qualified_to=_through(UserQualification.objects.filter(user=who), rental, last_day) if needed else None,
        operator_qualified_to=_through(
            OperatorQualification.objects.filter(operator_id=rental.operator_id), rental, last_day
        )
        if rental.operator_id
        else None,
        certificate=certificate_on(records, last_day),
    )


def _through(held: QuerySet[Any], rental: Rental, last_day: date) -> date | None:
    """Return through which day a qualification for the rental's instrument holds, where it covers its last day."""
    found: date | None = (
        held.filter(instrument_id=rental.instrument_id, valid_to__gte=last_day)
        .values_list("valid_to", flat=True)
        .first()
    )
    return found
