"""Invoices and what can be invoiced, ready to show."""

from datetime import date, datetime

from django.db.models import Exists, F, OuterRef, QuerySet

from accounts.models import Membership, Organisation, TaxpayerStatus
from accounts.organisations.rules import has_credit_code, taxpayer_type_on
from billing.bills.models import Bill
from billing.invoices import rules
from billing.invoices.models import CreditNote, Invoice, TaxItem
from billing.pricing.queries import vat_rate
from billing.vouchers.models import Programme, Redemption

DEFAULT_ITEMS = {
    "testing_service": ("研发和技术服务", "检测服务"),
    "rental_assisted": ("研发和技术服务", "仪器测试服务"),
    "rental_self": ("经营租赁", "仪器使用"),
}
"""How categories are named where a lab has not said it otherwise: (short name, item)."""
OTHER_ITEM = ("现代服务", "技术服务")


def invoices_of(member: Membership) -> QuerySet[Invoice]:
    """Return the invoices of the member's organisation, the newest first."""
    found = Invoice.objects.visible_to(member).select_related("bill", "lab__organisation", "organisation")
    return found.order_by("-asked_at", "-pk")


def invoices_at(member: Membership) -> QuerySet[Invoice]:
    """Return the invoices that the labs of the member's organisation are asked for: those that wait first."""
    found = Invoice.objects.operated_by(member).select_related("bill", "lab__organisation", "organisation")
    return found.order_by("-asked_at", "-pk")


def credit_notes_at(member: Membership) -> QuerySet[CreditNote]:
    """Return the credit notes that labs of the member's organisation have to write, the oldest first."""
    waiting = CreditNote.objects.operated_by(member).filter(state=CreditNote.State.WANTED)
    return waiting.select_related("invoice__organisation", "invoice__bill").order_by("asked_at", "pk")


def to_be_invoiced(member: Membership) -> QuerySet[Bill]:
    """Return the settled orders of the member's organisation over which no invoice lives, the newest first."""
    living = Invoice.objects.living().filter(bill=OuterRef("pk"))
    settled = Bill.objects.visible_to(member).filter(
        state=Bill.State.SETTLED, total_fen__gt=F("refunded_fen") + F("refunded_voucher_fen")
    )
    return settled.exclude(Exists(living)).select_related("lab").order_by("-settled_at", "-pk")


def is_net_of_voucher(bill: Bill) -> bool:
    """Whether the voucher's programme wants what it pays left out of the invoice (BL-15)."""
    if not bill.voucher_fen:
        return False
    used = Redemption.objects.live().filter(order_number=bill.order_number)
    return used.filter(programme__invoice_content=Programme.InvoiceContent.NET).exists()


def invoiceable_fen(bill: Bill) -> int:
    """Return what of a settled bill an invoice is over: what has not gone back, less a voucher that is left out."""
    own = bill.own.fen - bill.refunded_fen
    return own if is_net_of_voucher(bill) else own + bill.voucher_fen - bill.refunded_voucher_fen


def rate_of(bill: Bill) -> int:
    """
    Return the rate of VAT on a bill in basis points (BL-17).

    Raises:
        VatRateUnknown: neither the settlement nor today's records know it.
    """
    if bill.vat_bp is not None:
        return bill.vat_bp
    return vat_rate(category=bill.tax_category, seller_id=bill.lab.organisation_id, on=bill.served_on)


def taxpayer_type(organisation_id: int, on: date) -> str | None:
    """Return what kind of taxpayer an organisation is on a day; None where it is not recorded."""
    history = TaxpayerStatus.objects.filter(organisation_id=organisation_id)
    return taxpayer_type_on(list(history.values_list("valid_from", "taxpayer_type")), on)


def party_of(organisation: Organisation) -> rules.Party:
    """Return an organisation's block as its profile has it."""
    return rules.Party(
        name=organisation.invoice_title or organisation.name_zh,
        tax_id=organisation.uscc or "",
        address=organisation.invoice_address,
        phone=organisation.invoice_phone,
        bank=organisation.bank_name,
        account=organisation.bank_account,
    )


def flaws_of(buyer: rules.Party, *, kind: str, organisation: Organisation, on: date) -> list[rules.Flaw]:
    """Return what is wrong with a request of an organisation (BL-26)."""
    return rules.buyer_flaws(
        buyer,
        kind=kind,
        is_verified=organisation.is_verified,
        taxpayer_type=taxpayer_type(organisation.pk, on),
        needs_tax_id=has_credit_code(organisation.country),
    )


def item_of(lab_id: int, category: str) -> TaxItem:
    """Return how a lab names a category on its invoices: as it said, or as is usual (not saved then)."""
    found = TaxItem.objects.filter(lab_id=lab_id, category=category).first()
    if found is not None:
        return found
    short, name = DEFAULT_ITEMS.get(category, OTHER_ITEM)
    return TaxItem(lab_id=lab_id, category=category, short_name=short, name=name)


def left_to_credit(invoice: Invoice) -> list[int]:
    """Return what of each line of an invoice no credit note takes back yet, those to be written included."""
    return rules.left_of(invoice.written_lines, [note.credited for note in invoice.credit_notes.standing()])


def waits_since(invoice: Invoice, now: datetime) -> int:
    """Return for how many days a request waits."""
    return (now - invoice.asked_at).days
