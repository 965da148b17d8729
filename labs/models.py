"""What exists, in the order of the flow."""

from labs.catalogue.models import (
    Accreditation,
    Instrument,
    InstrumentCategory,
    Lab,
    Offering,
    Parameter,
    Room,
    Standard,
)  # isort: skip

from labs.calibration.models import CalibrationRecord  # isort: skip
from labs.hours.models import DateException, HolidayDate, OpeningWindow, OpenTime, Outage  # isort: skip
from labs.staff.models import Operator, OperatorQualification, UserQualification  # isort: skip
from labs.tariffs.models import BookingPolicy, Tariff  # isort: skip

__all__ = [
    "Accreditation",
    "BookingPolicy",
    "CalibrationRecord",
    "DateException",
    "HolidayDate",
    "Instrument",
    "InstrumentCategory",
    "Lab",
    "Offering",
    "OpenTime",
    "OpeningWindow",
    "Operator",
    "OperatorQualification",
    "Outage",
    "Parameter",
    "Room",
    "Standard",
    "Tariff",
    "UserQualification",
]
