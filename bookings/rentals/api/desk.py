"""What labs do with the rentals on their instruments, for programs: managers decide, anybody at the desk lets in."""

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from bookings.rentals import operations
from bookings.rentals.api import examples, fields
from bookings.rentals.api.answering import (
    ANSWERS,
    DeskAct,
    LabAct,
    acting,
    instrument_of,
    period_of,
    told,
    valid,
)
from labs.models import Operator


class Approve(LabAct):
    """Approving."""

    @extend_schema(request=fields.ApprovalFields, responses=ANSWERS, examples=[examples.APPROVE])
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Agree to a rental that waits for the lab; the rules are asked again, and an operator is assigned."""
        rental = self.rental(request, number)
        code = valid(fields.ApprovalFields, request)["operator"]
        member = acting(request)
        staff = Operator.objects.filter(lab_id=rental.instrument.lab_id)
        operator = get_object_or_404(staff, code=code) if code else None
        return told(request, operations.approve(rental=rental, operator=operator, by=member, now=timezone.now()))


class Reject(LabAct):
    """Declining."""

    @extend_schema(request=fields.ReasonFields, responses=ANSWERS, examples=[examples.REASON])
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Decline a rental that waits for the lab, with a reason."""
        rental = self.rental(request, number)
        reason = valid(fields.ReasonFields, request)["reason"]
        now = timezone.now()
        return told(request, operations.reject(rental=rental, reason=reason, by=acting(request), now=now))


class CancelByLab(LabAct):
    """Cancelling by the lab."""

    @extend_schema(request=fields.ReasonFields, responses=ANSWERS, examples=[examples.REASON])
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Cancel a rental as the lab, with a reason; the customer owes nothing (BL-21)."""
        rental = self.rental(request, number)
        reason = valid(fields.ReasonFields, request)["reason"]
        now = timezone.now()
        return told(request, operations.cancel_by_lab(rental=rental, reason=reason, by=acting(request), now=now))


class RescheduleByLab(LabAct):
    """Moving by the lab."""

    @extend_schema(request=fields.MoveByLabFields, responses=ANSWERS, examples=[examples.MOVE_BY_LAB])
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """
        Move a confirmed rental with the customer's consent, or ask them to come at another time.

        Without consent the rental stays as it is, and the answer shows what the customer is asked (`move_offer`).
        """
        rental = self.rental(request, number)
        data = valid(fields.MoveByLabFields, request)
        rental = operations.reschedule_by_lab(
            rental=rental,
            period=period_of(data),
            reason=data["reason"],
            consent=data["consent"],
            instrument=instrument_of(data["instrument"]) if data["instrument"] else None,
            by=acting(request),
            now=timezone.now(),
        )
        return told(request, rental)


class ObjectToUnusable(LabAct):
    """Objecting."""

    @extend_schema(request=fields.ReasonFields, responses=ANSWERS, examples=[examples.OBJECTION])
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Object, within two working days, to what the customer says of a run; then its minutes are owed."""
        rental = self.rental(request, number)
        reason = valid(fields.ReasonFields, request)["reason"]
        now = timezone.now()
        return told(request, operations.object_to_unusable(rental=rental, reason=reason, by=acting(request), now=now))


class CheckIn(DeskAct):
    """Letting somebody in."""

    @extend_schema(request=fields.CheckInFields, responses=ANSWERS, examples=[examples.CHECK_IN])
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Let somebody in, from a quarter of an hour before the start; their position is fixed and recorded."""
        rental = self.rental(request, number)
        counter = valid(fields.CheckInFields, request)["counter"]
        now = timezone.now()
        return told(request, operations.check_in(rental=rental, counter=counter, by=acting(request), now=now))


class CheckOut(DeskAct):
    """Ending a use."""

    @extend_schema(
        request=fields.UsageFields, responses=ANSWERS, examples=[examples.CHECK_OUT, examples.CHECK_OUT_LATE]
    )
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """End a use with its usage record (使用记录); time after it and its buffer is free again."""
        rental = self.rental(request, number)
        usage = operations.UsageGiven(**valid(fields.UsageFields, request))
        now = timezone.now()
        return told(request, operations.check_out(rental=rental, usage=usage, by=acting(request), now=now))


class ExtendByLab(DeskAct):
    """Going on longer."""

    @extend_schema(request=fields.ExtendFields, responses=ANSWERS, examples=[examples.EXTEND])
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Let a use under way go on longer, where the next booking and its buffer leave room."""
        rental = self.rental(request, number)
        until = valid(fields.ExtendFields, request)["until"]
        now = timezone.now()
        return told(request, operations.extend(rental=rental, until=until, by=acting(request), now=now))


class Interrupt(DeskAct):
    """Reporting a breakdown."""

    @extend_schema(request=fields.FaultFields, responses=ANSWERS, examples=[examples.FAULT])
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Report that the instrument broke down during a use; it is out of service, and the customer chooses."""
        rental = self.rental(request, number)
        data = valid(fields.FaultFields, request)
        now = timezone.now()
        return told(request, operations.interrupt(rental=rental, **data, by=acting(request), now=now))


class ResumeByLab(DeskAct):
    """Going on after a breakdown."""

    @extend_schema(request=None, responses=ANSWERS)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Bring an instrument back into service, and let the interrupted use go on."""
        rental = self.rental(request, number)
        return told(request, operations.resume(rental=rental, by=acting(request), now=timezone.now()))
