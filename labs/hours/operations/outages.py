"""
Taking a lab or an instrument out for a time (BK-8), changing when, and bringing it back.

Each says what happened before open time follows (`follow_outage`): the bookings in that time are kept still first, see
Note [Outages and bookings].
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from kernel import events
from kernel.locks import lock
from kernel.periods import Period
from kernel.refusals import Refusal
from labs.catalogue.models import Instrument, Lab
from labs.hours.events import InstrumentOutageAnnounced, OutageChanged, OutageEvent, OutageLifted
from labs.hours.models import OpenTime, Outage
from labs.hours.open_time import rebuild_open_time
from labs.hours.operations.steps import owner, told, touched_by


class OutageEndsBeforeItBegins(Refusal):
    code = "outage_ends_before_it_begins"
    message = _("An outage must end after it begins.")
    status = 422


class OutageTakesTooMany(Refusal):
    code = "outage_takes_too_many"
    message = _("An outage takes between one unit and all {capacity}.")
    status = 422


class OutageGone(Refusal):
    code = "outage_gone"
    message = _("This outage was lifted meanwhile.")


@transaction.atomic
def announce_outage(
    *,
    of: Lab | Instrument,
    kind: str,
    start: datetime,
    end: datetime,
    by: Membership | None,
    now: datetime,
    units: int | None = None,
    reason_zh: str = "",
    reason_en: str = "",
) -> Outage:
    """
    Take a lab or an instrument out for a time, all its units or a number of them (BK-8).

    What is booked into that time stays; `InstrumentOutageAnnounced` names the instruments, and those above this
    layer mark the bookings.

    Raises:
        OutageEndsBeforeItBegins: the period is empty or backwards.
        OutageTakesTooMany: no unit, or more units than there are.
        Busy: bookings held the instruments for too long.
    """
    lab, instrument = owner(of)
    outage = Outage(
        lab=lab,
        instrument=instrument,
        kind=kind,
        period=_stretch(start, end),
        units=_units(instrument, units),
        reason_zh=reason_zh,
        reason_en=reason_en,
        created_by=by.user if by else None,
    )
    outage.save()
    events.announce(
        InstrumentOutageAnnounced(
            outage_id=outage.pk,
            instrument_ids=_touched(of),
            starts_at=outage.stretch.start.isoformat(),
            ends_at=outage.stretch.end.isoformat(),
            lab_id=outage.lab_id,
            kind=kind,
            units=outage.units,
            **{**told(by, now), "reason": reason_zh or reason_en},
        )
    )
    return outage


@transaction.atomic
def change_outage(
    *,
    outage: Outage,
    start: datetime,
    end: datetime,
    by: Membership | None,
    now: datetime,
    units: int | None = None,
) -> Outage:
    """
    Let an outage begin or end at another time, or take another number of units (None: all).

    Raises:
        OutageGone: it was lifted meanwhile.
        OutageEndsBeforeItBegins: the period is empty or backwards.
        OutageTakesTooMany: no unit, or more units than there are.
        Busy: bookings held the instruments for too long.
    """
    outage = _locked(outage)
    of = _of(outage)
    before = outage.stretch
    outage.period, outage.units = _stretch(start, end), _units(outage.instrument, units)
    outage.save(update_fields=["period", "units"])
    events.announce(
        OutageChanged(
            outage_id=outage.pk,
            instrument_ids=_touched(of),
            lab_id=outage.lab_id,
            starts_at=outage.stretch.start.isoformat(),
            ends_at=outage.stretch.end.isoformat(),
            began_at=before.start.isoformat(),
            ended_at=before.end.isoformat(),
            kind=outage.kind,
            units=outage.units,
            **told(by, now),
        )
    )
    return outage


@transaction.atomic
def lift_outage(*, outage: Outage, by: Membership | None, now: datetime) -> None:
    """
    End an outage as if it had not been announced, for what lies ahead and for what has passed.

    Raises:
        OutageGone: somebody was faster.
        Busy: bookings held the instruments for too long.
    """
    outage = _locked(outage)
    of, key, stretch = _of(outage), outage.pk, outage.stretch
    outage.delete()
    events.announce(
        OutageLifted(
            outage_id=key,
            instrument_ids=_touched(of),
            lab_id=outage.lab_id,
            starts_at=stretch.start.isoformat(),
            ends_at=stretch.end.isoformat(),
            kind=outage.kind,
            **told(by, now),
        )
    )


def follow_outage(event: OutageEvent) -> None:
    """React to an outage: open time follows in the same transaction, and bookings look again, if only units are out."""
    rebuild_open_time(Instrument.objects.filter(pk__in=event.instrument_ids), event.occurred_at, moved=True)


def _stretch(start: datetime, end: datetime) -> object:
    if start >= end:
        raise OutageEndsBeforeItBegins
    return Period(start, end).as_range()


def _units(instrument: Instrument | None, units: int | None) -> int | None:
    """Return the number of units that are out; None for all."""
    capacity = instrument.capacity if instrument else 0
    if units is not None and not 1 <= units <= capacity:
        raise OutageTakesTooMany(capacity=capacity)
    return None if instrument and units == capacity else units


def _locked(outage: Outage) -> Outage:
    """Lock an outage, and before it the open time it closes: whoever uses the instrument goes on to its outage."""
    lock(OpenTime.objects.filter(instrument_id__in=_touched(_of(outage))).only("pk"))
    found = lock(Outage.objects.select_related("lab", "instrument").filter(pk=outage.pk))
    if not found:
        raise OutageGone
    return found[0]


def _of(outage: Outage) -> Lab | Instrument:
    of = outage.instrument or outage.lab
    assert of is not None  # noqa: S101 -- the constraint outage_is_of_a_lab_or_an_instrument
    return of


def _touched(of: Lab | Instrument) -> tuple[int, ...]:
    """Return the keys of the instruments it touches, in key order."""
    return tuple(sorted(instrument.pk for instrument in touched_by(of)))
