"""A customer asks for an invoice, and may ask no longer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import translation

from accounts.models import Membership
from billing.bills.models import Bill
from billing.invoices import events, queries, rules
from billing.invoices.models import Invoice
from billing.invoices.operations import refusals
from billing.pricing.rules import Line
from billing.pricing.wording import lines_told
from billing.vouchers.rules import local_day
from kernel.events import announce
from kernel.locks import lock
from kernel.refusals import Refusals, refusing

CHINESE = "zh-hans"

OF_FLAW: dict[rules.Flaw, type[refusals.BuyerRefusal]] = {
    rules.Flaw.TITLE_MISSING: refusals.TitleMissing,
    rules.Flaw.TAX_ID_MISSING: refusals.TaxIdMissing,
    rules.Flaw.TAX_ID_WRONG: refusals.TaxIdWrong,
    rules.Flaw.NOT_VERIFIED: refusals.NotVerifiedForSpecial,
    rules.Flaw.NOT_GENERAL: refusals.NotGeneralTaxpayer,
    rules.Flaw.ADDRESS_MISSING: refusals.AddressMissing,
    rules.Flaw.PHONE_MISSING: refusals.PhoneMissing,
    rules.Flaw.BANK_MISSING: refusals.BankMissing,
    rules.Flaw.ACCOUNT_MISSING: refusals.AccountMissing,
}


@transaction.atomic
def ask(*, bill: Bill, kind: str, buyer: rules.Party, by: Membership, now: datetime, remarks: str = "") -> Invoice:
    """
    Ask the seller of a settled order for an invoice over what of it has not gone back (BL-15, BL-26).

    Its lines are frozen, each with its net and tax (BL-17). The same money is asked for once.

    Raises:
        NothingToInvoice: not settled, free, or all went back.
        Refusals: what is wrong with the buyer's block, each with its field.
        InvoicedAlready: an invoice over the order lives.
        VatRateUnknown: the seller's rate of VAT is not recorded.
    """
    (bill,) = lock(Bill.objects.filter(pk=bill.pk).select_related("lab__organisation", "organisation"))
    total = queries.invoiceable_fen(bill) if bill.state == Bill.State.SETTLED else 0
    if total <= 0:
        raise refusals.NothingToInvoice(number=bill.order_number)
    buyer = buyer.tidied
    if flaws := queries.flaws_of(buyer, kind=kind, organisation=by.organisation, on=local_day(now)):
        raise Refusals([OF_FLAW[flaw](tax_id=buyer.tax_id) for flaw in flaws])
    rate, item = queries.rate_of(bill), queries.item_of(bill.lab_id, bill.tax_category)
    with refusing(invoice_one_lives_a_bill=refusals.InvoicedAlready(number=bill.order_number)):
        invoice = Invoice.objects.create(
            bill=bill,
            organisation_id=bill.organisation_id,
            lab_id=bill.lab_id,
            kind=kind,
            buyer=buyer.as_json(),
            seller=queries.party_of(bill.lab.organisation).as_json(),
            item_short=item.short_name,
            item_name=item.name,
            item_code=item.code,
            rate_bp=rate,
            remarks=remarks.strip()[:200],
            asked_by_id=by.user_id,
            asked_at=now,
            **amounts(lines_over(bill, total, rate)),
        )
    tell(events.InvoiceAsked, invoice, now=now, by=by)
    return invoice


def lines_over(bill: Bill, total_fen: int, rate_bp: int) -> list[rules.InvoiceLine]:
    """Return the lines of an invoice over so much of a bill, called as in China whatever the page's language."""
    with translation.override(CHINESE):
        names = [line.name for line in lines_told(bill.lines)]
    return rules.lines_of([Line(**line) for line in bill.lines], names=names, total_fen=total_fen, rate_bp=rate_bp)


def amounts(lines: Sequence[rules.InvoiceLine]) -> dict[str, Any]:
    """Return the fields that lines fill: themselves, and their sums (BL-17)."""
    return {
        "lines": [line.as_json() for line in lines],
        "net_fen": sum(line.net_fen for line in lines),
        "tax_fen": sum(line.tax_fen for line in lines),
        "total_fen": sum(line.amount_fen for line in lines),
    }


@transaction.atomic
def withdraw(*, invoice: Invoice, by: Membership, now: datetime) -> Invoice:
    """
    Ask no longer; the order can be asked for anew.

    Raises:
        InvoiceNotOpen: it was answered already.
    """
    invoice = open_request(invoice)
    answered(invoice, Invoice.State.WITHDRAWN, by=by, now=now)
    tell(events.InvoiceWithdrawn, invoice, now=now, by=by)
    return invoice


def locked(invoice: Invoice) -> Invoice:
    """Lock an invoice behind its bill, as refunds do, and return it as it is now."""
    lock(Bill.objects.filter(pk=invoice.bill_id))
    (found,) = lock(Invoice.objects.filter(pk=invoice.pk).select_related("bill", "lab", "organisation"))
    return found


def open_request(invoice: Invoice) -> Invoice:
    """
    Lock a request that waits.

    Raises:
        InvoiceNotOpen: it does not.
    """
    found = locked(invoice)
    if found.state != Invoice.State.ASKED:
        raise refusals.InvoiceNotOpen
    return found


def answered(invoice: Invoice, state: str, *, by: Membership | None, now: datetime, answer: str = "") -> None:
    """Write down what became of a request."""
    invoice.state, invoice.answer = state, answer
    invoice.answered_by_id, invoice.answered_at = by.user_id if by else None, now
    invoice.save()


def tell(
    kind: type[events.InvoiceEvent],
    invoice: Invoice,
    *,
    now: datetime,
    by: Membership | None = None,
    reason: str = "",
    **facts: Any,
) -> None:
    """Announce what happened to an invoice."""
    announce(
        kind(
            occurred_at=now,
            actor_id=by.user_id if by else None,
            organisation_id=invoice.organisation_id,
            reason=reason,
            invoice_id=invoice.pk,
            order_number=invoice.bill.order_number,
            lab_id=invoice.lab_id,
            fen=invoice.total_fen,
            **facts,
        )
    )
