"""Who is told of an act on a series: one notice each, however many dates it has."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.memberships import rules as roles
from accounts.models import Membership
from bookings.rentals import rules as rentals
from bookings.rentals.events import RentalExpired
from bookings.rentals.models import Rental
from bookings.series.events import (
    SeriesApproved,
    SeriesCancelled,
    SeriesConfirmed,
    SeriesMoved,
    SeriesRejected,
    SeriesSubmitted,
)
from bookings.series.models import Series
from notices import facts
from notices import operations as notices
from notices.models import Notice

type Told = SeriesApproved | SeriesCancelled | SeriesConfirmed | SeriesMoved | SeriesRejected | SeriesSubmitted


def tell_customer(event: Told) -> None:
    """Tell the person who booked the series, and who comes."""
    series = _series(event.series_id)
    _tell(series, to=_theirs(series), kind=event.name(), page="series:one", of=series.organisation_id, **_of(event))


def tell_managers(event: SeriesSubmitted) -> None:
    """Tell the lab's managers that dates of a series wait for them."""
    _tell_lab(event, (roles.OWNER, roles.LAB_MANAGER))


def tell_lab(event: SeriesConfirmed | SeriesCancelled | SeriesMoved) -> None:
    """Tell the lab's people who comes, or no longer comes; who did it knows."""
    _tell_lab(event, (roles.LAB_MANAGER, roles.LAB_OPERATOR))


LAPSED = "series_lapsed"


def tell_lapsed(event: RentalExpired) -> None:
    """Tell the customer that a date of a series lapsed, as `tell_lapsed_all`."""
    tell_lapsed_all([event])


def tell_lapsed_all(happened: Sequence[RentalExpired]) -> None:
    """
    Tell the customer, once a series, that dates of it lapsed: nobody approved or confirmed them in time.

    Dates that are kept until the same instant lapse together, however late each is cleared: whoever has had the letter
    about one of them has read of the others. Who let mere holds run out knows.
    """
    lapsed = defaultdict(list)
    for event in happened:
        if event.series_id is not None and event.was_asked_for:
            lapsed[event.series_id].append(event.rental_id)
    for series_id, rental_ids in lapsed.items():
        found = Rental.objects.filter(pk__in=rental_ids).values_list("held_until", flat=True)
        untils = {until for until in found if until is not None}
        told = Notice.objects.filter(kind=LAPSED, about=f"series:{series_id}", occurred_at__gte=max(untils))
        if not told.exists():
            _tell_lapsed(_series(series_id), untils, at=happened[0].occurred_at)


def _tell_lapsed(series: Series, untils: set[datetime], *, at: datetime) -> None:
    together = Rental.objects.filter(
        series_date__series=series, held_until__in=untils, status__in=(*rentals.LAPSING, rentals.EXPIRED)
    )
    _tell(
        series,
        to=_theirs(series),
        kind=LAPSED,
        page="series:one",
        of=series.organisation_id,
        dates=together.count(),
        occurred_at=at,
    )


def _tell_lab(event: Told, to: tuple[str, ...]) -> None:
    series = _series(event.series_id)
    lab = series.instrument.lab.organisation_id
    staff = Membership.objects.active().filter(organisation_id=lab, role__in=to)
    users = [user_id for user_id in staff.values_list("user_id", flat=True) if user_id != event.actor_id]
    _tell(series, to=users, kind=f"{event.name()}_lab", page="series:desk_one", of=lab, **_of(event))


def _series(series_id: int) -> Series:
    return Series.objects.select_related("instrument__lab", "organisation").get(pk=series_id)


def _theirs(series: Series) -> list[int]:
    """Return who hears of a series for its customer: who placed it, and who comes."""
    return [key for key in (series.placed_by_id, series.used_by_id) if key is not None]


def _of(event: Told) -> dict[str, Any]:
    return {
        "dates": event.dates,
        "reason": event.reason,
        "occurred_at": event.occurred_at,
        "actor_id": event.actor_id,
    }


def _tell(
    series: Series,
    *,
    to: Iterable[int],
    kind: str,
    page: str,
    of: int,
    dates: int,
    occurred_at: datetime,
    reason: str = "",
    actor_id: int | None = None,
) -> None:
    instrument, organisation = series.instrument, series.organisation
    notices.tell(
        users=to,
        kind=kind,
        facts={
            "series_id": series.pk,
            "instrument": facts.name(instrument.name_zh, instrument.name_en),
            "organisation": facts.name(organisation.name_zh, organisation.name_en),
            "dates": dates,
            "reason": reason,
        },
        link=reverse(page, kwargs={"uuid": series.uuid}),
        letter=f"bookings/series/mail/{kind}.txt",
        organisation_id=of,
        occurred_at=occurred_at,
        about=f"series:{series.pk}",
        actor_id=actor_id,
    )
