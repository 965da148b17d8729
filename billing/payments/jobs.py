"""Matching what was imported, the month's statements, and who is told. Each job may run twice, or late."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.memberships import rules as roles
from accounts.models import Membership, Organisation
from billing.bills.events import RefundFailed
from billing.payments import events, operations, rules
from billing.payments.models import BankLine, ReferenceCode
from billing.vouchers.rules import local_day
from kernel.events import Event
from kernel.money import Money
from notices import operations as notices


@app.task(name="payments.match", queue="payments", pass_context=False)
def match(statement_id: int) -> None:
    """Match what waits of an imported statement."""
    operations.match_all(BankLine.objects.waiting().filter(statement_id=statement_id), now=timezone.now())


@app.periodic(cron="*/5 * * * *", periodic_id="match_transfers")
@app.task(name="payments.match_waiting", queue="payments", queueing_lock="match_transfers", pass_context=False)
def match_waiting(timestamp: int) -> None:
    """Match what was in somebody's way before."""
    del timestamp  # whatever waits by now
    operations.match_all(BankLine.objects.waiting(), now=timezone.now())


@app.periodic(cron="10 17 * * *", periodic_id="make_monthly_statements")
@app.task(name="payments.monthly", queue="payments", queueing_lock="make_monthly_statements", pass_context=False)
def monthly(timestamp: int) -> None:
    """Make the statements of the month that is over, ten past one at night in China; then remind of those unpaid."""
    del timestamp  # every night: what the first of the month missed is made on the second
    now = timezone.now()
    operations.make_statements(month=rules.month_before(local_day(now)), now=now)
    operations.remind(now=now)


# --- Reactions --------------------------------------------------------------------------------------------------------


def match_imported(event: events.BankStatementImported) -> None:
    """Match the lines of a statement after it was imported."""
    match.defer(statement_id=event.statement_id)


type People = list[tuple[int, list[int]]]
"""Users, by the organisation as whose members they are told."""


def _finance(event: Event) -> People:
    """Return those who keep the platform's money; who did it knows."""
    operators = Membership.objects.active().filter(
        organisation__roles__contains=[Organisation.Role.PLATFORM_OPERATOR], role__in=(roles.OWNER, roles.FINANCE)
    )
    found: dict[int, list[int]] = {}
    for organisation_id, user_id in operators.values_list("organisation_id", "user_id"):
        if user_id != event.actor_id:
            found.setdefault(organisation_id, []).append(user_id)
    return sorted(found.items())


def _customer(event: Event) -> People:
    """Return who of an organisation books or pays."""
    assert event.organisation_id is not None  # noqa: S101 -- a balance and a statement are somebody's
    using = (roles.OWNER, roles.BUYER, roles.FINANCE)
    members = Membership.objects.active().filter(organisation_id=event.organisation_id, role__in=using)
    return [(event.organisation_id, list(members.values_list("user_id", flat=True)))]


def tell_unmatched(event: events.TransferUnmatched) -> None:
    """Tell those who keep the platform's money that a transfer waits for two of them."""
    told = {"line_id": event.line_id, "amount": str(Money(event.fen))}
    _tell(
        event,
        _finance(event),
        kind="transfer_unmatched",
        told=told,
        link=reverse("transfers:line", args=[event.line_id]),
    )


def tell_proposed(event: events.ResolutionProposed) -> None:
    """Tell the others that one of them proposes what becomes of money in suspense."""
    amount = str(BankLine.objects.get(pk=event.line_id).amount)
    told = {"line_id": event.line_id, "amount": amount}
    link, about = reverse("transfers:line", args=[event.line_id]), f"resolution:{event.resolution_id}"
    _tell(event, _finance(event), kind="resolution_proposed", told=told, link=link, about=about)


def tell_not_sent(event: events.TransferNotSentBack | RefundFailed) -> None:
    """Tell those who keep the platform's money that a refund did not get through (BL-31)."""
    told = {"number": event.order_number, "amount": str(Money(event.fen)), "why": event.because}
    _tell(event, _finance(event), kind="refund_not_sent", told=told, link=reverse("transfers:refunds"))


def tell_owed_back(event: events.TransferOwedBack) -> None:
    """Tell the customer that their money came too late and goes back."""
    told = {"number": event.order_number, "amount": str(Money(event.fen))}
    _tell(event, _customer(event), kind="transfer_owed_back", told=told, link=reverse("transfers:balance"))


def tell_sent_back(event: events.TransferSentBack) -> None:
    """Tell the customer that their money has gone back."""
    told = {"number": event.order_number, "amount": str(Money(event.fen))}
    _tell(event, _customer(event), kind="transfer_sent_back", told=told, link=reverse("transfers:balance"))


def tell_topped_up(event: events.BalanceToppedUp) -> None:
    """Tell the customer that their balance has grown."""
    told = {"amount": str(Money(event.fen))}
    _tell(event, _customer(event), kind="balance_topped_up", told=told, link=reverse("transfers:balance"))


def tell_statement(event: events.MonthlyStatementEvent) -> None:
    """Tell the customer of a month's statement: made, soon to be paid, overdue, or paid."""
    if not event.due_fen:
        return
    kind = event.name()
    if isinstance(event, events.MonthlyStatementUnpaid) and event.is_overdue:
        kind = "monthly_statement_overdue"
    told: dict[str, Any] = {
        "statement_id": event.statement_id,
        "number": event.number,
        "amount": str(Money(event.due_fen)),
    }
    code = ReferenceCode.objects.filter(purpose=rules.STATEMENT, number=event.number).first()
    link = reverse("transfers:statement", args=[event.number])
    told["code"] = code.shown if code else ""
    _tell(event, _customer(event), kind=kind, told=told, link=link, about=f"statement:{event.statement_id}")


def _tell(event: Event, people: People, *, kind: str, told: dict[str, Any], link: str, about: str = "") -> None:
    for organisation_id, users in people:
        notices.tell(
            users=users,
            kind=kind,
            facts=told,
            link=link,
            letter=f"billing/payments/mail/{kind}.txt",
            organisation_id=organisation_id,
            occurred_at=event.occurred_at,
            about=about,
            actor_id=event.actor_id,
        )
