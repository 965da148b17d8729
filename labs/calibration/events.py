"""What happened to certificates."""

from dataclasses import dataclass

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRecorded(Event):
    """An instrument has a certificate more; its open time follows at once."""

    calibration_record_id: int
    instrument_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationAmended(Event):
    """A certificate's validity or result was corrected; future bookings may now fail CAL-2."""

    calibration_record_id: int
    instrument_id: int
