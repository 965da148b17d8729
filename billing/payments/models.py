"""Bank transfers: by which code they are found, the statements they came in by, and what people made of the rest."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Membership, Organisation, User
from billing.payments import rules
from kernel.money import Money


class ReferenceCodeQuerySet(models.QuerySet["ReferenceCode"]):
    """Codes by whose they are."""

    def visible_to(self, member: Membership) -> Self:
        """Codes of the member's own organisation."""
        return self.filter(organisation_id=member.organisation_id)


class ReferenceCode(models.Model):
    """
    What stands in the remark of a transfer, so that it is found: for an order, a statement, or the prepaid balance.

    `number` is that of the order or the statement; `expected_fen` is what must arrive, nothing for the balance.
    """

    class Purpose(models.TextChoices):
        ORDER = rules.ORDER, _("order")
        STATEMENT = rules.STATEMENT, _("monthly statement")
        TOP_UP = rules.TOP_UP, _("prepaid balance")

    code = models.CharField(max_length=9, unique=True)
    purpose = models.CharField(max_length=10, choices=Purpose)
    number = models.CharField(max_length=24, blank=True, default="")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="reference_codes")
    expected_fen = models.BigIntegerField(null=True, blank=True)
    made_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)

    objects = ReferenceCodeQuerySet.as_manager()

    class Meta:
        ordering = ("-made_at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["purpose", "number", "organisation"], name="reference_is_one_a_purpose"),
            models.CheckConstraint(
                name="reference_is_well_formed", condition=Q(code__regex=rf"^[{rules.ALPHABET}]{{9}}$")
            ),
            models.CheckConstraint(
                name="reference_says_what_is_expected",
                condition=Q(purpose="top_up", number="", expected_fen__isnull=True, paid_at__isnull=True)
                | (~Q(purpose="top_up") & ~Q(number="") & Q(expected_fen__gt=0)),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def shown(self) -> str:
        """The code in groups, as people read and type it."""
        return rules.grouped(self.code)


class BankStatement(models.Model):
    """A file of the bank: what was read from it, and whether its lines are taken in."""

    class State(models.TextChoices):
        PREVIEWED = "previewed", _("to be checked")
        IMPORTED = "imported", _("imported")

    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, unique=True)
    rows = models.JSONField(default=list)
    faults = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.PREVIEWED)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    imported_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    imported_at = models.DateTimeField(null=True)
    taken = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-uploaded_at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="bank_statement_is_as_it_was_imported",
                condition=Q(state="previewed", imported_by=None, imported_at=None, taken=0)
                | Q(state="imported", imported_by__isnull=False, imported_at__isnull=False, faults=[]),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BankLineQuerySet(models.QuerySet["BankLine"]):
    """Lines by what is to be done with them."""

    def waiting(self) -> Self:
        """Lines that nobody has looked at yet."""
        return self.filter(state=BankLine.State.WAITING).order_by("pk")

    def unresolved(self) -> Self:
        """Money that came and is nobody's yet, the oldest first."""
        return self.filter(state__in=(BankLine.State.BY_HAND, BankLine.State.SUSPENSE)).order_by("on", "pk")


class BankLine(models.Model):
    """
    One line of the custody account: signed fen, above nothing what came in.

    What came in is matched by its reference (E2), or stands in suspense (2299) until two people have resolved it: by
    hand where it names a reference, else as unknown. `why` says what was against matching it; `paid` names the order,
    the statement or the balance it paid in the end.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("being matched")
        MATCHED = "matched", _("matched")
        BY_HAND = "by_hand", _("to be decided")
        SUSPENSE = "suspense", _("unknown")
        RESOLVED = "resolved", _("resolved")
        OUTGOING = "outgoing", _("paid out")

    class Why(models.TextChoices):
        NONE = "", ""
        UNKNOWN = rules.UNKNOWN, _("no reference code is known by which it could be found")
        SEVERAL = rules.SEVERAL, _("several reference codes stand in the remark")
        PAYER = rules.PAYER, _("the payer is not the organisation")
        TOO_LITTLE = rules.TOO_LITTLE, _("less arrived than is owed")
        PAID_ALREADY = rules.PAID_ALREADY, _("it was paid already")
        NOT_PAYABLE = rules.NOT_PAYABLE, _("the order takes no payment of this amount, or none any more")

    statement = models.ForeignKey(BankStatement, models.PROTECT, related_name="lines")
    serial = models.CharField(max_length=64)
    on = models.DateField()
    fen = models.BigIntegerField()
    payer = models.CharField(max_length=200, blank=True, default="")
    account = models.CharField(max_length=64, blank=True, default="")
    remark = models.CharField(max_length=500, blank=True, default="")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    why = models.CharField(max_length=20, choices=Why, blank=True, default="")
    reference = models.ForeignKey(ReferenceCode, models.PROTECT, null=True, related_name="lines")
    paid = models.CharField(max_length=24, blank=True, default="")
    dealt_at = models.DateTimeField(null=True)

    objects = BankLineQuerySet.as_manager()

    class Meta:
        ordering = ("-on", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["serial"], name="bank_line_serial_is_unique"),
            models.CheckConstraint(name="bank_line_moves_something", condition=~Q(fen=0)),
            models.CheckConstraint(
                name="bank_line_out_is_outgoing",
                condition=Q(fen__lt=0, state="outgoing") | (Q(fen__gt=0) & ~Q(state="outgoing")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["on"], name="bank_line_to_be_done", condition=Q(state__in=["waiting", "by_hand", "suspense"])
            ),
            models.Index(fields=["paid"], name="bank_line_by_paid", condition=~Q(paid="")),
        ]

    def __str__(self) -> str:
        return self.serial

    @property
    def amount(self) -> Money:
        """What came in, or went out below nothing."""
        return Money(self.fen)


class Resolution(models.Model):
    """What one person proposes to do with money in suspense, for a reason, and what a second one made of it."""

    class Kind(models.TextChoices):
        ORDER = rules.ORDER, _("it pays an order")
        STATEMENT = rules.STATEMENT, _("it pays a monthly statement")
        BALANCE = rules.TOP_UP, _("it goes onto a prepaid balance")
        SENT_BACK = "sent_back", _("it was sent back to its payer")
        BOOKED = "booked", _("it is in the books already by another act")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("waits for a second person")
        APPROVED = "approved", _("approved")
        DECLINED = "declined", _("declined")

    line = models.ForeignKey(BankLine, models.PROTECT, related_name="resolutions")
    kind = models.CharField(max_length=10, choices=Kind)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    number = models.CharField(max_length=24, blank=True, default="")
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ("-proposed_at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["line"], condition=Q(state="proposed"), name="resolution_one_waits"),
            models.UniqueConstraint(fields=["line"], condition=Q(state="approved"), name="resolution_is_approved_once"),
            models.CheckConstraint(name="resolution_gives_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="resolution_says_whose",
                condition=Q(kind__in=["order", "statement"], organisation__isnull=False) & ~Q(number="")
                | Q(kind="top_up", organisation__isnull=False, number="")
                | Q(kind__in=["sent_back", "booked"], organisation=None, number=""),
            ),
            models.CheckConstraint(
                name="resolution_needs_a_second_person",
                condition=Q(state="proposed", decided_by=None, decided_at=None)
                | (
                    ~Q(state="proposed")
                    & Q(decided_by__isnull=False, decided_at__isnull=False)
                    & ~Q(decided_by=F("proposed_by"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.kind}"


class AdvanceRefundQuerySet(models.QuerySet["AdvanceRefund"]):
    """Refunds of transfers by whose they are and whether they have arrived."""

    def visible_to(self, member: Membership) -> Self:
        """Refunds to the member's own organisation."""
        return self.filter(organisation_id=member.organisation_id)

    def waiting(self) -> Self:
        """Refunds that somebody still has to carry out, failed ones included."""
        return self.exclude(state=AdvanceRefund.State.SUCCEEDED)


class AdvanceRefund(models.Model):
    """A transfer that came for an order which cannot take place any more: it goes back whole, to where it came from."""

    class State(models.TextChoices):
        PENDING = "pending", _("on its way")
        SUCCEEDED = "succeeded", _("paid back")
        FAILED = "failed", pgettext_lazy("refund", "failed")

    class Because(models.TextChoices):
        LATE = rules.LATE, _("the hold had run out, and the time is taken")
        LOST = rules.LOST, _("it cannot take place as booked any more")

    line = models.OneToOneField(BankLine, models.PROTECT, related_name="refund")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="advance_refunds")
    order_number = models.CharField(max_length=24)
    fen = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    to_balance = models.BooleanField(default=False)
    because = models.CharField(max_length=10, choices=Because)
    reference = models.CharField(max_length=64, blank=True, default="")
    failure = models.CharField(max_length=300, blank=True, default="")
    owed_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)

    objects = AdvanceRefundQuerySet.as_manager()

    class Meta:
        ordering = ("-owed_at", "-pk")
        constraints = [
            models.CheckConstraint(name="advance_refund_is_positive", condition=Q(fen__gt=0)),
            models.CheckConstraint(
                name="advance_refund_paid_says_when", condition=~Q(state="succeeded") | Q(paid_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_number} {self.fen}"
