"""Changes of hours; each keeps the open time of the instruments it touches in step, in its transaction."""

from labs.hours.open_time import HORIZON_DAYS, horizon, rebuild_open_time
from labs.hours.operations.following import (
    Announced,
    HolidayKindUnknown,
    StatusNeedsNoReturn,
    announce_holidays,
    follow_calibration,
    follow_hours,
    follow_status,
    import_holidays,
    set_status,
)
from labs.hours.operations.opening import (
    DateExceptionExists,
    HoursSetMeanwhile,
    MakeupPolicyUnknown,
    WindowsInvalid,
    add_date_exception,
    remove_date_exception,
    set_opening_hours,
)
from labs.hours.operations.outages import (
    OutageEndsBeforeItBegins,
    OutageGone,
    OutageTakesTooMany,
    announce_outage,
    change_outage,
    follow_outage,
    lift_outage,
)

__all__ = [
    "HORIZON_DAYS",
    "Announced",
    "DateExceptionExists",
    "HolidayKindUnknown",
    "HoursSetMeanwhile",
    "MakeupPolicyUnknown",
    "OutageEndsBeforeItBegins",
    "OutageGone",
    "OutageTakesTooMany",
    "StatusNeedsNoReturn",
    "WindowsInvalid",
    "add_date_exception",
    "announce_holidays",
    "announce_outage",
    "change_outage",
    "follow_calibration",
    "follow_hours",
    "follow_outage",
    "follow_status",
    "horizon",
    "import_holidays",
    "lift_outage",
    "rebuild_open_time",
    "remove_date_exception",
    "set_opening_hours",
    "set_status",
]
