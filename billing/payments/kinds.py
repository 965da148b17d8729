"""What people are told about transfers, balances and monthly statements."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from billing.bills.models import MonthlyStatement
from billing.payments import events
from billing.payments.models import BankLine
from notices.kinds import Facts, Group, Kind, Mail


def line_of(facts: Facts, now: datetime) -> Facts | None:
    """Return the transfer while it waits for people."""
    del now
    found = BankLine.objects.unresolved().filter(pk=facts["line_id"]).first()
    return {"line": found} if found else None


def statement_of(facts: Facts, now: datetime) -> Facts | None:
    """Return the statement and where it is paid, while it is to be paid."""
    del now
    found = MonthlyStatement.objects.open().filter(pk=facts["statement_id"]).first()
    shown: dict[str, Any] = {"statement": found, "account": settings.BANK_ACCOUNT}
    return shown if found else None


PAID = (events.MonthlyStatementPaid,)

KINDS = (
    Kind(
        "transfer_unmatched",
        Group.APPROVALS,
        label=_("A transfer waits to be decided"),
        sentence=_("Money came that cannot be matched by itself."),
        mail=Mail.DIGEST,
        gather=line_of,
    ),
    Kind(
        "resolution_proposed",
        Group.APPROVALS,
        label=_("What becomes of a transfer waits for a second person"),
        sentence=_("A proposal for a transfer waits for a second person."),
        gather=line_of,
        done_by=(events.ResolutionDecided,),
        about="resolution:{0.resolution_id}",
    ),
    Kind(
        "refund_not_sent",
        Group.APPROVALS,
        label=_("A refund did not get through"),
        sentence=_("The refund for {number} did not get through: {why}"),
    ),
    Kind(
        "transfer_owed_back",
        Group.ORGANISATION,
        label=_("A transfer came too late and goes back"),
        sentence=_("Your transfer for {number} came too late: it goes back."),
    ),
    Kind(
        "transfer_sent_back",
        Group.ORGANISATION,
        label=_("A transfer has gone back"),
        sentence=_("Your transfer for {number} has gone back to you."),
    ),
    Kind(
        "balance_topped_up",
        Group.ORGANISATION,
        label=_("The prepaid balance has grown"),
        sentence=_("Money came onto your prepaid balance."),
    ),
    Kind(
        "monthly_statement_made",
        Group.ORGANISATION,
        label=_("A monthly statement is there"),
        sentence=_("The monthly statement {number} is there."),
        gather=statement_of,
        done_by=PAID,
        about="statement:{0.statement_id}",
    ),
    Kind(
        "monthly_statement_unpaid",
        Group.ORGANISATION,
        label=_("A monthly statement is soon to be paid"),
        sentence=_("The monthly statement {number} is soon to be paid."),
        gather=statement_of,
        done_by=PAID,
        about="statement:{0.statement_id}",
    ),
    Kind(
        "monthly_statement_overdue",
        Group.ORGANISATION,
        label=_("A monthly statement is overdue"),
        sentence=_("The monthly statement {number} is overdue: nothing more goes onto the account."),
        must_mail=True,
        gather=statement_of,
        done_by=PAID,
        about="statement:{0.statement_id}",
    ),
    Kind(
        "monthly_statement_paid",
        Group.ORGANISATION,
        label=_("A monthly statement is paid"),
        sentence=_("The monthly statement {number} is paid."),
    ),
)
