"""Giving money of a settled order back: asked with a reason, decided by a second person; and carrying refunds out."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from billing.bills import events, rules
from billing.bills.models import Bill, Refund, RefundRequest, Way
from billing.bills.operations.steps import locked, pay_back, post, refund_legs, save, tell
from billing.ledger import rules as books
from billing.vouchers import operations as vouchers
from kernel.locks import lock
from kernel.money import Money
from kernel.refusals import Refusal, refusing


class NothingToGiveBack(Refusal):
    """The order is not settled: what it costs follows its own changes."""

    code = "nothing_to_give_back"
    message = _("{number} is not settled: cancel or change the order instead.")


class MoreThanIsLeftOfBill(Refusal):
    """More is to go back than was charged and has not gone back yet."""

    code = "more_than_is_left"
    message = _("{amount} is more than what is left of {number}: {left}.")
    status = 422


class RefundReasonMissing(Refusal):
    """A refund by hand needs a reason."""

    code = "refund_reason_missing"
    message = _("Say why the money goes back.")
    status = 422


class RefundAskedAlready(Refusal):
    """Another request for this order waits for its answer."""

    code = "refund_asked_already"
    message = _("A refund of {number} waits to be decided already.")


class CannotDecideOwn(Refusal):
    """Whoever asked for a refund cannot agree to it: that takes a second person."""

    code = "second_person_needed"
    message = _("You asked for this refund yourself: somebody else must decide.")
    status = 403


class RefundNotOpen(Refusal):
    """It was decided or carried out already."""

    code = "refund_not_open"
    message = _("This refund was dealt with already.")


@transaction.atomic
def ask_refund(*, bill: Bill, fen: int, reason: str, by: Membership, now: datetime) -> RefundRequest:
    """
    Ask that money of a settled order goes back to its customer; nothing moves before a second person agrees.

    Raises:
        RefundReasonMissing: no reason.
        NothingToGiveBack: the order is not settled.
        MoreThanIsLeftOfBill: that much is not left, or it is nothing.
        RefundAskedAlready: another request waits.
    """
    if not reason.strip():
        raise RefundReasonMissing
    bill = locked(bill.order_number)
    if bill.state != Bill.State.SETTLED:
        raise NothingToGiveBack(number=bill.order_number)
    if not 0 < fen <= bill.refundable.fen:
        raise MoreThanIsLeftOfBill(number=bill.order_number, amount=str(Money(fen)), left=str(bill.refundable))
    with refusing(refund_request_one_waits=RefundAskedAlready(number=bill.order_number)):
        request = RefundRequest.objects.create(
            bill=bill, fen=fen, reason=reason.strip(), asked_by_id=by.user_id, asked_at=now
        )
    tell(events.RefundAsked, bill, now=now, by=by, request_id=request.pk, lab_id=bill.lab_id, fen=fen)
    return request


@transaction.atomic
def decide_refund(
    *, request: RefundRequest, approved: bool, by: Membership, now: datetime, answer: str = ""
) -> RefundRequest:
    """
    Agree to a refund as the second person, or not; what was agreed is owed to the customer at once (E10, BL-22, BL-23).

    The voucher's part goes back to its programme, the platform's fee in proportion.

    Raises:
        CannotDecideOwn: the same person asked for it.
        RefundNotOpen: it was decided already.
        MoreThanIsLeftOfBill: less is left by now.
    """
    bill = locked(RefundRequest.objects.select_related("bill").get(pk=request.pk).bill.order_number)
    (request,) = lock(RefundRequest.objects.filter(pk=request.pk))
    if request.state != RefundRequest.State.WAITING:
        raise RefundNotOpen
    if request.asked_by_id == by.user_id:
        raise CannotDecideOwn
    if approved:
        _give_back(bill, request, by=by, now=now)
    request.state = RefundRequest.State.APPROVED if approved else RefundRequest.State.DECLINED
    request.decided_by_id, request.decided_at, request.answer = by.user_id, now, answer.strip()
    request.save()
    facts = {"request_id": request.pk, "lab_id": bill.lab_id, "fen": request.fen, "approved": approved}
    tell(events.RefundDecided, bill, now=now, by=by, **facts)
    return request


def _give_back(bill: Bill, request: RefundRequest, *, by: Membership, now: datetime) -> None:
    refund = Money(request.fen)
    if refund > bill.refundable:
        raise MoreThanIsLeftOfBill(number=bill.order_number, amount=str(refund), left=str(bill.refundable))
    own, voucher = rules.refund_parts(
        refund=refund, total_left=bill.refundable, voucher_left=bill.voucher - Money(bill.refunded_voucher_fen)
    )
    back = rules.fee_back(
        refund=refund, charged=Money(bill.platform_fee_fen), returned=Money(bill.platform_fee_back_fen)
    )
    taken = vouchers.take_back(order_number=bill.order_number, fen=voucher.fen, now=now, by=by) if voucher else None
    legs = books.refunded_after_settlement(
        own=own.fen,
        voucher=voucher.fen,
        fee_back=back.fen,
        lab_id=bill.lab_id,
        organisation_id=bill.organisation_id,
        programme_id=taken.redemption.programme_id if taken else None,
        reimbursed=taken.reimbursed if taken else False,
        order_number=bill.order_number,
    )
    post(bill, "E10", legs, now=now, by=by)
    bill.refunded_fen += own.fen
    bill.refunded_voucher_fen += voucher.fen
    bill.platform_fee_back_fen += back.fen
    request.own_fen, request.voucher_fen = own.fen, voucher.fen
    pay_back([(bill, own)], because=Refund.Because.DECIDED, now=now)
    save(bill, now, "refunded_fen", "refunded_voucher_fen", "platform_fee_back_fen")


@transaction.atomic
def refund_paid(*, refund: Refund, reference: str, now: datetime, by: Membership | None = None) -> Refund:
    """
    Say that a refund has arrived: as its provider told, or (with `by`) as the person who sent it; E8b.

    Raises:
        RefundNotOpen: it has arrived already.
    """
    bill = locked(refund.tender.bill.order_number)
    (refund,) = lock(Refund.objects.filter(pk=refund.pk))
    if refund.state == Refund.State.SUCCEEDED:
        raise RefundNotOpen
    refund.state, refund.reference, refund.paid_at, refund.failure = Refund.State.SUCCEEDED, reference, now, ""
    refund.save()
    post(bill, "E8b", refund_legs(bill, refund.way, refund.fen), now=now, by=by)
    save(bill, now)
    tell(events.RefundPaid, bill, now=now, by=by, refund_id=refund.pk, fen=refund.fen)
    return refund


@transaction.atomic
def refund_failed(*, refund: Refund, because: str, now: datetime) -> Refund:
    """
    Say that a refund did not get through: it is owed as before, and somebody must choose another way (BL-31).

    Raises:
        RefundNotOpen: it has arrived already.
    """
    bill = locked(refund.tender.bill.order_number)
    (refund,) = lock(Refund.objects.filter(pk=refund.pk))
    if refund.state != Refund.State.PENDING:
        raise RefundNotOpen
    refund.state, refund.failure = Refund.State.FAILED, because[:300]
    refund.save()
    tell(events.RefundFailed, bill, now=now, refund_id=refund.pk, fen=refund.fen, because=because[:300])
    return refund


@transaction.atomic
def try_again(*, refund: Refund, way: str, by: Membership, now: datetime) -> Refund:
    """
    Send a failed refund again, by its own way or by another: by bank transfer, or onto the prepaid balance.

    Raises:
        RefundNotOpen: it did not fail.
    """
    bill = locked(refund.tender.bill.order_number)
    (refund,) = lock(Refund.objects.filter(pk=refund.pk))
    if refund.state != Refund.State.FAILED or way not in (refund.tender.way, Way.TRANSFER, Way.BALANCE):
        raise RefundNotOpen
    refund.way, refund.attempts, refund.state = way, refund.attempts + 1, Refund.State.PENDING
    refund.save()
    if way == Way.BALANCE:
        return refund_paid(refund=refund, reference="", now=now, by=by)
    tell(events.RefundOwed, bill, now=now, by=by, refund_id=refund.pk, fen=refund.fen)
    return refund
