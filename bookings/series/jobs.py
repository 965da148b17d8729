"""Who is told of an act on a series: one notice each, however many dates it has."""

from collections.abc import Iterable

from django.urls import reverse

from accounts.memberships import rules as roles
from accounts.models import Membership
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

type Told = SeriesApproved | SeriesCancelled | SeriesConfirmed | SeriesMoved | SeriesRejected | SeriesSubmitted


def tell_customer(event: Told) -> None:
    """Tell the person who booked the series."""
    series = _series(event)
    _tell(event, series, to=[series.placed_by_id], kind=event.name(), page="series:one", of=series.organisation_id)


def tell_managers(event: SeriesSubmitted) -> None:
    """Tell the lab's managers that dates of a series wait for them."""
    _tell_lab(event, (roles.OWNER, roles.LAB_MANAGER))


def tell_lab(event: SeriesConfirmed | SeriesCancelled | SeriesMoved) -> None:
    """Tell the lab's people who comes, or no longer comes; who did it knows."""
    _tell_lab(event, (roles.LAB_MANAGER, roles.LAB_OPERATOR))


def _tell_lab(event: Told, to: tuple[str, ...]) -> None:
    series = _series(event)
    lab = series.instrument.lab.organisation_id
    staff = Membership.objects.active().filter(organisation_id=lab, role__in=to)
    users = [user_id for user_id in staff.values_list("user_id", flat=True) if user_id != event.actor_id]
    _tell(event, series, to=users, kind=f"{event.name()}_lab", page="series:desk_one", of=lab)


def _series(event: Told) -> Series:
    return Series.objects.select_related("instrument__lab", "organisation").get(pk=event.series_id)


def _tell(event: Told, series: Series, *, to: Iterable[int], kind: str, page: str, of: int) -> None:
    instrument, organisation = series.instrument, series.organisation
    notices.tell(
        users=to,
        kind=kind,
        facts={
            "series_id": series.pk,
            "instrument": facts.name(instrument.name_zh, instrument.name_en),
            "organisation": facts.name(organisation.name_zh, organisation.name_en),
            "dates": event.dates,
            "reason": event.reason,
        },
        link=reverse(page, kwargs={"uuid": series.uuid}),
        letter=f"bookings/series/mail/{kind}.txt",
        organisation_id=of,
        occurred_at=event.occurred_at,
        about=f"series:{series.pk}",
        actor_id=event.actor_id,
    )
