"""What people see of series: their dates with what became of them, and what cancelling would cost."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, DateTimeField, F, Func, Min, Q, QuerySet, Sum

from bookings.rentals import operations as rentals
from bookings.rentals import rules
from bookings.rentals.models import Rental
from bookings.series.models import Series, SeriesDate, SeriesQuerySet
from bookings.series.rules import ALL, FOLLOWING
from kernel.bilingual import chosen as chosen_text
from kernel.money import Money
from kernel.periods import Period

ENDED = (rules.CANCELLED, rules.REJECTED, rules.EXPIRED)
"""States of a date that takes no place."""


@dataclass(frozen=True, slots=True)
class Dated:
    """A date of a series as it is now: its rental with its state, or why it was left out."""

    row: SeriesDate
    rental: Rental | None
    state: str

    @property
    def on(self) -> date:
        """The local date that the rule gave it."""
        return self.row.on

    @property
    def why(self) -> str:
        """Why it was left out, in the language of the page."""
        told = self.row.skipped or {}
        return chosen_text(told.get("text_zh", ""), told.get("text_en", ""))

    @property
    def state_label(self) -> str:
        """Its state in words."""
        return str(Rental.Status(self.state).label) if self.state else ""

    @property
    def may_end(self) -> bool:
        """Whether it is booked and nobody has come yet: it may be called off."""
        return self.state in rules.BEFORE_USE

    @property
    def takes_place(self) -> bool:
        """Whether it is booked and neither cancelled, declined nor expired."""
        return self.rental is not None and self.state not in ENDED


def listed(series: SeriesQuerySet, now: datetime) -> QuerySet[Any]:
    """Return series with what a list shows of them, the newest first."""
    standing = Q(dates__rental__status__in=(*rules.BLOCKING, rules.CHECKED_OUT, rules.SETTLED)) & ~Q(
        dates__rental__status__in=rules.LAPSING, dates__rental__held_until__lte=now
    )
    begins = Func(F("dates__rental__period"), function="lower", output_field=DateTimeField())
    return (
        series.select_related("instrument__lab", "organisation", "placed_by", "used_by")
        .annotate(
            booked=Count("dates", filter=standing),
            skipped=Count("dates", filter=Q(dates__rental__isnull=True)),
            waiting=Count("dates", filter=standing & Q(dates__rental__status=rules.PENDING)),
            next_at=Min(begins, filter=standing & Q(dates__rental__period__startswith__gt=now)),
            total_fen=Sum("dates__rental__total_fen", filter=standing, default=0),
        )
        .order_by("-created_at", "-pk")
    )


def dated(series: Series, now: datetime) -> list[Dated]:
    """Return the dates of a series in the order of time, each as it is now."""
    dates = series.dates.select_related("rental__policy", "rental__instrument__lab").order_by("on")
    found = [Dated(each, each.rental, each.rental.status_at(now) if each.rental else "") for each in dates]
    return sorted(found, key=lambda one: one.rental.time.start.isoformat() if one.rental else one.on.isoformat())


def last_time(series: Series) -> Period | None:
    """Return the time of the last date that is booked."""
    last = Rental.objects.filter(series_date__series=series, status__in=rules.BLOCKING).order_by("-period").first()
    return last.time if last else None


def chosen(dates: list[Dated], which: str, on: date | None) -> list[Dated]:
    """Return the dates an act is about: the one of that local date, that and the following ones, or all."""
    if which == ALL or on is None:
        return dates
    return [one for one in dates if one.on == on or (which == FOLLOWING and one.on > on)]


@dataclass(frozen=True, slots=True)
class Costing:
    """A date that may be cancelled, and what that costs now."""

    one: Dated
    rental: Rental
    fee: Money


@dataclass(frozen=True, slots=True)
class Cancelling:
    """What cancelling dates of a series means now; `left` are those that stay: past, in use, or over."""

    costs: tuple[Costing, ...]
    left: tuple[Dated, ...]

    @property
    def total(self) -> Money:
        """All fees together."""
        return Money(sum(each.fee.fen for each in self.costs))


def cancelling(series: Series, *, which: str, on: date | None, now: datetime) -> Cancelling:
    """Return what cancelling would cost the customer now, date by date (BL-20)."""
    costs, left = [], []
    for one in chosen(dated(series, now), which, on):
        rental = one.rental
        if rental is not None and one.state in rules.MOVES["cancel"] and rental.time.start > now:
            costs.append(Costing(one, rental, rentals.fee_of_cancelling(rental, now=now)))
        else:
            left.append(one)
    return Cancelling(tuple(costs), tuple(left))
