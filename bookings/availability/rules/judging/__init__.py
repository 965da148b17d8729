"""
The booking rules themselves (requirements 4), by subject, with the refusals they mean.

All instants are UTC; the lab's zone decides what is a day.
"""

from datetime import datetime

from bookings.availability.rules.facts import Facts, Wish
from bookings.availability.rules.judging.capacity import (
    CapacityExceeded,
    ExternallyBusy,
    ProfileConflict,
    RoomBusy,
    SmeReserve,
    UnderMaintenance,
    capacity_left,
    not_busy_elsewhere,
    not_out_of_service,
    one_condition,
    reserve_respected,
    room_free,
)
from bookings.availability.rules.judging.certificates import CalibrationExpired, calibrated_throughout
from bookings.availability.rules.judging.customer import (
    InstrumentUnavailable,
    MaterialNotAllowed,
    ModeNotOffered,
    OrganisationSuspended,
    QuotaExceeded,
    bookable,
    few_bookings_ahead,
    few_holds,
    in_good_standing,
    materials_allowed,
    mode_offered,
    within_the_week,
)
from bookings.availability.rules.judging.people import NoQualifiedOperator, NotQualified, operator_free, qualified
from bookings.availability.rules.judging.timing import (
    ClosedDay,
    DurationTooLong,
    DurationTooShort,
    LeadTimeTooShort,
    NotOnSlotGrid,
    OutsideOpeningHours,
    TooFarAhead,
    UnitsOutOfRange,
    early_enough,
    in_opening_hours,
    long_enough,
    near_enough,
    next_on_grid,
    on_slot_grid,
    short_enough,
    units_within,
)
from kernel.refusals import Refusal

__all__ = [
    "ABOUT_THE_CUSTOMER",
    "ABOUT_THE_START",
    "QUOTAS",
    "RULES",
    "CalibrationExpired",
    "CapacityExceeded",
    "ClosedDay",
    "DurationTooLong",
    "DurationTooShort",
    "ExternallyBusy",
    "InstrumentUnavailable",
    "LeadTimeTooShort",
    "MaterialNotAllowed",
    "ModeNotOffered",
    "NoQualifiedOperator",
    "NotOnSlotGrid",
    "NotQualified",
    "OrganisationSuspended",
    "OutsideOpeningHours",
    "ProfileConflict",
    "QuotaExceeded",
    "RoomBusy",
    "SmeReserve",
    "TooFarAhead",
    "UnderMaintenance",
    "UnitsOutOfRange",
    "next_on_grid",
    "over_quota",
    "refusals",
]

RULES = (
    bookable,
    in_good_standing,
    mode_offered,
    on_slot_grid,
    long_enough,
    short_enough,
    units_within,
    in_opening_hours,
    early_enough,
    near_enough,
    capacity_left,
    one_condition,
    not_out_of_service,
    calibrated_throughout,
    room_free,
    operator_free,
    qualified,
    few_bookings_ahead,
    few_holds,
    within_the_week,
    reserve_respected,
    not_busy_elsewhere,
    materials_allowed,
)
"""All rules, in the order their refusals are shown (BK-1 to BK-16; BK-15 is told where BK-1 is)."""

ABOUT_THE_CUSTOMER = (
    bookable,
    in_good_standing,
    mode_offered,
    long_enough,
    short_enough,
    units_within,
    few_holds,
    materials_allowed,
)
"""Rules whose answer is the same for every start of a wish: asked once by a search."""

ABOUT_THE_START = tuple(rule for rule in RULES if rule not in ABOUT_THE_CUSTOMER)

QUOTAS = (few_bookings_ahead, few_holds, within_the_week)
"""Rules that span instruments (BK-12): asked again under the lock of the organisation."""


def refusals(facts: Facts, wish: Wish, now: datetime) -> list[Refusal]:
    """Return every refusal of the wish, in the order of the rules; none means that it may be booked."""
    return [refusal for rule in RULES if (refusal := rule(facts, wish, now)) is not None]


def over_quota(facts: Facts, wish: Wish, now: datetime) -> list[Refusal]:
    """Return the refusals of the rules that span instruments (BK-12)."""
    return [refusal for rule in QUOTAS if (refusal := rule(facts, wish, now)) is not None]
