"""Payouts, what they are made of, and what the platform may take of its own fee."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts.models import Membership
from billing.bills.models import Bill
from billing.ledger import queries as books
from billing.ledger.chart import Account
from billing.payouts.models import FeeWithdrawal, Payout, PayoutBatch, PayoutItem
from billing.payouts.models.payouts import PayoutQuerySet
from kernel.money import Money


def payouts() -> QuerySet[Payout]:
    """Return all payouts, the newest first, each with its lab and how many lines it has."""
    return _shown(Payout.objects.all())


def payouts_of(member: Membership) -> QuerySet[Payout]:
    """Return the payouts to the labs of a member's organisation, the newest first."""
    return _shown(Payout.objects.visible_to(member))


def _shown(found: PayoutQuerySet) -> QuerySet[Payout]:
    with_lab = found.select_related("lab__organisation", "batch").annotate(lines=Count("items"))
    return with_lab.order_by("-prepared_at", "-pk")


def items_of(payout: Payout) -> list[PayoutItem]:
    """Return what a payout is made of, in the order it was earned."""
    items = payout.items.select_related("line__entry", "line__lab")
    return list(items.order_by("line__entry__at", "pk"))


def named(order_numbers: Iterable[str]) -> dict[str, Bill]:
    """Return the bills of orders by their numbers."""
    found = Bill.objects.filter(order_number__in={number for number in order_numbers if number})
    return {bill.order_number: bill for bill in found.select_related("organisation")}


def batch_rows() -> QuerySet[Any]:
    """Return the batches, the newest first, each with its payouts' number and sum, and how many are how far."""
    counted = {
        state.value: Count("payouts", filter=Q(payouts__state=state.value))
        for state in (Payout.State.PREPARED, Payout.State.APPROVED, Payout.State.SENT)
    }
    ended = {
        "paid": Count("payouts", filter=Q(payouts__state=Payout.State.CONFIRMED)),
        "failed": Count("payouts", filter=Q(payouts__state=Payout.State.FAILED)),
    }
    found = PayoutBatch.objects.annotate(total_fen=Sum("payouts__fen"), number_of=Count("payouts"), **counted, **ended)
    return found.select_related("prepared_by").order_by("-prepared_at", "-pk")


@dataclass(frozen=True, slots=True)
class Fee:
    """What the platform earned of fees with their tax, what of it was taken out, and what of the rest may be; fen."""

    earned_fen: int
    taken_fen: int
    over_fen: int
    custody_fen: int

    @property
    def earned(self) -> Money:
        """6001 and 2221: what was kept of settled orders."""
        return Money(self.earned_fen)

    @property
    def taken(self) -> Money:
        """What was taken out already."""
        return Money(self.taken_fen)

    @property
    def left(self) -> Money:
        """What may be taken out now: never what belongs to others, nor what is not on the account yet (BL-35)."""
        return Money(max(0, min(self.earned_fen - self.taken_fen, self.over_fen, self.custody_fen)))


def fees_taken() -> int:
    """Return what of its fee the platform has taken out of custody; fen."""
    done = FeeWithdrawal.objects.filter(state=FeeWithdrawal.State.APPROVED)
    return int(done.aggregate(total=Coalesce(Sum("fen"), 0))["total"])


def fee_to_take() -> Fee:
    """Return what of its fee the platform may take out of custody (E14)."""
    return Fee(
        earned_fen=books.balance(Account.FEE_INCOME).fen + books.balance(Account.OUTPUT_VAT).fen,
        taken_fen=fees_taken(),
        over_fen=books.client_money().over.fen,
        custody_fen=books.balance(Account.CUSTODY_BANK).fen,
    )
