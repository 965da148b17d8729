"""The rule about certificates (BK-9, CAL-2)."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from bookings.availability.rules.facts import Facts, Wish
from bookings.availability.rules.judging import saying
from kernel.refusals import Refusal


class CalibrationExpired(Refusal):
    code = "CALIBRATION_EXPIRED"
    message = _("{instrument} is not calibrated for all of that time.")
    cure = _("Calibrated until {until}.")
    otherwise = _("Ask the lab when it will be calibrated, or choose a comparable instrument.")


class CalibratedLater(CalibrationExpired):
    cure = _("Calibrated from {again_from} on.")


def calibrated_throughout(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-9, CAL-2: calibrated at every instant of the period, buffers excluded."""
    if any(calibrated.contains(wish.period) for calibrated in facts.calibrated):
        return None
    start = wish.period.start
    begun = next((calibrated.end for calibrated in facts.calibrated if calibrated.holds(start)), None)
    again = next((calibrated.start for calibrated in facts.calibrated if calibrated.start > start), None)
    again = again or facts.calibrated_later
    if begun is None and again is not None:
        return CalibratedLater(instrument=facts.instrument, again_from=saying.day(again, facts))
    until = begun or facts.calibrated_until
    ahead = until is not None and until > now
    return CalibrationExpired(
        instrument=facts.instrument, until=saying.last_day(until, facts) if until and ahead else ""
    )
