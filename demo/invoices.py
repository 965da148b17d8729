"""The demo's invoices: asked for by customers of settled orders, written, rejected and taken back; made once."""

from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from accounts.memberships import rules as roles
from accounts.models import Membership
from billing.invoices import operations as invoices
from billing.invoices import queries
from billing.models import Bill, CreditNote, Document, Invoice
from billing.vouchers.rules import local_day
from demo.lives import ON_SHOW_LAB
from demo.rentals import READ_AFTER
from kernel.refusals import Refusal
from notices import operations as notices
from notices.models import Notice

ASKED = 5
"""How many settled orders of the lab on show are asked for; the rest can be asked for."""
NUMBERED = "{year}44000000{serial:010d}"
PAYS = (roles.OWNER, roles.BUYER, roles.FINANCE)
WRITES = (roles.OWNER, roles.LAB_MANAGER, roles.FINANCE)


def load(folder: Path, now: datetime) -> dict[str, int]:
    """Ask for some invoices over what was settled, and let the labs answer, unless that was done before."""
    del folder  # made up here, from what was settled
    if not Invoice.objects.exists():
        _make(now)
    return {
        "invoices": Invoice.objects.count(),
        "credit notes": CreditNote.objects.count(),
        "documents": Document.objects.count(),
    }


@transaction.atomic
def _make(now: datetime) -> None:
    settled = Bill.objects.filter(state=Bill.State.SETTLED, total_fen__gt=0)
    found = settled.select_related("lab__organisation", "organisation").order_by("settled_at", "pk")
    shown_first = sorted(found, key=lambda bill: bill.lab.code != ON_SHOW_LAB)
    for at, bill in enumerate(shown_first[:ASKED]):
        customer, desk = _of(bill.organisation_id, PAYS), _of(bill.lab.organisation_id, WRITES)
        if customer is None or desk is None or bill.settled_at is None:
            continue
        asked_at = min(now, bill.settled_at + timedelta(hours=2))
        try:
            buyer = queries.party_of(customer.organisation)
            made = invoices.ask(bill=bill, kind="ordinary", buyer=buyer, by=customer, now=asked_at)
        except Refusal:
            continue  # the seller's rate of VAT is not recorded
        _answer(at, made, desk, now)
        invoices.settlement(bill=bill, by=desk, now=now)
    notices.mark_read(notices=Notice.objects.filter(occurred_at__lt=now - READ_AFTER), now=now)


def _answer(at: int, invoice: Invoice, desk: Membership, now: datetime) -> None:
    """Write the first ones, take a part of one back, reject one, and let the last ones wait."""
    if at < 3:
        today = local_day(now)
        number = NUMBERED.format(year=today.year % 100, serial=4_100 + at)
        invoices.issue(invoice=invoice, number=number, issued_on=today, issuer_name="王会计", by=desk, now=now)
    if at == 2:
        part = invoice.total_fen // 10 or invoice.total_fen
        invoices.want(
            invoice=invoice, reason="allowance", fen=part, words="样品数量少于约定，协商减免", by=desk, now=now
        )
    if at == 3:
        invoices.reject(invoice=invoice, reason="抬头与营业执照名称不一致，请核对后重新申请", by=desk, now=now)


def _of(organisation_id: int, among: tuple[str, ...]) -> Membership | None:
    found = Membership.objects.active().filter(organisation_id=organisation_id, role__in=among)
    return found.select_related("organisation", "user").order_by("pk").first()
