"""
The booking rules (requirements 4): one rule is one small function over facts gathered once.

Quote, hold and search ask the same functions, so that what is offered is exactly what succeeds (BK-25). Each answers
with the refusal it means, or None.
"""

from bookings.availability.rules.facts import ASSISTED, SELF, TRAINING, Facts, Policy, Supply, Taken, Wish
from bookings.availability.rules.judging import (
    RULES,
    CalibrationExpired,
    CapacityExceeded,
    ClosedDay,
    DurationTooLong,
    DurationTooShort,
    InstrumentUnavailable,
    LeadTimeTooShort,
    ModeNotOffered,
    NotOnSlotGrid,
    NotQualified,
    OrganisationSuspended,
    OutsideOpeningHours,
    RoomBusy,
    TooFarAhead,
    UnderMaintenance,
    UnitsOutOfRange,
    refusals,
)
from bookings.availability.rules.searching import starts

__all__ = [
    "ASSISTED",
    "RULES",
    "SELF",
    "TRAINING",
    "CalibrationExpired",
    "CapacityExceeded",
    "ClosedDay",
    "DurationTooLong",
    "DurationTooShort",
    "Facts",
    "InstrumentUnavailable",
    "LeadTimeTooShort",
    "ModeNotOffered",
    "NotOnSlotGrid",
    "NotQualified",
    "OrganisationSuspended",
    "OutsideOpeningHours",
    "Policy",
    "RoomBusy",
    "Supply",
    "Taken",
    "TooFarAhead",
    "UnderMaintenance",
    "UnitsOutOfRange",
    "Wish",
    "refusals",
    "starts",
]
