"""Credit notes (红字发票): wanted by the desk or because money went back, confirmed, written, or dropped (BL-27)."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.models import Membership
from billing.bills.models import Bill, RefundRequest
from billing.invoices import events, queries, rules
from billing.invoices.models import CreditNote, Invoice
from billing.invoices.operations import refusals
from billing.invoices.operations.answering import checked_number
from billing.invoices.operations.asking import amounts, answered, lines_over, locked, tell
from kernel.events import announce
from kernel.locks import lock
from kernel.money import Money
from kernel.refusals import refusing
from kernel.uploads import Upload

State, Confirmation = CreditNote.State, CreditNote.Confirmation


@transaction.atomic
def want(
    *, invoice: Invoice, reason: str, by: Membership, now: datetime, fen: int | None = None, words: str = ""
) -> CreditNote:
    """
    Note that an issued invoice is to be taken back: whole, or so many fen of it, spread over what is left of its lines.

    Raises:
        NotIssued: it is not issued, or taken back already.
        OnlyWhole: a part, for a reason that takes back the whole.
        MoreThanIsLeftOfInvoice: that much is not left, or it is nothing.
    """
    invoice = locked(invoice)
    if invoice.state != Invoice.State.ISSUED:
        raise refusals.NotIssued
    left = queries.left_to_credit(invoice)
    if rules.Reason(reason) not in rules.IN_PARTS and (fen not in (None, sum(left)) or sum(left) != invoice.total_fen):
        raise refusals.OnlyWhole
    asked = sum(left) if fen is None else fen
    if not 0 < asked <= sum(left):
        raise refusals.MoreThanIsLeftOfInvoice(amount=str(Money(asked)), left=str(Money(sum(left))))
    return _wanted(invoice, reason, rules.spread(left, asked), left, by=by, now=now, words=words.strip()[:300])


def _wanted(
    invoice: Invoice,
    reason: str,
    parts: list[int],
    left: list[int],
    *,
    by: Membership | None,
    now: datetime,
    words: str = "",
    request: RefundRequest | None = None,
) -> CreditNote:
    lines = rules.credit(invoice.written_lines, left=left, parts=parts)
    note = CreditNote.objects.create(
        invoice=invoice,
        reason=reason,
        lines=[line.as_json() for line in lines],
        net_fen=sum(line.net_fen for line in lines),
        tax_fen=sum(line.tax_fen for line in lines),
        total_fen=sum(line.amount_fen for line in lines),
        refund_request=request,
        words=words,
        asked_by_id=by.user_id if by else None,
        asked_at=now,
    )
    _tell(events.CreditNoteWanted, note, now=now, by=by)
    return note


@transaction.atomic
def follow_refund(*, request_id: int, now: datetime) -> None:
    """
    Let the invoice of an order follow money that has gone back: what waits asks for less, what is issued is taken back.

    Where nothing is left of a request, it is withdrawn. Safe to run twice. A voucher's part that the invoice left out
    changes nothing of it.
    """
    request = RefundRequest.objects.select_related("bill").get(pk=request_id)
    (bill,) = lock(Bill.objects.filter(pk=request.bill_id).select_related("lab"))
    invoice = Invoice.objects.living().filter(bill=bill).first()
    if invoice is None or CreditNote.objects.filter(refund_request=request).exists():
        return
    invoice = locked(invoice)
    over = queries.invoiceable_fen(bill)
    if invoice.state == Invoice.State.ASKED:
        _ask_for_less(invoice, bill, over, now=now)
        return
    left = queries.left_to_credit(invoice)
    too_much = sum(left) - over
    if too_much > 0:
        parts = rules.spread(left, too_much)
        _wanted(
            invoice, CreditNote.Reason.ALLOWANCE, parts, left, by=None, now=now, words=request.reason, request=request
        )


def _ask_for_less(invoice: Invoice, bill: Bill, over: int, *, now: datetime) -> None:
    if over <= 0:
        answered(invoice, Invoice.State.WITHDRAWN, by=None, now=now)
    elif over != invoice.total_fen:
        for field, value in amounts(lines_over(bill, over, invoice.rate_bp)).items():
            setattr(invoice, field, value)
        invoice.save()
    tell(events.InvoiceFollowedRefund, invoice, now=now)


def _open(note: CreditNote) -> CreditNote:
    """
    Lock a credit note that is to be written, behind its invoice.

    Raises:
        CreditNoteNotOpen: it was written or dropped.
    """
    locked(note.invoice)
    (found,) = lock(CreditNote.objects.filter(pk=note.pk).select_related("invoice__bill"))
    if found.state != State.WANTED:
        raise refusals.CreditNoteNotOpen
    return found


@transaction.atomic
def confirm(
    *, note: CreditNote, confirmation_number: str, confirmation: str, by: Membership, now: datetime
) -> CreditNote:
    """
    Enter the confirmation form's number and what it says: it waits for the buyer, is confirmed, or refused.

    Raises:
        CreditNoteNotOpen: it was written or dropped.
        ConfirmationNumberMissing: no number.
    """
    note = _open(note)
    number = "".join(confirmation_number.split())[:30]
    if not number:
        raise refusals.ConfirmationNumberMissing
    note.confirmation_number, note.confirmation = number, Confirmation(confirmation)
    note.save(update_fields=["confirmation_number", "confirmation"])
    _tell(events.CreditNoteConfirmed, note, now=now, by=by, state=note.confirmation)
    return note


@transaction.atomic
def write(
    *, note: CreditNote, number: str, issued_on: date, by: Membership, now: datetime, file: Upload | None = None
) -> CreditNote:
    """
    Say that a credit note is written: its number, its day, its file. What it takes back counts from now on.

    Raises:
        CreditNoteNotOpen: it was written or dropped.
        ConfirmationMissing: its form is not confirmed.
        NumberWrong, IssuedInFuture, NumberTaken: see each.
    """
    note = _open(note)
    if note.confirmation != Confirmation.CONFIRMED:
        raise refusals.ConfirmationMissing
    note.number, note.issued_on, note.state = checked_number(number, issued_on, now=now), issued_on, State.ISSUED
    note.answered_by_id, note.answered_at = by.user_id, now
    if file is not None:
        note.file.save(*file.named(), save=False)
    taken = refusals.NumberTaken(number=note.number)
    if Invoice.objects.filter(number=note.number).exists():
        raise taken
    with refusing(credit_note_number_is_unique=taken):
        note.save()
    invoice = note.invoice
    invoice.credited_fen -= note.total_fen
    if invoice.credited_fen == invoice.total_fen:
        invoice.state = Invoice.State.REVERSED
    invoice.save(update_fields=["credited_fen", "state"])
    _tell(events.CreditNoteIssued, note, now=now, by=by, number=note.number)
    return note


@transaction.atomic
def drop(*, note: CreditNote, reason: str, by: Membership, now: datetime) -> CreditNote:
    """
    Do not write a credit note after all, and say why.

    Raises:
        WhyMissing: no reason.
        CreditNoteNotOpen: it was written or dropped.
    """
    if not reason.strip():
        raise refusals.WhyMissing
    note = _open(note)
    note.state, note.words = State.DROPPED, reason.strip()[:300]
    note.answered_by_id, note.answered_at = by.user_id, now
    note.save()
    _tell(events.CreditNoteDropped, note, now=now, by=by, reason=note.words)
    return note


def _tell(
    kind: type[events.CreditNoteEvent],
    note: CreditNote,
    *,
    now: datetime,
    by: Membership | None = None,
    reason: str = "",
    **facts: Any,
) -> None:
    announce(
        kind(
            occurred_at=now,
            actor_id=by.user_id if by else None,
            organisation_id=note.invoice.organisation_id,
            reason=reason,
            credit_note_id=note.pk,
            invoice_id=note.invoice_id,
            order_number=note.invoice.bill.order_number,
            lab_id=note.invoice.lab_id,
            fen=-note.total_fen,
            **facts,
        )
    )
