"""What every act on a series does: lock in one order, keep what was left out and why, say what happened."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import OperationalError, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.models import Membership
from bookings.rentals import operations as rentals
from bookings.schedule import operations as schedule
from bookings.series import events
from bookings.series.models import Series
from kernel.events import announce
from kernel.locks import lock
from kernel.refusals import Busy, Refusal, Refusals
from labs.models import Instrument

DEADLOCK_DETECTED = "40P01"


class SeriesChanged(Refusal):
    """A date, a reason or a price is not the one the person saw and agreed to; nothing was booked."""

    code = "SERIES_CHANGED"
    message = _("Meanwhile something has changed on {dates}. Please look at the dates again; nothing was booked.")


class NotAllDates(Refusal):
    """All dates or none were wanted, and some cannot be booked."""

    code = "NOT_ALL_DATES"
    message = _("These dates cannot be booked: {dates}. Nothing was booked.")
    cure = _("Leave those dates out, or choose another time.")


class NoDateLeft(Refusal):
    """Not one date can be booked."""

    code = "NO_DATE_LEFT"
    message = _("None of the dates can be booked.")


class NothingToDo(Refusal):
    """No date of the series is in a state in which this can be done."""

    code = "NOTHING_TO_DO"
    message = _("No date of this series is waiting for that.")


@contextmanager
def whole(instrument: Instrument, *, organisation_id: int) -> Iterator[None]:
    """
    Do an act on many dates of one instrument in one transaction.

    Note [One lock for a series]: the customer's organisation, the open time, the instrument and its room are locked
    once and first, in the order of every single booking; then its dates follow, the earliest first. All dates are on
    one instrument, so two acts on series of it come one after the other, and none waits for one that waits for it.
    Dates that move by days change places among themselves, from the last to the first; should that meet a series on
    another instrument with the same operators, PostgreSQL ends one of the two, and it may be sent again.

    Raises:
        Busy: others kept something of it locked for too long.
    """
    try:
        with transaction.atomic():
            schedule.lock_for_booking(instrument, organisation_id=organisation_id)
            yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == DEADLOCK_DETECTED:
            raise Busy from error
        raise


@contextmanager
def act(series: Series) -> Iterator[Series]:
    """Do one act on a series that stands: under its locks, its rentals marked as part of it; gives it as it is now."""
    with whole(series.instrument, organisation_id=series.organisation_id), rentals.part_of_series(series.pk):
        (locked,) = lock(Series.objects.filter(pk=series.pk).select_related("instrument__lab"))
        yield locked


def each(refusal: Refusal) -> list[Refusal]:
    """Return the single refusals of one that may be several."""
    return refusal.refusals if isinstance(refusal, Refusals) else [refusal]


def kept(refusals: list[Refusal], series: Series) -> dict[str, str]:
    """Return why a date was left out, as it is kept: the first code, and what all of them say, in both languages."""
    told = {"code": refusals[0].code}
    for key, language in (("text_zh", "zh-hans"), ("text_en", "en")):
        with override(language):
            told[key] = " ".join(_said(refusal, series) for refusal in refusals)
    return told


def _said(refusal: Refusal, series: Series) -> str:
    """Return a refusal in the active language, the names in it too."""
    names = {"instrument": series.instrument.name, "organisation": series.organisation.name}
    named = {fact: name for fact, name in names.items() if fact in refusal.facts}
    return str(type(refusal)(**{**refusal.facts, **named}))


def tell(kind: type[events.SeriesEvent], series: Series, *, by: Membership, now: datetime, **facts: Any) -> None:
    """Announce what happened to a series."""
    announce(
        kind(
            occurred_at=now,
            actor_id=by.user_id,
            organisation_id=by.organisation_id,
            series_id=series.pk,
            **facts,
        )
    )
