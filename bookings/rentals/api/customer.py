"""What customers do with their rentals, for programs: one endpoint for each event, each answered once by its key."""

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from bookings.rentals import operations, queries
from bookings.rentals.api import examples, fields
from bookings.rentals.api.answering import (
    ANSWERS,
    CustomerAct,
    acting,
    colleague,
    instrument_of,
    period_of,
    said_shortly,
    told,
    valid,
)
from bookings.rentals.models import MoveOffer, Rental
from kernel.money import Money


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

    @extend_schema(request=None, responses=ANSWERS)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Send a held rental to the lab for approval."""
        rental = self.rental(request, number)
        return told(request, operations.submit_for_approval(rental=rental, by=acting(request), now=timezone.now()))


class AwaitPayment(CustomerAct):
    """Choosing how to pay."""

    @extend_schema(request=fields.PaymentFields, responses=ANSWERS, examples=[examples.TRANSFER])
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Keep a held rental until it is paid: half an hour online, three working days by bank transfer."""
        rental = self.rental(request, number)
        pays_by = valid(fields.PaymentFields, request)["pays_by"]
        now = timezone.now()
        return told(request, operations.await_payment(rental=rental, pays_by=pays_by, by=acting(request), now=now))


class StartCheckout(CustomerAct):
    """Going to the till."""

    @extend_schema(request=None, responses=ANSWERS)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Keep a rental for 35 minutes while it is paid online, if that is longer; twice at most."""
        rental = self.rental(request, number)
        return told(request, operations.start_checkout(rental=rental, by=acting(request), now=timezone.now()))


class Cancel(CustomerAct):
    """Cancelling."""

    @extend_schema(request=fields.FeeFields, responses=ANSWERS, examples=[examples.CANCEL])
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Cancel a rental; a confirmed one costs what the ladder says (BL-20)."""
        rental = self.rental(request, number)
        fee = valid(fields.FeeFields, request)["expected_fee_fen"]
        rental = operations.cancel(
            rental=rental,
            expected_fee=None if fee is None else Money(fee),
            by=acting(request),
            now=timezone.now(),
        )
        return told(request, rental)


class Reschedule(CustomerAct):
    """Moving to another time."""

    @extend_schema(request=fields.MoveFields, responses=ANSWERS, examples=[examples.MOVE])
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """
        Move a confirmed rental to another time: a day before it begins at the latest, twice at most.

        One that cannot take place as booked may be moved at any notice, also to a comparable instrument.
        """
        rental = self.rental(request, number)
        data = valid(fields.MoveFields, request)
        expected = data["expected_total_fen"]
        rental = operations.reschedule(
            rental=rental,
            period=period_of(data),
            instrument=instrument_of(data["instrument"]) if data["instrument"] else None,
            expected=None if expected is None else Money(expected),
            agreed=data["consents"],
            by=acting(request),
            now=timezone.now(),
        )
        return told(request, rental)


class _AnswerMove(CustomerAct):
    def offer(self, request: Request, number: str) -> MoveOffer:
        """The other time that the lab asks for; where none can be answered, 404."""
        found = queries.move_offer(self.rental(request, number), timezone.now())
        if found is None:
            raise Http404
        return found


class AcceptMove(_AnswerMove):
    """Agreeing to another time."""

    @extend_schema(request=None, responses=ANSWERS)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Agree to the other time that the lab asks for; the rules are asked again."""
        offer = self.offer(request, number)
        return told(request, operations.accept_move(offer=offer, by=acting(request), now=timezone.now()))


class DeclineMove(_AnswerMove):
    """Keeping the time."""

    @extend_schema(request=None, responses=ANSWERS)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Keep the time that was agreed."""
        offer = self.offer(request, number)
        return told(request, operations.decline_move(offer=offer, by=acting(request), now=timezone.now()))


class HandOver(CustomerAct):
    """Handing to a colleague."""

    @extend_schema(request=fields.HandOverFields, responses=ANSWERS, examples=[examples.HAND_OVER])
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Let a colleague of the same organisation come instead."""
        rental = self.rental(request, number)
        member = acting(request)
        to = colleague(member, valid(fields.HandOverFields, request)["to"], field="to")
        return told(request, operations.hand_over(rental=rental, to=to, by=member, now=timezone.now()))


class Extend(CustomerAct):
    """Going on longer."""

    @extend_schema(request=fields.ExtendFields, responses=ANSWERS, examples=[examples.EXTEND])
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Let a use under way go on longer, where the next booking and its buffer leave room."""
        rental = self.rental(request, number)
        until = valid(fields.ExtendFields, request)["until"]
        return told(request, operations.extend(rental=rental, until=until, by=acting(request), now=timezone.now()))


class Resume(CustomerAct):
    """Going on after a breakdown."""

    @extend_schema(request=None, responses=ANSWERS)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Go on with an interrupted use, once the instrument is back in service."""
        rental = self.rental(request, number)
        return told(request, operations.resume(rental=rental, by=acting(request), now=timezone.now()))


class Rebook(CustomerAct):
    """Using the rest another time."""

    @extend_schema(
        request=fields.RebookFields, responses={**ANSWERS, 201: fields.RentalDetail}, examples=[examples.REBOOK]
    )
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Use the rest of an interrupted rental another time; the answer is the new rental."""
        rental = self.rental(request, number)
        data = valid(fields.RebookFields, request)
        new = operations.rebook(
            rental=rental,
            instrument=instrument_of(data["instrument"]),
            period=period_of(data),
            agreed=data["consents"],
            by=acting(request),
            now=timezone.now(),
        )
        return told(request, new, status=201)


class Abandon(CustomerAct):
    """Ending an interrupted use."""

    @extend_schema(request=fields.AbandonFields, responses=ANSWERS, examples=[examples.ABANDON])
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """End an interrupted use where it stopped; only the minutes used are owed (BL-24)."""
        rental = self.rental(request, number)
        unusable = valid(fields.AbandonFields, request)["unusable"]
        now = timezone.now()
        return told(request, operations.abandon(rental=rental, unusable=unusable, by=acting(request), now=now))


class DeclareUnusable(CustomerAct):
    """Declaring an interrupted run of no use."""

    @extend_schema(request=None, responses=ANSWERS)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Say that what was measured until the fault is of no use; nothing is owed unless the lab objects in time."""
        rental = self.rental(request, number)
        return told(request, operations.declare_unusable(rental=rental, by=acting(request), now=timezone.now()))


class Settle(CustomerAct):
    """Confirming the price."""

    @extend_schema(request=None, responses=ANSWERS)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Agree to the final price of a used rental before its two working days are over."""
        rental = self.rental(request, number)
        return told(request, operations.settle(rental=rental, by=acting(request), now=timezone.now()))
