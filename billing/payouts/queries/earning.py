"""
What labs have earned, line by line of the books (2207), and how far each line is on its way to them.

Note [A line is paid once]
    What a lab is owed is the sum of its lines on 2207 that no payout made. Each of them is in at most one payout that
    did not fail (`payout_line_is_paid_once`), so a debt carries itself forward: lines whose sum is not paid stay free.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from accounts.models import Membership, Organisation
from billing.ledger.chart import Account
from billing.ledger.models import Line
from billing.payouts import rules
from kernel.money import Money
from labs.models import Lab

WAITING, DUE, UNDERWAY, PAID = "waiting", "due", "underway", "paid"
STATES = (WAITING, DUE, UNDERWAY, PAID)
OWED = Account.LAB_PAYABLE.value
FEES = (Account.FEE_INCOME.value, Account.OUTPUT_VAT.value)
PAYOUT = "E11"


def earnings(*, before: datetime) -> QuerySet[Any]:
    """
    Return the lines of what labs are owed, without what was paid: each with its `amount`, `fee` and `state`; fen.

    `before` is the instant before which an order is settled to be due (`rules.accepted_before`). What a lab gives back
    (a refund, damage) is due at once, unless its order waits itself. `live_payout` is the payout a line is in.
    """
    waits = Line.objects.filter(
        account=OWED, party=OuterRef("party"), order_number=OuterRef("order_number"), fen__lt=0, entry__at__gte=before
    ).exclude(order_number="")
    fees = Line.objects.filter(entry=OuterRef("entry"), account__in=FEES, lab=OuterRef("lab")).order_by()
    kept = Subquery(fees.values("entry").annotate(kept=-Sum("fen")).values("kept"), output_field=BigIntegerField())
    found = Line.objects.filter(account=OWED).exclude(entry__event=PAYOUT)
    return found.annotate(
        live=FilteredRelation("payout_items", condition=Q(payout_items__is_released=False)),
        live_payout=F("live__payout__number"),
        amount_fen=-F("fen"),
        fee_fen=Coalesce(kept, Value(0), output_field=BigIntegerField()),
        state=Case(
            When(live__payout__state="confirmed", then=Value(PAID)),
            When(live__isnull=False, then=Value(UNDERWAY)),
            When(fen__lt=0, entry__at__gte=before, then=Value(WAITING)),
            When(Q(fen__gt=0) & Exists(waits), then=Value(WAITING)),
            default=Value(DUE),
            output_field=CharField(),
        ),
    )


def of_member(member: Membership, *, before: datetime) -> QuerySet[Any]:
    """Return what the labs of a member's organisation have earned, the newest first."""
    mine: QuerySet[Any] = earnings(before=before).filter(lab__organisation_id=member.organisation_id)
    return mine.select_related("entry", "lab").order_by("-entry__at", "-pk")


@dataclass(frozen=True, slots=True)
class Figures:
    """
    What labs have earned: in all, the platform's fee of it, and where the rest is; fen, and how many lines.

    Earned less fee is what waits, is due, is underway or paid.
    """

    fen: dict[str, int] = field(default_factory=dict)
    count: dict[str, int] = field(default_factory=dict)
    fee_fen: int = 0

    def of(self, state: str) -> Money:
        """What is so far on its way."""
        return Money(self.fen.get(state, 0))

    @property
    def waiting(self) -> Money:
        """What may still be objected to."""
        return self.of(WAITING)

    @property
    def due(self) -> Money:
        """What the next payout takes, below nothing where the lab owes."""
        return self.of(DUE)

    @property
    def underway(self) -> Money:
        """What is in payouts that the bank has not confirmed."""
        return self.of(UNDERWAY)

    @property
    def paid(self) -> Money:
        """What was paid."""
        return self.of(PAID)

    @property
    def fee(self) -> Money:
        """What the platform kept."""
        return Money(self.fee_fen)

    @property
    def earned(self) -> Money:
        """What the orders came to."""
        return Money(sum(self.fen.values()) + self.fee_fen)


def figures(lines: QuerySet[Any]) -> Figures:
    """Return the sums of some earnings; one statement."""
    sums = lines.order_by().values("state").annotate(total=Sum("amount_fen"), fees=Sum("fee_fen"), lines=Count("pk"))
    rows = list(sums)
    return Figures(
        fen={row["state"]: int(row["total"]) for row in rows},
        count={row["state"]: row["lines"] for row in rows},
        fee_fen=sum(int(row["fees"]) for row in rows),
    )


@dataclass(frozen=True, slots=True)
class Due:
    """What is due to one lab on a day of payment, its lines as (key, fen, fee), and why it is held back, or ''."""

    lab: Lab
    lines: tuple[tuple[int, int, int], ...]
    why: str

    @property
    def amount(self) -> Money:
        """What the lines come to."""
        return Money(sum(fen for _, fen, _ in self.lines))

    @property
    def debt(self) -> Money:
        """What of it the lab gives back."""
        return Money(sum(fen for _, fen, _ in self.lines if fen < 0))


def due_to_labs(due_on: date) -> list[Due]:
    """Return what is due to each lab on a day of payment, in the order of the labs' codes."""
    lines = earnings(before=rules.accepted_before(due_on)).filter(state=DUE)
    by_lab: dict[int, list[tuple[int, int, int]]] = {}
    for lab_id, *line in lines.order_by("pk").values_list("lab_id", "pk", "amount_fen", "fee_fen"):
        by_lab.setdefault(lab_id, []).append((line[0], line[1], line[2]))
    labs = Lab.objects.filter(pk__in=by_lab).select_related("organisation").order_by("code")
    return [_due(lab, by_lab[lab.pk]) for lab in labs]


def _due(lab: Lab, lines: Iterable[tuple[int, int, int]]) -> Due:
    kept = tuple(lines)
    fen = sum(amount for _, amount, _ in kept)
    return Due(lab, kept, rules.held_back(fen, has_account=has_account(lab.organisation)))


def has_account(organisation: Organisation) -> bool:
    """Whether it is known where an organisation is paid."""
    return bool(organisation.bank_account.strip())


def why_held_back(found: Figures, owner: Organisation, *, labs: int) -> str:
    """Return why what is due to an organisation's only lab is carried forward, or ''; of several each has its own."""
    if labs != 1 or not found.due:
        return "" if has_account(owner) else rules.NO_ACCOUNT
    return rules.held_back(found.due.fen, has_account=has_account(owner))


def payee(organisation: Organisation) -> dict[str, Any]:
    """Return where an organisation is paid, as the bank wants to know it."""
    return {
        "payee": organisation.invoice_title or organisation.name_zh,
        "bank": organisation.bank_name,
        "account": "".join(organisation.bank_account.split()),
    }
