"""What happened to certificates."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRecorded(Event):
    """An instrument has a certificate more; its open time follows at once."""

    ABOUT: ClassVar[tuple[str, ...]] = ("instrument_id",)
    calibration_record_id: int
    instrument_id: int
    certificate_no: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationAmended(Event):
    """A certificate's validity or result was corrected; future bookings may now fail CAL-2."""

    ABOUT: ClassVar[tuple[str, ...]] = ("instrument_id",)
    calibration_record_id: int
    instrument_id: int
    certificate_no: str = ""
    changes: list[dict[str, Any]] = field(default_factory=list)
