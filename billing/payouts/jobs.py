"""Reminding of payouts, comparing the books each night, and who is told. Each job may run twice, or late."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.memberships import rules as roles
from accounts.models import Membership, Organisation, User
from billing.payments.events import BankStatementImported
from billing.payments.models import BankLine
from billing.payouts import events, operations
from billing.payouts.models import FeeWithdrawal
from kernel.events import Event
from notices import operations as notices

IN_LABS = (roles.OWNER, roles.LAB_MANAGER, roles.FINANCE)


@app.periodic(cron="0 1 * * 2", periodic_id="payouts_due")
@app.task(name="payouts.due", queue="payouts", queueing_lock="payouts_due", pass_context=False)
def tell_due(timestamp: int) -> None:
    """Say on Tuesdays at nine in China that labs are to be paid (BL-36)."""
    del timestamp  # what is due is asked now
    operations.announce_due(now=timezone.now())


@app.periodic(cron="0 18 * * *", periodic_id="reconcile")
@app.task(name="payouts.reconcile", queue="payouts", queueing_lock="reconcile", pass_context=False)
def reconcile_nightly(timestamp: int) -> None:
    """Compare the books with the bank and the bills, two at night in China (BL-37)."""
    del timestamp  # they are compared as they are now
    operations.reconcile(by=None, now=timezone.now())


@app.task(name="payouts.confirm_by_bank", queue="payouts", pass_context=False)
def confirm_by_bank(statement_id: int) -> None:
    """Confirm the payouts that an imported file of the bank names."""
    operations.confirm_by_bank(lines=BankLine.objects.filter(statement_id=statement_id), now=timezone.now())


# --- Reactions --------------------------------------------------------------------------------------------------------


def confirm_imported(event: BankStatementImported) -> None:
    """Look for payouts in a bank's file after it was imported."""
    confirm_by_bank.defer(statement_id=event.statement_id)


def finance() -> list[int]:
    """Return the people who keep the platform's money."""
    operators = Membership.objects.active().filter(
        organisation__roles__contains=[Organisation.Role.PLATFORM_OPERATOR], role__in=(roles.OWNER, roles.FINANCE)
    )
    return list(operators.values_list("user_id", flat=True))


def tell_payouts_due(event: events.PayoutsDue) -> None:
    """Tell those who keep the platform's money that labs are to be paid."""
    told = {"labs": event.labs}
    _tell(event, finance(), told, kind="payouts_due", link=reverse("payouts:overview"))


def tell_prepared(event: events.PayoutsPrepared) -> None:
    """Tell the others that payouts wait for a second person."""
    told = {"number": event.number, "payouts": event.payouts}
    link = reverse("payouts:batch", args=[event.number])
    _tell(event, _others(event), told, kind="payouts_prepared", link=link)


def tell_failed(event: events.PayoutFailed) -> None:
    """Tell those who keep the platform's money that a payout failed, and the lab where the bank was told already."""
    told = {"number": event.number, "why": event.because}
    _tell(event, _others(event), told, kind="payout_failed", link=reverse("payouts:payout", args=[event.number]))
    if event.was_sent:
        link = reverse("payouts:sheet", args=[event.number])
        _tell(event, _of_lab(event), told, kind="payout_not_paid", link=link)


def tell_confirmed(event: events.PayoutConfirmed) -> None:
    """Tell the lab's people that it was paid."""
    link = reverse("payouts:sheet", args=[event.number])
    _tell(event, _of_lab(event), {"number": event.number}, kind="payout_confirmed", link=link)


def tell_withdrawal(event: events.FeeWithdrawalProposed) -> None:
    """Tell the others that one of them wants to take the platform's fee out of custody."""
    link, about = reverse("payouts:fees"), f"withdrawal:{event.withdrawal_id}"
    _tell(event, _others(event), {"who": _person(event)}, kind="fee_withdrawal_proposed", link=link, about=about)


def tell_withdrawal_decided(event: events.FeeWithdrawalDecided) -> None:
    """Tell who asked for it what became of it."""
    asked = FeeWithdrawal.objects.get(pk=event.withdrawal_id)
    kind = "fee_withdrawal_approved" if event.approved else "fee_withdrawal_declined"
    _tell(event, [asked.proposed_by_id], {"who": _person(event)}, kind=kind, link=reverse("payouts:fees"))


def tell_differences(event: events.DifferencesFound) -> None:
    """Tell those who keep the platform's money that the books do not agree."""
    told = {"opened": event.opened, "standing": event.standing}
    _tell(event, finance(), told, kind="differences_found", link=reverse("payouts:differences"))


def _others(event: Event) -> list[int]:
    return [user_id for user_id in finance() if user_id != event.actor_id]


def _of_lab(event: events.PayoutEvent) -> Iterable[int]:
    members = Membership.objects.active().filter(organisation__labs=event.lab_id, role__in=IN_LABS)
    return members.values_list("user_id", flat=True)


def _person(event: Event) -> str:
    assert event.actor_id is not None  # noqa: S101 -- a person proposes, and a person decides
    return str(User.objects.get(pk=event.actor_id))


def _tell(event: Event, people: Iterable[int], told: dict[str, Any], *, kind: str, link: str, about: str = "") -> None:
    notices.tell(
        users=people,
        kind=kind,
        facts=told,
        link=link,
        letter=f"billing/payouts/mail/{kind}.txt",
        organisation_id=event.organisation_id,
        occurred_at=event.occurred_at,
        about=about,
        actor_id=event.actor_id,
    )
