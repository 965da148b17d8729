"""
What a certificate does to the bookings already there (CAL-3): nothing is cancelled, but nobody is left unaware.

So does an edit of the instrument: that it must be calibrated from now on, or that there are fewer units of it (BK-6).

Note [Certificates and bookings]
    A hold takes the instrument's open time FOR SHARE and asks again where its version has moved. A certificate locks
    open time first, then the rentals ahead, and only then lets open time (and the weeks behind it) follow: whoever
    confirmed before is seen and marked, whoever comes after is judged by the new certificate, and nobody waits in a
    circle, since every booking takes open time, rentals and weeks in that order.
"""

from datetime import UTC, datetime
from typing import Any

from bookings.rentals import operations, rules
from bookings.rentals.events import RentalAtRisk, RentalSafeAgain
from bookings.rentals.models import Rental, RentalQuerySet
from bookings.schedule import operations as schedule
from kernel.events import announce
from kernel.locks import lock
from kernel.periods import Period, without
from labs.calibration.events import CalibrationAmended, CalibrationRecorded
from labs.calibration.rules import Validity, calibrated_periods
from labs.catalogue.consents import NOT_TRACEABLE
from labs.catalogue.editing.events import InstrumentEdited
from labs.models import CalibrationRecord, Instrument, OpenTime

CALIBRATION = "calibration"

type CertificateEvent = CalibrationRecorded | CalibrationAmended


def ahead(instrument_id: int, now: datetime) -> RentalQuerySet:
    """Return the rentals of an instrument that are not over and still stand."""
    found: RentalQuerySet = Rental.objects.blocking(now).filter(instrument_id=instrument_id, period__endswith__gt=now)
    return found


def hold_still(event: CertificateEvent) -> None:
    """
    React first to a certificate: keep bookings of the instrument waiting until it is known what becomes of them.

    Raises:
        Busy: others held the rows for too long.
    """
    _hold(event.instrument_id, event.occurred_at)


def _hold(instrument_id: int, now: datetime) -> None:
    lock(OpenTime.objects.filter(instrument_id=instrument_id).only("pk"))
    lock(ahead(instrument_id, now).only("pk"))


def reassess(event: CertificateEvent | InstrumentEdited) -> None:
    """Mark the rentals ahead that are not calibrated throughout any more, and take the mark from those that are."""
    now = event.occurred_at
    instrument = Instrument.objects.select_related("lab").get(pk=event.instrument_id)
    records = CalibrationRecord.objects.filter(instrument=instrument).values_list("valid_from", "valid_to", "result")
    certified = calibrated_periods((Validity(*record) for record in records), instrument.lab.tz)
    for rental in ahead(instrument.pk, now).order_by("pk"):
        is_fine = not instrument.requires_calibration and _agreed(rental)
        gaps = [] if is_fine else without([rental.time], certified)
        risk = _risk(gaps)
        if risk == rental.at_risk:
            continue
        rental.at_risk_since = None if risk is None else rental.at_risk_since or now
        rental.at_risk = risk
        rental.changed_at = now
        rental.save(update_fields=["at_risk", "at_risk_since", "changed_at"])
        kind = RentalSafeAgain if risk is None else RentalAtRisk
        announce(
            kind(
                occurred_at=now,
                actor_id=event.actor_id,
                organisation_id=event.organisation_id,
                rental_id=rental.pk,
                number=rental.number,
            )
        )


CALIBRATED, UNITS = "requires_calibration", "capacity"
"""Fields of an instrument by which what is booked must be judged anew."""


def hold_edited_still(event: InstrumentEdited) -> None:
    """
    React first to an edit that decides what is booked: keep the bookings waiting, as a certificate does.

    Raises:
        Busy: others held the rows for too long.
    """
    if {CALIBRATED, UNITS} & set(event.fields):
        _hold(event.instrument_id, event.occurred_at)


def reassess_edited(event: InstrumentEdited) -> None:
    """Judge the rentals ahead anew: whether they are calibrated throughout, and whether there are units enough."""
    if CALIBRATED in event.fields:
        reassess(event)
    if UNITS in event.fields:
        _reassess_units(event)


def _reassess_units(event: InstrumentEdited) -> None:
    """Mark the rentals ahead for which there are too few units, those agreed last; unmark those that fit again."""
    now = event.occurred_at
    capacity = Instrument.objects.values_list("capacity", flat=True).get(pk=event.instrument_id)
    rentals = sorted(ahead(event.instrument_id, now), key=lambda one: (one.confirmed_at or one.created_at, one.pk))
    claims = [rules.Claim(one.pk, one.time, one.units, is_in_use=one.status not in rules.BEFORE_USE) for one in rentals]
    lost = set(rules.without_place(claims, capacity=capacity))
    told: dict[str, Any] = {"now": now, "actor_id": event.actor_id, "organisation_id": event.organisation_id}
    fewer = {"why": rules.FEWER_UNITS, "capacity": capacity}
    marked = {one.pk for one in rentals if (one.needs_rebooking or {}).get("why") == rules.FEWER_UNITS}
    unmarked = {one.pk for one in rentals if one.needs_rebooking is None}
    operations.mark_needs_rebooking(rental_ids=lost & (marked | unmarked), why=fewer, **told)
    operations.restore_places(rental_ids=marked - lost, **told)
    schedule.move_in(instrument_id=event.instrument_id, capacity=capacity, last=lost, now=now)


def _agreed(rental: Rental) -> bool:
    """Whether the customer knew from the beginning that the results are not traceable."""
    return any(consent["code"] == NOT_TRACEABLE for consent in rental.consents)


def _risk(gaps: list[Period]) -> dict[str, Any] | None:
    if not gaps:
        return None
    return {"why": CALIBRATION, "gaps": [[_utc(gap.start), _utc(gap.end)] for gap in gaps]}


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()
