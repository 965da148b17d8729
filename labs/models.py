"""What exists, in the order of the flow."""

from labs.calibration.models import CalibrationRecord
from labs.catalogue.models import (
    Accreditation,
    Instrument,
    InstrumentCategory,
    Lab,
    Offering,
    Parameter,
    Room,
    Standard,
)
from labs.hours.models import DateException, HolidayDate, OpeningWindow, OpenTime, Outage
from labs.staff.models import Operator, OperatorQualification, UserQualification
from labs.tariffs.models import BookingPolicy, Tariff

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
