"""What one order costs, frozen, by what it was paid, and what went back."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Membership, Organisation, User
from billing.bills.rules import Paid
from kernel.money import Money
from labs.models import Lab


class Way(models.TextChoices):
    """By what a customer pays their own part of an order."""

    ACCOUNT = "account", _("monthly account")
    BALANCE = "balance", _("prepaid balance")
    TRANSFER = "transfer", _("bank transfer")
    ONLINE = "online", _("online")


AT_ONCE = frozenset({Way.ACCOUNT, Way.BALANCE})
"""Ways by which money goes back in the same moment: it never left the platform's books."""


class BillQuerySet(models.QuerySet["Bill"]):
    """Bills by whose they are."""

    def visible_to(self, member: Membership) -> Self:
        """Bills of the member's own organisation."""
        return self.filter(organisation_id=member.organisation_id)

    def earned_by(self, member: Membership) -> Self:
        """Bills of the labs of the member's own organisation."""
        return self.filter(lab__organisation_id=member.organisation_id)


class Bill(models.Model):
    """
    The money side of one order, whatever its kind: frozen lines, the voucher's part, a state. Fen, tax included.

    `total_fen` is what the order costs now; `voucher_fen` of it is the voucher's, the rest the customer's own. Once
    cancelled, `fee_fen` is what the customer owes. `priced_from` is what the lines were computed from
    (`billing.pricing.replaying`), so that they can be computed again. `vat_bp` is the rate of VAT, known once it is
    settled (BL-17). `postings` counts what the ledger was told of it: it numbers the events.
    """

    class Kind(models.TextChoices):
        RENTAL = "rental", _("rental")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        SETTLED = "settled", _("settled")
        CANCELLED = "cancelled", _("cancelled")

    kind = models.CharField(max_length=12, choices=Kind, default=Kind.RENTAL)
    order_number = models.CharField(max_length=24, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="bills")
    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, related_name="bills")
    lines = models.JSONField()
    priced_from = models.JSONField(null=True, blank=True)
    tax_category = models.CharField(max_length=32)
    vat_bp = models.PositiveSmallIntegerField(null=True, blank=True)
    served_on = models.DateField()
    total_fen = models.BigIntegerField()
    voucher_fen = models.BigIntegerField(default=0)
    fee_fen = models.BigIntegerField(default=0)
    platform_fee_fen = models.BigIntegerField(default=0)
    refunded_fen = models.BigIntegerField(default=0)
    refunded_voucher_fen = models.BigIntegerField(default=0)
    platform_fee_back_fen = models.BigIntegerField(default=0)
    way = models.CharField(max_length=20, choices=Way)
    state = models.CharField(max_length=20, choices=State, default=State.OPEN)
    postings = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = BillQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "pk")
        constraints = [
            models.CheckConstraint(name="bill_total_is_not_negative", condition=Q(total_fen__gte=0)),
            models.CheckConstraint(
                name="bill_fee_within_total", condition=Q(fee_fen__gte=0) & Q(fee_fen__lte=F("total_fen"))
            ),
            models.CheckConstraint(
                name="bill_voucher_within_total", condition=Q(voucher_fen__gte=0) & Q(voucher_fen__lte=F("total_fen"))
            ),
            models.CheckConstraint(
                name="bill_refunds_within_total",
                condition=Q(refunded_fen__gte=0, refunded_voucher_fen__gte=0)
                & Q(refunded_voucher_fen__lte=F("voucher_fen"))
                & Q(refunded_fen__lte=F("total_fen") - F("voucher_fen")),
            ),
            models.CheckConstraint(
                name="bill_platform_fee_back_within_fee",
                condition=Q(platform_fee_back_fen__gte=0) & Q(platform_fee_back_fen__lte=F("platform_fee_fen")),
            ),
            models.CheckConstraint(
                name="bill_settled_says_when", condition=~Q(state="settled") | Q(settled_at__isnull=False)
            ),
            models.CheckConstraint(
                name="bill_cancelled_says_when", condition=~Q(state="cancelled") | Q(cancelled_at__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-created_at"], name="bill_by_organisation"),
            models.Index(fields=["lab", "-created_at"], name="bill_by_lab"),
        ]

    def __str__(self) -> str:
        return self.order_number

    @property
    def total(self) -> Money:
        """What the order costs, tax included."""
        return Money(self.total_fen)

    @property
    def voucher(self) -> Money:
        """What of it a voucher pays."""
        return Money(self.voucher_fen)

    @property
    def own(self) -> Money:
        """What of it the customer pays."""
        return self.total - self.voucher

    @property
    def fee(self) -> Money:
        """What the customer owes for a cancelled order."""
        return Money(self.fee_fen)

    @property
    def vat_percent(self) -> str:
        """The rate of VAT in per cent, as it is read: 6, 0.5."""
        return f"{(self.vat_bp or 0) / 100:g}"

    @property
    def refundable(self) -> Money:
        """What of a settled order has not gone back yet, the voucher's part included."""
        return self.total - Money(self.refunded_fen + self.refunded_voucher_fen)


class Tender(models.Model):
    """
    One payment towards an order by one way: what came, and what of it went back; fen.

    Owed on the monthly account counts as come. Money goes back to the newest first (BL-22).
    """

    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="tenders")
    way = models.CharField(max_length=20, choices=Way)
    paid_fen = models.BigIntegerField()
    returned_fen = models.BigIntegerField(default=0)
    paid_at = models.DateTimeField()

    class Meta:
        ordering = ("bill", "pk")
        constraints = [
            models.CheckConstraint(name="tender_is_positive", condition=Q(paid_fen__gt=0)),
            models.CheckConstraint(
                name="tender_returns_no_more_than_was_paid",
                condition=Q(returned_fen__gte=0) & Q(returned_fen__lte=F("paid_fen")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bill_id} {self.way} {self.paid_fen}"

    @property
    def left(self) -> Paid:
        """What it still has in the order."""
        return Paid(key=self.pk, left_fen=self.paid_fen - self.returned_fen)


class RefundQuerySet(models.QuerySet["Refund"]):
    """Refunds by whose they are and whether they have arrived."""

    def visible_to(self, member: Membership) -> Self:
        """Refunds to the member's own organisation."""
        return self.filter(tender__bill__organisation_id=member.organisation_id)

    def waiting(self) -> Self:
        """Refunds that somebody still has to carry out, failed ones included."""
        return self.filter(state__in=(Refund.State.PENDING, Refund.State.FAILED))


class Refund(models.Model):
    """Money on its way back to its payment; `way` is another than the payment's where that is closed (BL-31)."""

    class State(models.TextChoices):
        PENDING = "pending", _("on its way")
        SUCCEEDED = "succeeded", _("paid back")
        FAILED = "failed", pgettext_lazy("refund", "failed")

    class Because(models.TextChoices):
        CANCELLED = "cancelled", _("the order was cancelled")
        CHEAPER = "cheaper", _("the order costs less")
        DECIDED = "decided", _("a refund was agreed")

    tender = models.ForeignKey(Tender, on_delete=models.PROTECT, related_name="refunds")
    way = models.CharField(max_length=20, choices=Way)
    fen = models.BigIntegerField()
    because = models.CharField(max_length=12, choices=Because)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    reference = models.CharField(max_length=64, blank=True)
    failure = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    owed_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)

    objects = RefundQuerySet.as_manager()

    class Meta:
        ordering = ("-owed_at", "-pk")
        constraints = [
            models.CheckConstraint(name="refund_is_positive", condition=Q(fen__gt=0)),
            models.CheckConstraint(
                name="refund_paid_says_when", condition=~Q(state="succeeded") | Q(paid_at__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["owed_at"], name="refund_waiting", condition=~Q(state="succeeded")),
        ]

    def __str__(self) -> str:
        return f"{self.tender_id} {self.fen} {self.state}"


class RefundRequest(models.Model):
    """
    That money of a settled order should go back: who asks and why, and the second person who decides.

    `own_fen` and `voucher_fen` say how it was divided once it was approved.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waits for the second person")
        APPROVED = "approved", _("approved")
        DECLINED = "declined", _("declined")

    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="refund_requests")
    fen = models.BigIntegerField()
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    own_fen = models.BigIntegerField(default=0)
    voucher_fen = models.BigIntegerField(default=0)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-asked_at", "-pk")
        constraints = [
            models.CheckConstraint(name="refund_request_is_positive", condition=Q(fen__gt=0)),
            models.CheckConstraint(name="refund_request_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="refund_request_is_decided_by_another",
                condition=Q(state="waiting", decided_by__isnull=True)
                | (~Q(state="waiting") & Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by"))),
            ),
            models.UniqueConstraint(fields=["bill"], condition=Q(state="waiting"), name="refund_request_one_waits"),
        ]

    def __str__(self) -> str:
        return f"{self.bill_id} {self.fen} {self.state}"


class MonthlyStatementQuerySet(models.QuerySet["MonthlyStatement"]):
    """Statements by whose they are and what is open of them."""

    def visible_to(self, member: Membership) -> Self:
        """Statements of the member's own organisation."""
        return self.filter(organisation_id=member.organisation_id)

    def open(self) -> Self:
        """Statements that wait for their money, the oldest first."""
        return self.filter(state=MonthlyStatement.State.OPEN).order_by("due_on", "pk")

    def overdue(self, on: date) -> Self:
        """Statements whose money should have come before a local day."""
        return self.open().filter(due_on__lt=on)


class MonthlyStatement(models.Model):
    """
    What one organisation owes on its monthly account for one month (对账单), as the ledger's 1122 says; fen.

    `opening_fen` and `closing_fen` are what was owed at its first and last midnight, `debit_fen` what came on, and
    `credit_fen` what went off in between. `due_fen` is what this statement asks for: the closing, less what earlier
    open ones ask for already.
    """

    class State(models.TextChoices):
        OPEN = "open", _("to be paid")
        PAID = "paid", _("paid")

    number = models.CharField(max_length=24, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="monthly_statements")
    month = models.DateField(help_text="Its first day.")
    opening_fen = models.BigIntegerField()
    debit_fen = models.BigIntegerField()
    credit_fen = models.BigIntegerField()
    closing_fen = models.BigIntegerField()
    due_fen = models.BigIntegerField()
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    made_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)
    reminded_on = models.DateField(null=True, blank=True)

    objects = MonthlyStatementQuerySet.as_manager()

    class Meta:
        ordering = ("-month", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["organisation", "month"], name="statement_is_one_a_month"),
            models.CheckConstraint(name="statement_begins_a_month", condition=Q(month__day=1)),
            models.CheckConstraint(
                name="statement_adds_up",
                condition=Q(closing_fen=F("opening_fen") + F("debit_fen") - F("credit_fen"))
                & Q(debit_fen__gte=0, credit_fen__gte=0, due_fen__gte=0),
            ),
            models.CheckConstraint(
                name="statement_paid_says_when",
                condition=Q(state="open", paid_at__isnull=True) | Q(state="paid", paid_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "due_on"], name="statement_to_be_paid", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return self.number
