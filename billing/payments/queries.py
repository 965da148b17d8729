"""Transfers, balances and statements, ready to show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from accounts.models import Membership, Organisation
from billing.bills.models import MonthlyStatement, Refund, Way
from billing.ledger import queries as books
from billing.ledger.chart import Account
from billing.ledger.models import Line
from billing.payments import reading, rules
from billing.payments.models import AdvanceRefund, BankLine, BankStatement, ReferenceCode
from kernel.money import Money

# --- References -------------------------------------------------------------------------------------------------------


def references_in(remark: str) -> list[ReferenceCode]:
    """Return the references that a remark names, by code or by number, in the order they were given out."""
    by_code = ReferenceCode.objects.filter(code__in=rules.codes_in(remark))
    by_number = ReferenceCode.objects.filter(number__in=rules.numbers_in(remark))
    return list((by_code | by_number).select_related("organisation").order_by("pk"))


def known(reference: ReferenceCode) -> rules.Known:
    """Return a reference as matching looks at it: a payer bears one of its organisation's names."""
    whose = reference.organisation
    return rules.Known(
        key=reference.pk,
        purpose=reference.purpose,
        names=(whose.name_zh, whose.name_en, whose.invoice_title),
        expected_fen=reference.expected_fen,
        is_paid=reference.paid_at is not None,
    )


def reference_by(text: str, *, purpose: str) -> ReferenceCode | None:
    """Return the reference of a purpose that somebody names by its code or by the number of what it is for."""
    found = [one for one in references_in(text) if one.purpose == purpose]
    return found[0] if len(found) == 1 else None


def reference_of(number: str, *, purpose: str = rules.ORDER) -> ReferenceCode | None:
    """Return the reference of an order or a statement by its number; None where it is not paid by transfer."""
    return ReferenceCode.objects.filter(purpose=purpose, number=number).first() if number else None


def top_up_reference(organisation_id: int) -> ReferenceCode | None:
    """Return the code by which an organisation puts money onto its balance, where it has one."""
    return ReferenceCode.objects.filter(purpose=rules.TOP_UP, organisation_id=organisation_id).first()


# --- A bank's file before it is imported ------------------------------------------------------------------------------

NEW, KNOWN, DIFFERS, OUT = "new", "known", "differs", "out"


@dataclass(frozen=True, slots=True)
class Previewed:
    """A line of a file with what would become of it."""

    row: reading.Row
    fate: str
    verdict: rules.Verdict | None = None
    reference: ReferenceCode | None = None

    @property
    def amount(self) -> Money:
        """What came in, or went out below nothing."""
        return Money(self.row.fen)

    @property
    def why(self) -> str:
        """What would be against matching it, in words."""
        return str(BankLine.Why(self.verdict.why).label) if self.verdict and self.verdict.why else ""


def previewed(statement: BankStatement) -> list[Previewed]:
    """Return what would become of each line of a file, if it were imported now; a handful of statements."""
    rows = [reading.row_of(row) for row in statement.rows]
    there = {line.serial: line for line in BankLine.objects.filter(serial__in=[row.serial for row in rows])}
    codes = {code for row in rows for code in rules.codes_in(row.remark)}
    numbers = {number for row in rows for number in rules.numbers_in(row.remark)}
    named = ReferenceCode.objects.filter(Q(code__in=codes) | Q(number__in=numbers))
    given = list(named.select_related("organisation").order_by("pk"))
    return [_previewed(row, there.get(row.serial), given) for row in rows]


def _previewed(row: reading.Row, line: BankLine | None, given: Sequence[ReferenceCode]) -> Previewed:
    if line is not None:
        return Previewed(row, KNOWN if (row.on, row.fen) == (line.on, line.fen) else DIFFERS)
    if row.fen < 0:
        return Previewed(row, OUT)
    codes, numbers = rules.codes_in(row.remark), rules.numbers_in(row.remark)
    found = [one for one in given if one.code in codes or one.number in numbers]
    verdict = rules.decide(fen=row.fen, payer=row.payer, found=[known(one) for one in found])
    return Previewed(row, NEW, verdict, next((one for one in found if one.pk == verdict.key), None))


# --- Lines ------------------------------------------------------------------------------------------------------------


def lines() -> QuerySet[BankLine]:
    """Return the lines of the custody account, the newest first, each with whose it is."""
    return BankLine.objects.select_related("reference__organisation", "statement").order_by("-on", "-pk")


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for people: lines and fen by hand and unknown, refunds to send."""

    by_hand: int
    suspense: int
    fen: int
    to_send: int

    @property
    def amount(self) -> Money:
        """What stands in suspense."""
        return Money(self.fen)


def waiting() -> Waiting:
    """Return how much waits for people."""
    found = (
        BankLine.objects.unresolved()
        .order_by()
        .aggregate(
            by_hand=Coalesce(Sum(Case(When(state=BankLine.State.BY_HAND, then=1))), 0),
            suspense=Coalesce(Sum(Case(When(state=BankLine.State.SUSPENSE, then=1))), 0),
            fen=Coalesce(Sum("fen"), 0),
        )
    )
    by_transfer = Refund.objects.waiting().filter(way=Way.TRANSFER).count()
    return Waiting(**found, to_send=by_transfer + AdvanceRefund.objects.waiting().count())


# --- Refunds that people send -----------------------------------------------------------------------------------------

BILL, ADVANCE = "bill", "advance"


@dataclass(frozen=True, slots=True)
class Sending:
    """A refund by bank transfer: to whom, how much, for which order; of a bill, or of a transfer that came too late."""

    kind: str
    pk: int
    organisation: Organisation
    order_number: str
    fen: int
    state: str
    state_told: str
    because: str
    failure: str
    owed_at: datetime
    payee: str = ""
    account: str = ""
    bank: str = ""

    @property
    def amount(self) -> Money:
        """How much goes back."""
        return Money(self.fen)


def to_send() -> list[Sending]:
    """Return the refunds by transfer that wait, the longest waiting first; each goes where its payment came from."""
    refunds = Refund.objects.waiting().filter(way=Way.TRANSFER).select_related("tender__bill__organisation")
    numbers = [refund.tender.bill.order_number for refund in refunds]
    came = {line.paid: line for line in BankLine.objects.filter(paid__in=numbers).order_by("pk")}
    found = [_of_bill(refund, came.get(refund.tender.bill.order_number)) for refund in refunds]
    late = AdvanceRefund.objects.waiting().select_related("organisation", "line")
    found += [_of_advance(refund) for refund in late]
    return sorted(found, key=lambda one: (one.owed_at, one.kind, one.pk))


def _of_bill(refund: Refund, line: BankLine | None) -> Sending:
    bill = refund.tender.bill
    whose = bill.organisation
    return Sending(
        kind=BILL,
        pk=refund.pk,
        organisation=whose,
        order_number=bill.order_number,
        fen=refund.fen,
        state=refund.state,
        state_told=str(refund.get_state_display()),
        because=str(refund.get_because_display()),
        failure=refund.failure,
        owed_at=refund.owed_at,
        payee=line.payer if line else whose.invoice_title or whose.name_zh,
        account=line.account if line and line.account else whose.bank_account,
        bank="" if line and line.account else whose.bank_name,
    )


def _of_advance(refund: AdvanceRefund) -> Sending:
    whose = refund.organisation
    return Sending(
        kind=ADVANCE,
        pk=refund.pk,
        organisation=whose,
        order_number=refund.order_number,
        fen=refund.fen,
        state=refund.state,
        state_told=str(refund.get_state_display()),
        because=str(refund.get_because_display()),
        failure=refund.failure,
        owed_at=refund.owed_at,
        payee=refund.line.payer,
        account=refund.line.account or whose.bank_account,
        bank="" if refund.line.account else whose.bank_name,
    )


# --- Balances and statements ------------------------------------------------------------------------------------------


def movements(organisation_id: int) -> QuerySet[Line]:
    """Return what came onto an organisation's prepaid balance and went off it, the newest first."""
    return books.lines_of(Account.PREPAID, str(organisation_id))


def statements_of(member: Membership) -> QuerySet[MonthlyStatement]:
    """Return the monthly statements a member sees, the newest first."""
    return MonthlyStatement.objects.visible_to(member).select_related("organisation").order_by("-month", "-pk")


def lines_of_statement(statement: MonthlyStatement) -> QuerySet[Line]:
    """Return what came onto the account in a statement's month and went off it, in order."""
    within = Q(
        entry__at__gte=rules.month_begins(statement.month),
        entry__at__lt=rules.month_begins(rules.month_after(statement.month)),
    )
    found = books.lines_of(Account.RECEIVABLE, str(statement.organisation_id)).filter(within)
    return found.order_by("entry__at", "pk")


@dataclass(frozen=True, slots=True)
class InMonth:
    """What an organisation's account did in a month, fen."""

    organisation_id: int
    opening_fen: int
    debit_fen: int
    credit_fen: int

    @property
    def closing_fen(self) -> int:
        """What was owed at its end."""
        return self.opening_fen + self.debit_fen - self.credit_fen


def account_in_month(month: date) -> list[InMonth]:
    """Return what each account did in a month, of those that moved or were not at nothing; one statement."""
    begins, ends = rules.month_begins(month), rules.month_begins(rules.month_after(month))
    within = Q(entry__at__gte=begins)
    found = (
        Line.objects.filter(account=Account.RECEIVABLE.value, entry__at__lt=ends)
        .order_by()
        .values("organisation_id")
        .annotate(
            opening=Coalesce(Sum("fen", filter=Q(entry__at__lt=begins)), Value(0)),
            debit=Coalesce(Sum("fen", filter=within & Q(fen__gt=0)), Value(0)),
            credit=Coalesce(-Sum("fen", filter=within & Q(fen__lt=0)), Value(0)),
        )
        .order_by("organisation_id")
    )
    sums = (
        InMonth(row["organisation_id"], int(row["opening"]), int(row["debit"]), int(row["credit"])) for row in found
    )
    return [one for one in sums if one.opening_fen or one.debit_fen or one.credit_fen]
