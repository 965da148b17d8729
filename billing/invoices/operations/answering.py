"""The seller's desk answers: the invoice's number and file, or why there is none; and how a lab names what it sells."""

from datetime import date, datetime

from django.db import transaction

from accounts.models import Membership
from billing.invoices import events, rules
from billing.invoices.models import Invoice, TaxItem
from billing.invoices.operations import refusals
from billing.invoices.operations.asking import answered, open_request, tell
from billing.vouchers.rules import local_day
from kernel.refusals import refusing
from kernel.uploads import Upload
from labs.models import Lab


@transaction.atomic
def issue(
    *,
    invoice: Invoice,
    number: str,
    issued_on: date,
    issuer_name: str,
    by: Membership,
    now: datetime,
    file: Upload | None = None,
) -> Invoice:
    """
    Say that the seller has written an invoice: its number of 20 digits, its day, who wrote it, and its file.

    Raises:
        InvoiceNotOpen: it was answered already.
        NumberWrong, IssuedInFuture, IssuerMissing: see each.
        NumberTaken: another invoice has the number.
    """
    invoice = open_request(invoice)
    invoice.number, invoice.issued_on = checked_number(number, issued_on, now=now), issued_on
    invoice.issuer_name = issuer_name.strip()[:50]
    if not invoice.issuer_name:
        raise refusals.IssuerMissing
    if file is not None:
        invoice.file.save(*file.named(), save=False)
    with refusing(invoice_number_is_unique=refusals.NumberTaken(number=invoice.number)):
        answered(invoice, Invoice.State.ISSUED, by=by, now=now)
    tell(events.InvoiceIssued, invoice, now=now, by=by, number=invoice.number)
    return invoice


def checked_number(number: str, issued_on: date, *, now: datetime) -> str:
    """
    Return a number that an invoice of that day can have, without the spaces people put into it.

    Raises:
        IssuedInFuture: the day has not come.
        NumberWrong: see `rules.is_number`.
    """
    if issued_on > local_day(now):
        raise refusals.IssuedInFuture
    tidied = "".join(number.split())
    if not rules.is_number(tidied, issued_on):
        raise refusals.NumberWrong(number=tidied or "–")
    return tidied


@transaction.atomic
def reject(*, invoice: Invoice, reason: str, by: Membership, now: datetime) -> Invoice:
    """
    Do not write an invoice, and say why; the customer may ask anew.

    Raises:
        WhyMissing: no reason.
        InvoiceNotOpen: it was answered already.
    """
    if not reason.strip():
        raise refusals.WhyMissing
    invoice = open_request(invoice)
    answered(invoice, Invoice.State.REJECTED, by=by, now=now, answer=reason.strip()[:300])
    tell(events.InvoiceRejected, invoice, now=now, by=by, reason=invoice.answer)
    return invoice


@transaction.atomic
def name_item(
    *, lab: Lab, category: str, short_name: str, name: str, code: str, by: Membership, now: datetime
) -> TaxItem:
    """
    Say how a lab names a category of service on its invoices; requests that wait are named so, too.

    Raises:
        CategoryCodeWrong: the code has not nineteen digits; it may be empty.
    """
    del by, now  # what stands on an invoice is kept with it
    code = "".join(code.split())
    if code and not rules.is_category_code(code):
        raise refusals.CategoryCodeWrong
    short_name = short_name.strip().strip("*")
    said = {"short_name": short_name, "name": name.strip(), "code": code}
    item, _made = TaxItem.objects.update_or_create(lab=lab, category=category, defaults=said)
    waiting = Invoice.objects.filter(lab=lab, bill__tax_category=category, state=Invoice.State.ASKED)
    waiting.update(item_short=item.short_name, item_name=item.name, item_code=item.code)
    return item
