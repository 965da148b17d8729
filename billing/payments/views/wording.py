"""How the pages of transfers say what they show."""

from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.ledger.models import Line
from billing.payments.models import BankLine, BankStatement
from billing.payments.queries import Sending
from kernel.refusals import Refusal

FAULTS = {
    "encoding": gettext_lazy("The file is neither UTF-8 nor GBK text."),
    "heads": gettext_lazy("No line of heads was found: date, amount and serial number of the bank must be among them."),
    "empty": gettext_lazy("The file has no lines."),
    "too_many": gettext_lazy("The file has more lines than can be imported at once."),
    "serial": gettext_lazy("The serial number is missing, or too long."),
    "twice": gettext_lazy("The serial number stands in the file twice."),
    "date": gettext_lazy("This is no date."),
    "amount": gettext_lazy("This is no amount."),
    "direction": gettext_lazy("It is not said whether the money came in or went out."),
    "nothing": gettext_lazy("No amount is given."),
}
"""What cannot be read of a bank's file, by code."""


def faults_of(statement: BankStatement) -> list[dict[str, Any]]:
    """Return what cannot be read of a file, in words."""
    return [{**fault, "told": FAULTS[fault["code"]]} for fault in statement.faults]


def told(refusal: Refusal) -> str:
    """Return a refusal with what would cure it."""
    return f"{refusal} {refusal.remedy}".strip()


def pay_to() -> dict[str, str]:
    """Return the account that takes transfers."""
    return dict(settings.BANK_ACCOUNT)


def line_columns() -> list[str]:
    """Return the headings of bank lines as a file."""
    return [
        _("Date"), _("Serial number of the bank"), _("Amount (¥)"), _("Payer"), _("Payer's account"), _("Remark"),
        _("State"), _("Reference"), _("Organisation"), _("Paid"), _("Why"),
    ]  # fmt: skip


def line_row(line: BankLine) -> list[Any]:
    """Return a bank line as a line of a file."""
    return [
        line.on,
        line.serial,
        line.fen / 100,
        line.payer,
        line.account,
        line.remark,
        str(line.get_state_display()),
        line.reference.code if line.reference else "",
        line.reference.organisation.name if line.reference else "",
        line.paid,
        str(line.get_why_display()) if line.why else "",
    ]


def movement_columns() -> list[str]:
    """Return the headings of movements as a file."""
    return [_("Time"), _("Kind of movement"), _("Order number"), _("In (¥)"), _("Out (¥)")]


def movement_row(line: Line) -> list[Any]:
    """Return a movement on a balance as a line of a file: what came onto it is a credit."""
    return [
        timezone.localtime(line.entry.at),
        line.entry.told,
        line.order_number or line.entry.order_number,
        max(-line.fen, 0) / 100,
        max(line.fen, 0) / 100,
    ]


def sending_columns() -> list[str]:
    """Return the headings of the bank's file of payments."""
    return [
        _("No."), _("Payee"), _("Payee's account"), _("Payee's bank"), _("Amount (¥)"), _("Remark"), _("Order number"),
    ]  # fmt: skip


def sending_row(at: int, sending: Sending) -> list[Any]:
    """Return a refund as a payment that the bank can carry out."""
    remark = _("Refund of {number}").format(number=sending.order_number)
    return [at, sending.payee, sending.account, sending.bank, sending.fen / 100, remark, sending.order_number]
