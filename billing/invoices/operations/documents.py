"""Giving documents out: numbered when issued, and what they say is kept as it was."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation
from billing.bills.models import Bill, MonthlyStatement
from billing.invoices import papers, typesetting
from billing.invoices.models import Document
from billing.payments import queries as payments
from billing.vouchers.rules import ZONE, local_day
from kernel.numbering import next_number
from kernel.refusals import Refusal
from labs.models import Lab

PREFIX = {
    Document.Kind.QUOTE: "QU",
    Document.Kind.RECEIPT: "RC",
    Document.Kind.SETTLEMENT: "SS",
    Document.Kind.STATEMENT: "SA",
}
TEMPLATE = "listed"


class NothingPaidYet(Refusal):
    """A receipt is for money that has come; what stands on the monthly account is owed."""

    code = "nothing_paid_yet"
    message = _("Nothing was paid towards {number} yet: there is nothing to give a receipt for.")
    cure = _("What stands on the monthly account is paid with its statement.")


class NotSettledYet(Refusal):
    """What an order comes to is not final."""

    code = "not_settled_yet"
    message = _("{number} is not settled yet.")


def quote(*, order: papers.Quoted, by: Membership, now: datetime) -> Document:
    """Give out the pro-forma of an order that is not confirmed yet."""
    content = papers.quote(order)
    return _issue(Document.Kind.QUOTE, order.order_number, order.organisation, order.lab, content, by=by, now=now)


def receipt(*, bill: Bill, by: Membership, now: datetime) -> Document:
    """
    Give out the receipt for what was paid towards an order, less what went back.

    Raises:
        NothingPaidYet: nothing was, or nothing stayed.
    """
    tenders = list(bill.tenders.order_by("pk"))
    if not any(tender.left.left_fen for tender in tenders if tender.way != "account"):
        raise NothingPaidYet(number=bill.order_number)
    content = papers.receipt(bill, tenders)
    return _issue(Document.Kind.RECEIPT, bill.order_number, bill.organisation, bill.lab, content, by=by, now=now)


def settlement(*, bill: Bill, by: Membership, now: datetime) -> Document:
    """
    Give out the settlement sheet of an order to its lab.

    Raises:
        NotSettledYet: its price is not final.
    """
    if bill.state != Bill.State.SETTLED:
        raise NotSettledYet(number=bill.order_number)
    content = papers.settlement(bill)
    return _issue(Document.Kind.SETTLEMENT, bill.order_number, bill.organisation, bill.lab, content, by=by, now=now)


def statement(*, monthly: MonthlyStatement, by: Membership, now: datetime) -> Document:
    """Give out the statement of account of a month."""
    content = papers.statement(monthly, list(payments.lines_of_statement(monthly)))
    return _issue(Document.Kind.STATEMENT, monthly.number, monthly.organisation, None, content, by=by, now=now)


def _issue(
    kind: Document.Kind,
    subject: str,
    organisation: Organisation,
    lab: Lab | None,
    content: papers.Content,
    *,
    by: Membership,
    now: datetime,
) -> Document:
    """Number and keep a document; the one that says the same was given out before is given out again."""
    known = Document.objects.filter(kind=kind, subject=subject, digest=papers.digest(content))
    if (found := known.first()) is not None:
        return found
    try:
        with transaction.atomic():
            made = Document.objects.create(
                kind=kind,
                number=next_number(PREFIX[kind], local_day(now)),
                subject=subject,
                organisation=organisation,
                lab=lab,
                content=content,
                digest=papers.digest(content),
                issued_at=now,
                issued_by_id=by.user_id,
            )
    except IntegrityError:
        return known.get()  # somebody gave the same out in the same moment
    made.refresh_from_db(fields=["number"])
    return made


def as_pdf(document: Document) -> bytes:
    """Return a document as PDF/A; always the same bytes."""
    return typesetting.pdf(TEMPLATE, _set(document), at=document.issued_at)


def as_picture(document: Document) -> bytes:
    """Return the first page of a document as a picture."""
    return typesetting.png(TEMPLATE, _set(document))


def _set(document: Document) -> papers.Content:
    issued = f"{document.issued_at.astimezone(ZONE):%Y-%m-%d}"
    return {**document.content, "number": document.number, "issued": issued}
