"""What people are told about rentals: the customer, and the lab's people."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from bookings.rentals import queries
from bookings.rentals.models import Rental
from kernel.periods import Period
from notices.kinds import Facts, Group, Kind, Mail


def rental_of(facts: Facts, now: datetime) -> Facts:
    """Return what the letters about a rental show: the rental as it is now, and times told as values."""
    del now
    told: dict[str, Any] = {"rental": Rental.objects.with_places().select_related("used_by").get(pk=facts["rental_id"])}
    for name in ("before", "offered"):
        if name in facts:
            start, end = (datetime.fromisoformat(facts[name][edge]) for edge in ("start", "end"))
            told[name] = Period(start, end)
    for name in ("until", "end"):
        if name in facts:
            told[name] = datetime.fromisoformat(facts[name]["at"])
    return told


def rental_with_comparable(facts: Facts, now: datetime) -> Facts:
    """Return what a letter shows of a rental that cannot go on as booked: with what is free instead."""
    told = rental_of(facts, now)
    return {**told, "comparable": queries.comparable(told["rental"], now)}


KINDS = (
    Kind(
        "rental_submitted_lab",
        Group.APPROVALS,
        label=_("A booking waits for approval"),
        sentence=_("{organisation} asks for {instrument}, {time}: please answer by {until}."),
        gather=rental_of,
    ),
    Kind(
        "rental_approved",
        Group.BOOKINGS,
        label=_("A booking is approved"),
        sentence=_("Approved: {instrument}, {time}. Please confirm by {until}."),
        gather=rental_of,
    ),
    Kind(
        "rental_rejected",
        Group.BOOKINGS,
        label=_("A booking is declined"),
        sentence=_("Declined: {instrument}, {time}."),
        gather=rental_of,
    ),
    Kind(
        "rental_confirmed",
        Group.BOOKINGS,
        label=_("A booking is confirmed"),
        sentence=_("Confirmed: {instrument}, {time}."),
        gather=rental_of,
    ),
    Kind(
        "rental_confirmed_lab",
        Group.DESK,
        label=_("A new booking at the lab"),
        sentence=_("{organisation} has booked {instrument}, {time}."),
        gather=rental_of,
    ),
    Kind(
        "rental_cancelled",
        Group.BOOKINGS,
        label=_("A booking is cancelled"),
        sentence=_("Cancelled: {instrument}, {time}."),
        gather=rental_of,
    ),
    Kind(
        "rental_cancelled_lab",
        Group.DESK,
        label=_("A booking at the lab is cancelled"),
        sentence=_("The booking of {organisation} is cancelled: {instrument}, {time}."),
        gather=rental_of,
    ),
    Kind(
        "rental_at_risk",
        Group.BOOKINGS,
        label=_("A booking is at risk"),
        sentence=_("At risk: {instrument}, {time}. Its calibration no longer covers all of the time."),
        gather=rental_of,
    ),
    Kind(
        "rental_safe_again",
        Group.BOOKINGS,
        label=_("A booking is safe again"),
        sentence=_("Safe again: {instrument}, {time}. Your booking stands as it was."),
        gather=rental_of,
    ),
    Kind(
        "rental_awaits_payment",
        Group.BOOKINGS,
        label=_("A booking waits for payment"),
        sentence=_("Please pay {instrument}, {time}, by {until}."),
        gather=rental_of,
    ),
    Kind(
        "rental_expired",
        Group.BOOKINGS,
        label=_("A hold has run out"),
        sentence=_("The hold has run out: {instrument}, {time}."),
        gather=rental_of,
    ),
    Kind(
        "rental_rescheduled",
        Group.BOOKINGS,
        label=_("A booking is moved"),
        sentence=_("Moved: {instrument}, now {time}, before {before}."),
        gather=rental_of,
    ),
    Kind(
        "rental_rescheduled_lab",
        Group.DESK,
        label=_("A booking at the lab is moved"),
        sentence=_("{organisation} comes at another time: {instrument}, now {time}, before {before}."),
        gather=rental_of,
    ),
    Kind(
        "rental_move_offered",
        Group.BOOKINGS,
        label=_("The lab asks for another time"),
        sentence=_("The lab asks you to come to {instrument} at another time: {offered}. Please answer by {until}."),
        gather=rental_of,
    ),
    Kind(
        "rental_move_declined_lab",
        Group.DESK,
        label=_("A customer keeps the time"),
        sentence=_("{organisation} keeps its time: {instrument}, {time}."),
        gather=rental_of,
    ),
    Kind(
        "rental_handed_over",
        Group.BOOKINGS,
        label=_("A booking is handed to you"),
        sentence=_("A colleague has handed you {instrument}, {time}."),
        gather=rental_of,
    ),
    Kind(
        "rental_handed_over_lab",
        Group.DESK,
        label=_("Somebody else comes to a booking"),
        sentence=_("Somebody else of {organisation} comes: {instrument}, {time}."),
        gather=rental_of,
    ),
    Kind(
        "rental_needs_rebooking",
        Group.BOOKINGS,
        label=_("A booking cannot take place"),
        sentence=_("{instrument} is not available for all of {time}. Please choose another time or instrument."),
        is_urgent=True,
        gather=rental_with_comparable,
    ),
    Kind(
        "rental_place_restored",
        Group.BOOKINGS,
        label=_("A booking takes place after all"),
        sentence=_("Takes place as booked after all: {instrument}, {time}."),
        gather=rental_of,
    ),
    Kind(
        "rental_extended",
        Group.BOOKINGS,
        label=_("A use is extended"),
        sentence=_("Extended: {instrument}, until {end}."),
        gather=rental_of,
    ),
    Kind(
        "rental_extended_lab",
        Group.DESK,
        label=_("A use at the lab is extended"),
        sentence=_("{organisation} uses {instrument} until {end}."),
        gather=rental_of,
    ),
    Kind(
        "rental_cut_short",
        Group.BOOKINGS,
        label=_("An instrument goes out of service while you use it"),
        sentence=_("{instrument} goes out of service at {end}, during your use. Please talk to the desk."),
        is_urgent=True,
        gather=rental_of,
    ),
    Kind(
        "rental_spared",
        Group.BOOKINGS,
        label=_("A use goes on as booked after all"),
        sentence=_("{instrument} stays in service: your use can go on as booked, {time}."),
        is_urgent=True,
        gather=rental_of,
    ),
    Kind(
        "rental_interrupted",
        Group.BOOKINGS,
        label=_("A use is interrupted"),
        sentence=_("{instrument} broke down. Please choose by {until} what becomes of the rest."),
        is_urgent=True,
        gather=rental_with_comparable,
    ),
    Kind(
        "rental_resumed",
        Group.BOOKINGS,
        label=_("A use goes on"),
        sentence=_("{instrument} is mended, and your use goes on."),
        gather=rental_of,
    ),
    Kind(
        "rental_resumed_lab",
        Group.DESK,
        label=_("A use at the lab goes on"),
        sentence=_("{organisation} goes on using {instrument}."),
        gather=rental_of,
    ),
    Kind(
        "rental_rebooked",
        Group.BOOKINGS,
        label=_("The rest of a use is booked again"),
        sentence=_("The rest of {number} is booked as {new_number}."),
        gather=rental_of,
    ),
    Kind(
        "rental_rebooked_lab",
        Group.DESK,
        label=_("The rest of a use at the lab is booked again"),
        sentence=_("{organisation} uses the rest of {number} another time, as {new_number}."),
        gather=rental_of,
    ),
    Kind(
        "rental_abandoned",
        Group.BOOKINGS,
        label=_("An interrupted use is over"),
        sentence=_("Over where it was interrupted: {instrument}, {time}."),
        gather=rental_of,
    ),
    Kind(
        "rental_abandoned_lab",
        Group.DESK,
        label=_("An interrupted use at the lab is over"),
        sentence=_("The interrupted use of {organisation} is over: {instrument}, {time}."),
        gather=rental_of,
    ),
    Kind(
        "rental_unusable_lab",
        Group.DESK,
        label=_("A customer says a run was of no use"),
        sentence=_(
            "{organisation} says that the run on {instrument} was of no use. Object by {until}, if you do not agree."
        ),
        gather=rental_of,
    ),
    Kind(
        "rental_unusable_contested",
        Group.BOOKINGS,
        label=_("A lab objects to what you said of a run"),
        sentence=_("The lab objects: the minutes used on {instrument} are owed."),
        gather=rental_of,
    ),
    Kind(
        "rental_checked_out",
        Group.BOOKINGS,
        label=_("A use is over"),
        sentence=_("Checked out: {instrument}, {time}. The price is final in two working days."),
        gather=rental_of,
    ),
    Kind(
        "rental_runs_over",
        Group.BOOKINGS,
        label=_("The use before yours runs over"),
        sentence=_("The use before yours runs over, and you may have to wait: {instrument}, {time}."),
        is_urgent=True,
        gather=rental_of,
    ),
    Kind(
        "rental_no_show",
        Group.BOOKINGS,
        label=_("Nobody came to a booking"),
        sentence=_("Nobody came: {instrument}, {time}."),
        gather=rental_of,
    ),
    Kind(
        "rental_no_show_lab",
        Group.DESK,
        label=_("Nobody came to a booking at the lab"),
        sentence=_("Nobody of {organisation} came: {instrument}, {time}."),
        gather=rental_of,
    ),
    Kind(
        "rental_settled",
        Group.BOOKINGS,
        label=_("A rental is settled"),
        sentence=_("Settled: {instrument}, {time}."),
        mail=Mail.DIGEST,
        gather=rental_of,
    ),
    Kind(
        "rental_checked_in",
        Group.BOOKINGS,
        label=_("A use has begun"),
        sentence=_("Checked in: {instrument}, {time}."),
        is_mailed=False,
        gather=rental_of,
    ),
    Kind(
        "rental_starts_soon",
        Group.BOOKINGS,
        label=_("A booking begins tomorrow"),
        sentence=_("Begins soon: {instrument}, {time}."),
        gather=rental_of,
    ),
    Kind(
        "rental_hold_lapses",
        Group.BOOKINGS,
        label=_("A hold runs out soon"),
        sentence=_("Please confirm {instrument}, {time}, by {until}."),
        is_urgent=True,
        gather=rental_of,
    ),
    Kind(
        "rental_choice_due",
        Group.BOOKINGS,
        label=_("A choice must be made soon"),
        sentence=_("Please choose by {until} what becomes of the rest of your use of {instrument}."),
        gather=rental_of,
    ),
)
