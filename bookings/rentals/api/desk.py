"""What labs do with the rentals on their instruments, for programs: managers decide, anybody at the desk lets in."""

from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404

from bookings.rentals import operations
from bookings.rentals.api import examples, fields
from bookings.rentals.api.answering import DeskAct, LabAct, act, instrument_of, period_of
from bookings.rentals.models import Rental
from labs.models import Operator


def _approve(*, rental: Rental, operator: str | None, **asked: Any) -> Rental:
    staff = Operator.objects.filter(lab_id=rental.instrument.lab_id)
    sent = get_object_or_404(staff, code=operator) if operator else None
    return operations.approve(rental=rental, operator=sent, **asked)


class Approve(LabAct):
    """Approving."""

    post = act(
        _approve,
        "Agree to a rental that waits for the lab; the rules are asked again, and an operator is assigned.",
        examples.APPROVE,
        asks=fields.ApprovalFields,
    )


class Reject(LabAct):
    """Declining."""

    post = act(
        operations.reject,
        "Decline a rental that waits for the lab, with a reason.",
        examples.REASON,
        asks=fields.ReasonFields,
    )


class CancelByLab(LabAct):
    """Cancelling by the lab."""

    post = act(
        operations.cancel_by_lab,
        "Cancel a rental as the lab, with a reason; the customer owes nothing (BL-21).",
        examples.REASON,
        asks=fields.ReasonFields,
    )


def _reschedule(*, start: datetime, end: datetime, instrument: str | None, **asked: Any) -> Rental:
    where = instrument_of(instrument) if instrument else None
    return operations.reschedule_by_lab(period=period_of(start, end), instrument=where, **asked)


class RescheduleByLab(LabAct):
    """Moving by the lab."""

    post = act(
        _reschedule,
        """
        Move a confirmed rental with the customer's consent, or ask them to come at another time.

        Without consent the rental stays as it is, and the answer shows what the customer is asked (`move_offer`).
        """,
        examples.MOVE_BY_LAB,
        asks=fields.MoveByLabFields,
    )


class ObjectToUnusable(LabAct):
    """Objecting."""

    post = act(
        operations.object_to_unusable,
        "Object, within two working days, to what the customer says of a run; then its minutes are owed.",
        examples.OBJECTION,
        asks=fields.ReasonFields,
    )


class CheckIn(DeskAct):
    """Letting somebody in."""

    post = act(
        operations.check_in,
        "Let somebody in, from a quarter of an hour before the start; their position is fixed and recorded.",
        examples.CHECK_IN,
        asks=fields.CheckInFields,
    )


def _check_out(*, rental: Rental, by: Any, now: datetime, **usage: Any) -> Rental:
    return operations.check_out(rental=rental, usage=operations.UsageGiven(**usage), by=by, now=now)


class CheckOut(DeskAct):
    """Ending a use."""

    post = act(
        _check_out,
        "End a use with its usage record (使用记录); time after it and its buffer is free again.",
        examples.CHECK_OUT,
        examples.CHECK_OUT_LATE,
        asks=fields.UsageFields,
    )


class ExtendByLab(DeskAct):
    """Going on longer."""

    post = act(
        operations.extend,
        "Let a use under way go on longer, where the next booking and its buffer leave room.",
        examples.EXTEND,
        asks=fields.ExtendFields,
    )


class Interrupt(DeskAct):
    """Reporting a breakdown."""

    post = act(
        operations.interrupt,
        "Report that the instrument broke down during a use; it is out of service, and the customer chooses.",
        examples.FAULT,
        asks=fields.FaultFields,
    )


class ResumeByLab(DeskAct):
    """Going on after a breakdown."""

    post = act(operations.resume, "Bring an instrument back into service, and let the interrupted use go on.")
