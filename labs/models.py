"""What exists, in the order of the flow."""

from labs.catalogue.models import (
    Accreditation,
    Cluster,
    Honour,
    Instrument,
    InstrumentCategory,
    InstrumentGroup,
    InstrumentPhoto,
    Lab,
    MeasurementStandard,
    Offering,
    OfferingVersion,
    Parameter,
    Room,
    ScopeEntry,
    Standard,
    Zone,
)  # isort: skip

from labs.capabilities.models import Capability  # isort: skip
from labs.calibration.models import CalibrationRecord  # isort: skip
from labs.hours.models import DateException, HolidayDate, OpeningWindow, OpenTime, Outage  # isort: skip
from labs.staff.models import Operator, OperatorHours, OperatorLeave, OperatorQualification, UserQualification  # isort: skip
from labs.tariffs.models import BookingPolicy, Tariff  # isort: skip
from labs.expiries.models import ExpiryNotice  # isort: skip
from labs.exchange.models import WaitingWorkbook  # isort: skip

__all__ = [
    "Accreditation",
    "BookingPolicy",
    "CalibrationRecord",
    "Capability",
    "Cluster",
    "DateException",
    "ExpiryNotice",
    "HolidayDate",
    "Honour",
    "Instrument",
    "InstrumentCategory",
    "InstrumentGroup",
    "InstrumentPhoto",
    "Lab",
    "MeasurementStandard",
    "Offering",
    "OfferingVersion",
    "OpenTime",
    "OpeningWindow",
    "Operator",
    "OperatorHours",
    "OperatorLeave",
    "OperatorQualification",
    "Outage",
    "Parameter",
    "Room",
    "ScopeEntry",
    "Standard",
    "Tariff",
    "UserQualification",
    "WaitingWorkbook",
    "Zone",
]
