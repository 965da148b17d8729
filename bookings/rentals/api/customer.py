"""What customers do with their rentals, for programs: one endpoint for each event, each answered once by its key."""

from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Membership
from api.acting import acting
from api.idempotency import idempotent
from bookings.rentals import operations, queries
from bookings.rentals.api import examples, fields
from bookings.rentals.api.answering import (
    ANSWERS,
    CustomerAct,
    act,
    colleague,
    instrument_of,
    period_of,
    said_shortly,
    told,
)
from bookings.rentals.models import MoveOffer, Rental
from kernel.money import Money


def _amount(fen: int | None) -> Money | None:
    return None if fen is None else Money(fen)


class Confirm(CustomerAct):
    """Confirming."""

    @extend_schema(request=None, responses={**ANSWERS, 200: fields.RentalFields})
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Confirm a held or approved rental on the monthly account (月结)."""
        member = acting(request)
        mine = Rental(number=number, organisation_id=member.organisation_id)
        try:
            rental = operations.confirm_on_account(rental=mine, by=member, now=timezone.now())
        except Rental.DoesNotExist as unknown:
            raise Http404 from unknown
        return said_shortly(rental)


class Submit(CustomerAct):
    """Sending for approval."""

    post = act(operations.submit_for_approval, "Send a held rental to the lab for approval.")


class AwaitPayment(CustomerAct):
    """Choosing how to pay."""

    post = act(
        operations.await_payment,
        "Keep a held rental until it is paid: half an hour online, three working days by bank transfer.",
        examples.TRANSFER,
        asks=fields.PaymentFields,
    )


class StartCheckout(CustomerAct):
    """Going to the till."""

    post = act(
        operations.start_checkout,
        "Keep a rental for 35 minutes while it is paid online, if that is longer; twice at most.",
    )


def _cancel(*, expected_fee_fen: int | None, **asked: Any) -> Rental:
    return operations.cancel(expected_fee=_amount(expected_fee_fen), **asked)


class Cancel(CustomerAct):
    """Cancelling."""

    post = act(
        _cancel,
        "Cancel a rental; a confirmed one costs what the ladder says (BL-20).",
        examples.CANCEL,
        asks=fields.FeeFields,
    )


def _reschedule(
    *,
    start: datetime,
    end: datetime,
    instrument: str | None,
    expected_total_fen: int | None,
    consents: list[str],
    **asked: Any,
) -> Rental:
    return operations.reschedule(
        period=period_of(start, end),
        instrument=instrument_of(instrument) if instrument else None,
        expected=_amount(expected_total_fen),
        agreed=consents,
        **asked,
    )


class Reschedule(CustomerAct):
    """Moving to another time."""

    post = act(
        _reschedule,
        """
        Move a confirmed rental to another time: a day before it begins at the latest, twice at most.

        One that cannot take place as booked may be moved at any notice, also to a comparable instrument.
        """,
        examples.MOVE,
        asks=fields.MoveFields,
    )


def _asked(rental: Rental, now: datetime) -> MoveOffer:
    """Return the other time that the lab asks for; where none can be answered, 404."""
    found = queries.move_offer(rental, now)
    if found is None:
        raise Http404
    return found


def _accept(*, rental: Rental, by: Membership, now: datetime) -> Rental:
    return operations.accept_move(offer=_asked(rental, now), by=by, now=now)


class AcceptMove(CustomerAct):
    """Agreeing to another time."""

    post = act(_accept, "Agree to the other time that the lab asks for; the rules are asked again.")


def _decline(*, rental: Rental, by: Membership, now: datetime) -> Rental:
    return operations.decline_move(offer=_asked(rental, now), by=by, now=now)


class DeclineMove(CustomerAct):
    """Keeping the time."""

    post = act(_decline, "Keep the time that was agreed.")


def _hand_over(*, to: str, by: Membership, **asked: Any) -> Rental:
    return operations.hand_over(to=colleague(by, to, field="to"), by=by, **asked)


class HandOver(CustomerAct):
    """Handing to a colleague."""

    post = act(
        _hand_over,
        "Let a colleague of the same organisation come instead.",
        examples.HAND_OVER,
        asks=fields.HandOverFields,
    )


class Extend(CustomerAct):
    """Going on longer."""

    post = act(
        operations.extend,
        "Let a use under way go on longer, where the next booking and its buffer leave room.",
        examples.EXTEND,
        asks=fields.ExtendFields,
    )


class Resume(CustomerAct):
    """Going on after a breakdown."""

    post = act(operations.resume, "Go on with an interrupted use, once the instrument is back in service.")


def _rebook(*, start: datetime, end: datetime, instrument: str, consents: list[str], **asked: Any) -> Rental:
    period, where = period_of(start, end), instrument_of(instrument)
    return operations.rebook(period=period, instrument=where, agreed=consents, **asked)


def _made(request: Request, rental: Rental) -> Response:
    return told(request, rental, status=201)


class Rebook(CustomerAct):
    """Using the rest another time."""

    post = act(
        _rebook,
        "Use the rest of an interrupted rental another time; the answer is the new rental.",
        examples.REBOOK,
        asks=fields.RebookFields,
        shown=_made,
        responses={**ANSWERS, 201: fields.RentalDetail},
    )


class Abandon(CustomerAct):
    """Ending an interrupted use."""

    post = act(
        operations.abandon,
        "End an interrupted use where it stopped; only the minutes used are owed (BL-24).",
        examples.ABANDON,
        asks=fields.AbandonFields,
    )


class DeclareUnusable(CustomerAct):
    """Declaring an interrupted run of no use."""

    post = act(
        operations.declare_unusable,
        "Say that what was measured until the fault is of no use; nothing is owed unless the lab objects in time.",
    )


class Settle(CustomerAct):
    """Confirming the price."""

    post = act(operations.settle, "Agree to the final price of a used rental before its two working days are over.")
