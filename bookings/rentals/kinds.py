"""What people are told about rentals: the customer, and the lab's people."""

from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bookings.rentals import events, queries
from bookings.rentals.models import Rental
from kernel.events import Event
from kernel.periods import Period
from notices.kinds import Facts, Gathering, Group, Kind, Mail


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


ANSWERED = (events.RentalApproved, events.RentalRejected, events.RentalExpired, events.RentalCancelled)
"""After these a lab need not answer any more."""
OFF = (events.RentalCancelled, events.RentalExpired)
"""After these nobody need do anything about a rental that was not used yet."""
CHOSEN = (events.RentalResumed, events.RentalRebooked, events.RentalAbandoned)
"""What becomes of the rest of an interrupted use."""
ABOUT = "rental:{0.rental_id}"


def _kind(
    name: str,
    label: str | Promise,
    sentence: str | Promise,
    *,
    group: Group = Group.BOOKINGS,
    gather: Gathering = rental_of,
    done_by: tuple[type[Event], ...] = (),
    **more: Any,
) -> Kind:
    """Return a kind of notice about a rental; most tell its customer."""
    return Kind(name, group, label, sentence, gather=gather, done_by=done_by, about=ABOUT, **more)


KINDS = (
    _kind(
        "rental_submitted_lab",
        _("A booking waits for approval"),
        _("{organisation} asks for {instrument}, {time}: please answer by {until}."),
        group=Group.APPROVALS,
        done_by=ANSWERED,
    ),
    _kind(
        "rental_approved",
        _("A booking is approved"),
        _("Approved: {instrument}, {time}. Please confirm by {until}."),
        done_by=(events.RentalConfirmed, events.RentalAwaitsPayment, *OFF),
    ),
    _kind(
        "rental_rejected",
        _("A booking is declined"),
        _("Declined: {instrument}, {time}."),
    ),
    _kind(
        "rental_confirmed",
        _("A booking is confirmed"),
        _("Confirmed: {instrument}, {time}."),
    ),
    _kind(
        "rental_confirmed_lab",
        _("A new booking at the lab"),
        _("{organisation} has booked {instrument}, {time}."),
        group=Group.DESK,
    ),
    _kind(
        "rental_cancelled",
        _("A booking is cancelled"),
        _("Cancelled: {instrument}, {time}."),
    ),
    _kind(
        "rental_cancelled_lab",
        _("A booking at the lab is cancelled"),
        _("The booking of {organisation} is cancelled: {instrument}, {time}."),
        group=Group.DESK,
    ),
    _kind(
        "rental_at_risk",
        _("A booking is at risk"),
        _("At risk: {instrument}, {time}. Its calibration no longer covers all of the time."),
        done_by=(events.RentalSafeAgain, events.RentalRescheduled, *OFF),
    ),
    _kind(
        "rental_safe_again",
        _("A booking is safe again"),
        _("Safe again: {instrument}, {time}. Your booking stands as it was."),
    ),
    _kind(
        "rental_awaits_payment",
        _("A booking waits for payment"),
        _("Please pay {instrument}, {time}, by {until}."),
        done_by=(events.RentalConfirmed, *OFF),
    ),
    _kind(
        "rental_expired",
        _("A hold has run out"),
        _("The hold has run out: {instrument}, {time}."),
    ),
    _kind(
        "rental_rescheduled",
        _("A booking is moved"),
        _("Moved: {instrument}, now {time}, before {before}."),
    ),
    _kind(
        "rental_rescheduled_lab",
        _("A booking at the lab is moved"),
        _("{organisation} comes at another time: {instrument}, now {time}, before {before}."),
        group=Group.DESK,
    ),
    _kind(
        "rental_move_offered",
        _("The lab asks for another time"),
        _("The lab asks you to come to {instrument} at another time: {offered}. Please answer by {until}."),
        done_by=(events.RentalRescheduled, events.RentalMoveDeclined, *OFF),
    ),
    _kind(
        "rental_move_declined_lab",
        _("A customer keeps the time"),
        _("{organisation} keeps its time: {instrument}, {time}."),
        group=Group.DESK,
    ),
    _kind(
        "rental_handed_over",
        _("A booking is handed to you"),
        _("A colleague has handed you {instrument}, {time}."),
    ),
    _kind(
        "rental_handed_over_lab",
        _("Somebody else comes to a booking"),
        _("Somebody else of {organisation} comes: {instrument}, {time}."),
        group=Group.DESK,
    ),
    _kind(
        "rental_needs_rebooking",
        _("A booking cannot take place"),
        _("{instrument} is not available for all of {time}. Please choose another time or instrument."),
        is_urgent=True,
        gather=rental_with_comparable,
        done_by=(events.RentalRescheduled, events.RentalPlaceRestored, *OFF),
    ),
    _kind(
        "rental_place_restored",
        _("A booking takes place after all"),
        _("Takes place as booked after all: {instrument}, {time}."),
    ),
    _kind(
        "rental_extended",
        _("A use is extended"),
        _("Extended: {instrument}, until {end}."),
    ),
    _kind(
        "rental_extended_lab",
        _("A use at the lab is extended"),
        _("{organisation} uses {instrument} until {end}."),
        group=Group.DESK,
    ),
    _kind(
        "rental_cut_short",
        _("An instrument goes out of service while you use it"),
        _("{instrument} goes out of service at {end}, during your use. Please talk to the desk."),
        is_urgent=True,
        done_by=(events.RentalSpared, events.RentalInterrupted, events.RentalCheckedOut),
    ),
    _kind(
        "rental_spared",
        _("A use goes on as booked after all"),
        _("{instrument} stays in service: your use can go on as booked, {time}."),
        is_urgent=True,
    ),
    _kind(
        "rental_interrupted",
        _("A use is interrupted"),
        _("{instrument} broke down. Please choose by {until} what becomes of the rest."),
        is_urgent=True,
        gather=rental_with_comparable,
        done_by=CHOSEN,
    ),
    _kind(
        "rental_resumed",
        _("A use goes on"),
        _("{instrument} is mended, and your use goes on."),
    ),
    _kind(
        "rental_resumed_lab",
        _("A use at the lab goes on"),
        _("{organisation} goes on using {instrument}."),
        group=Group.DESK,
    ),
    _kind(
        "rental_rebooked",
        _("The rest of a use is booked again"),
        _("The rest of {number} is booked as {new_number}."),
    ),
    _kind(
        "rental_rebooked_lab",
        _("The rest of a use at the lab is booked again"),
        _("{organisation} uses the rest of {number} another time, as {new_number}."),
        group=Group.DESK,
    ),
    _kind(
        "rental_abandoned",
        _("An interrupted use is over"),
        _("Over where it was interrupted: {instrument}, {time}."),
    ),
    _kind(
        "rental_abandoned_lab",
        _("An interrupted use at the lab is over"),
        _("The interrupted use of {organisation} is over: {instrument}, {time}."),
        group=Group.DESK,
    ),
    _kind(
        "rental_unusable_lab",
        _("A customer says a run was of no use"),
        _("{organisation} says that the run on {instrument} was of no use. Object by {until}, if you do not agree."),
        group=Group.DESK,
        done_by=(events.RentalUnusableContested, events.RentalSettled),
    ),
    _kind(
        "rental_unusable_contested",
        _("A lab objects to what you said of a run"),
        _("The lab objects: the minutes used on {instrument} are owed."),
    ),
    _kind(
        "rental_checked_out",
        _("A use is over"),
        _("Checked out: {instrument}, {time}. The price is final in two working days."),
    ),
    _kind(
        "rental_runs_over",
        _("The use before yours runs over"),
        _("The use before yours runs over, and you may have to wait: {instrument}, {time}."),
        is_urgent=True,
        done_by=(events.RentalCheckedIn, events.RentalRescheduled, *OFF),
    ),
    _kind(
        "rental_no_show",
        _("Nobody came to a booking"),
        _("Nobody came: {instrument}, {time}."),
    ),
    _kind(
        "rental_no_show_lab",
        _("Nobody came to a booking at the lab"),
        _("Nobody of {organisation} came: {instrument}, {time}."),
        group=Group.DESK,
    ),
    _kind(
        "rental_settled",
        _("A rental is settled"),
        _("Settled: {instrument}, {time}."),
        mail=Mail.DIGEST,
    ),
    _kind(
        "rental_checked_in",
        _("A use has begun"),
        _("Checked in: {instrument}, {time}."),
        is_mailed=False,
    ),
    _kind(
        "rental_starts_soon",
        _("A booking begins tomorrow"),
        _("Begins soon: {instrument}, {time}."),
        done_by=(events.RentalCheckedIn, events.RentalRescheduled, events.RentalNoShow, *OFF),
    ),
    _kind(
        "rental_hold_lapses",
        _("A hold runs out soon"),
        _("Please confirm {instrument}, {time}, by {until}."),
        is_urgent=True,
        done_by=(events.RentalConfirmed, events.RentalSubmitted, events.RentalAwaitsPayment, *OFF),
    ),
    _kind(
        "rental_choice_due",
        _("A choice must be made soon"),
        _("Please choose by {until} what becomes of the rest of your use of {instrument}."),
        done_by=CHOSEN,
    ),
)
