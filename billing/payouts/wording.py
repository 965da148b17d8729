"""How payouts and what they are made of are listed, on pages and in files."""

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from billing.bills.models import Bill
from billing.ledger.models import Line
from billing.payouts.filters import STATES
from billing.payouts.models import Difference, Payout, PayoutItem
from billing.vouchers.rules import local_day
from kernel.refusals import Refusal

LANGUAGE_OF_BANKS = "zh-hans"

EVENTS: dict[str, str | Promise] = {
    "E7": gettext_lazy("Settlement"),
    "E9": gettext_lazy("Cancellation fee"),
    "E10": gettext_lazy("Refund to the customer"),
    "E5": gettext_lazy("Damage, from the deposit"),
    "E13": gettext_lazy("Payment disputed"),
}
"""What a lab earned or gave back by, in its own words."""


def what(line: Line) -> str:
    """Return by what a lab earned a line, or gave it back."""
    return str(EVENTS.get(line.entry.event) or line.entry.told)


def told(refusal: Refusal) -> str:
    """Return a refusal with what would cure it."""
    return f"{refusal} {refusal.remedy}".strip()


def earning_columns() -> list[str]:
    """Return the headings of earnings as a file."""
    return [
        _("Time"),
        _("Lab"),
        _("Order number"),
        _("What for"),
        _("Order (¥)"),
        _("Platform's fee (¥)"),
        _("To the lab (¥)"),
        _("State"),
        _("Payout"),
    ]


def earning_row(line: Any) -> list[Any]:
    """Return a line of earnings as a line of a file; the time is the page's."""
    return [
        timezone.localtime(line.entry.at),
        line.lab.name,
        line.order_number,
        what(line),
        (line.amount_fen + line.fee_fen) / 100,
        line.fee_fen / 100,
        line.amount_fen / 100,
        str(STATES[line.state]),
        line.live_payout or "",
    ]


def payout_columns() -> list[str]:
    """Return the headings of payouts as a file."""
    return [
        _("Number"),
        _("Lab"),
        _("Payee"),
        _("Bank"),
        _("Account"),
        _("Amount (¥)"),
        _("State"),
        _("Prepared at"),
        _("Paid at"),
        _("Serial number of the bank"),
        _("Reason"),
    ]


def payout_row(payout: Payout) -> list[Any]:
    """Return a payout as a line of a file."""
    paid = payout.state == Payout.State.CONFIRMED and payout.ended_at
    return [
        payout.number,
        payout.lab.name,
        payout.payee,
        payout.bank,
        payout.account,
        payout.fen / 100,
        str(payout.get_state_display()),
        timezone.localtime(payout.prepared_at),
        timezone.localtime(paid) if paid else "",
        payout.reference,
        payout.failure,
    ]


def sheet_columns() -> list[str]:
    """Return the headings of a settlement sheet."""
    return [
        _("No."),
        _("Settled at"),
        _("Order number"),
        _("Customer"),
        _("Service on"),
        _("What for"),
        _("Order (¥)"),
        _("Platform's fee (¥)"),
        _("To the lab (¥)"),
    ]


def sheet_row(at: int, item: PayoutItem, bill: Bill | None) -> list[Any]:
    """Return an item of a payout as a line of its settlement sheet."""
    return [
        at,
        timezone.localtime(item.line.entry.at),
        item.line.order_number,
        bill.organisation.name if bill else "",
        bill.served_on if bill else "",
        what(item.line),
        item.gross.fen / 100,
        item.fee_fen / 100,
        item.fen / 100,
    ]


def bank_file(payouts: list[Payout]) -> tuple[list[str], list[list[Any]]]:
    """Return the payments of a batch as the bank takes them, in its own language: headings and lines."""
    with override(LANGUAGE_OF_BANKS):
        columns = [
            _("No."), _("Payee"), _("Payee's account"), _("Payee's bank"), _("Amount (¥)"), _("Remark"),
        ]  # fmt: skip
        remark = _("Settlement of lab services {number}")
        return columns, [
            [at, each.payee, each.account, each.bank, each.amount.yuan, remark.format(number=each.number)]
            for at, each in enumerate(payouts, 1)
        ]


def age(one: Difference, *, today: date) -> int:
    """Return for how many days something differs, or differed."""
    until = local_day(one.closed_at) if one.closed_at else today
    return max(0, (until - one.on).days)


def difference_columns() -> list[str]:
    """Return the headings of differences as a file."""
    return [
        _("Since the day"),
        _("Age in days"),
        _("What differs"),
        _("Key"),
        _("What is known"),
        _("Bank or bill (¥)"),
        _("Books (¥)"),
        _("Difference (¥)"),
        _("Found at"),
        _("Gone at"),
    ]


def difference_row(one: Difference, *, today: date) -> list[Any]:
    """Return a difference as a line of a file."""
    return [
        one.on,
        age(one, today=today),
        str(one.get_kind_display()),
        one.key,
        one.told,
        one.outside_fen / 100,
        one.books_fen / 100,
        one.off.fen / 100,
        timezone.localtime(one.opened_at),
        timezone.localtime(one.closed_at) if one.closed_at else "",
    ]
