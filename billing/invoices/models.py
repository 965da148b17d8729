"""Documents as they were given out, requests for invoices with what became of them, and credit notes."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation, User
from billing.bills.models import Bill, RefundRequest
from billing.invoices import rules
from kernel.money import Money
from labs.models import Lab

DIGITS = rf"^[0-9]{{{rules.NUMBER_LENGTH}}}$"


class DocumentQuerySet(models.QuerySet["Document"]):
    """Documents by who may read them."""

    def visible_to(self, member: Membership) -> Self:
        """What was given to the member's organisation as a customer, and what its labs may read."""
        own = Q(organisation_id=member.organisation_id) & ~Q(kind=Document.Kind.SETTLEMENT)
        if not member.may_see_lab_money:
            return self.filter(own)
        return self.filter(own | Q(kind=Document.Kind.SETTLEMENT, lab__organisation_id=member.organisation_id))


class Document(models.Model):
    """
    A document that was given out, with all it says: `content` is what its template sets, and is never changed.

    `subject` is the order or the statement it is about. The same content is given out once: `digest` tells it.
    """

    class Kind(models.TextChoices):
        QUOTE = "quote", _("pro-forma")
        RECEIPT = "receipt", _("receipt")
        SETTLEMENT = "settlement", _("settlement sheet")
        STATEMENT = "statement", _("statement of account")

    kind = models.CharField(max_length=12, choices=Kind)
    number = models.CharField(max_length=24)
    subject = models.CharField(max_length=24)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="documents")
    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, null=True, blank=True, related_name="documents")
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ("-issued_at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["number"], name="document_number_is_unique"),
            models.UniqueConstraint(fields=["kind", "subject", "digest"], name="document_is_given_out_once"),
        ]

    def __str__(self) -> str:
        return self.number


class TaxItem(models.Model):
    """How a lab names a category of service on its invoices: *short name*name, and its 19-digit code."""

    lab = models.ForeignKey(Lab, on_delete=models.CASCADE, related_name="tax_items")
    category = models.CharField(max_length=32)
    short_name = models.CharField(_("short name of the tax category"), max_length=30)
    name = models.CharField(_("name of the item"), max_length=60)
    code = models.CharField(_("code of the tax category"), max_length=19, blank=True)

    class Meta:
        ordering = ("lab", "category")
        constraints = [
            models.UniqueConstraint(fields=["lab", "category"], name="tax_item_one_a_category"),
            models.CheckConstraint(
                name="tax_item_code_has_nineteen_digits", condition=Q(code="") | Q(code__regex=r"^[0-9]{19}$")
            ),
        ]

    def __str__(self) -> str:
        return f"*{self.short_name}*{self.name}"


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    """Invoices by whose they are and what is to be done."""

    def visible_to(self, member: Membership) -> Self:
        """Invoices to the member's own organisation."""
        return self.filter(organisation_id=member.organisation_id)

    def operated_by(self, member: Membership) -> Self:
        """Invoices that the labs of the member's organisation are asked for."""
        return self.filter(lab__organisation_id=member.organisation_id)

    def living(self) -> Self:
        """Those that stand for the money of their bill."""
        return self.filter(state__in=Invoice.LIVING)


class Invoice(models.Model):
    """
    A request for an invoice over a settled bill, and the invoice that came back from the seller's tax channel; fen.

    Buyer, seller and lines are frozen as they were asked for; while it waits, its lines follow money that goes back.
    `credited_fen` is what issued credit notes have taken back of it; once that is all, it is reversed and the bill may
    be invoiced anew.
    """

    class Kind(models.TextChoices):
        ORDINARY = rules.Kind.ORDINARY.value, _("electronic invoice (ordinary)")
        SPECIAL = rules.Kind.SPECIAL.value, _("electronic invoice (special VAT)")

    class State(models.TextChoices):
        ASKED = "asked", _("asked for")
        ISSUED = "issued", _("issued")
        REJECTED = "rejected", _("rejected")
        WITHDRAWN = "withdrawn", _("asked no longer")
        REVERSED = "reversed", _("reversed")

    LIVING = (State.ASKED, State.ISSUED)

    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="invoices")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="invoices")
    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, related_name="invoices")
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    buyer = models.JSONField()
    seller = models.JSONField()
    lines = models.JSONField()
    item_short = models.CharField(max_length=30)
    item_name = models.CharField(max_length=60)
    item_code = models.CharField(max_length=19, blank=True)
    rate_bp = models.PositiveSmallIntegerField()
    net_fen = models.BigIntegerField()
    tax_fen = models.BigIntegerField()
    total_fen = models.BigIntegerField()
    credited_fen = models.BigIntegerField(default=0)
    remarks = models.CharField(max_length=200, blank=True)
    number = models.CharField(max_length=20, null=True, blank=True)
    issued_on = models.DateField(null=True, blank=True)
    issuer_name = models.CharField(max_length=50, blank=True)
    file = models.FileField(upload_to="invoices/%Y/", blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=300, blank=True)

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["bill"], condition=Q(state__in=("asked", "issued")), name="invoice_one_lives_a_bill"
            ),
            models.UniqueConstraint(fields=["number"], name="invoice_number_is_unique"),
            models.CheckConstraint(
                name="invoice_adds_up", condition=Q(total_fen=F("net_fen") + F("tax_fen")) & Q(total_fen__gt=0)
            ),
            models.CheckConstraint(
                name="invoice_credited_within_total",
                condition=Q(credited_fen__gte=0) & Q(credited_fen__lte=F("total_fen")),
            ),
            models.CheckConstraint(
                name="invoice_number_has_twenty_digits", condition=Q(number__isnull=True) | Q(number__regex=DIGITS)
            ),
            models.CheckConstraint(
                name="invoice_issued_says_number_and_day",
                condition=Q(state__in=("issued", "reversed"), number__isnull=False, issued_on__isnull=False)
                | (~Q(state__in=("issued", "reversed")) & Q(number__isnull=True)),
            ),
            models.CheckConstraint(name="invoice_rejected_says_why", condition=~Q(state="rejected") | ~Q(answer="")),
        ]
        indexes = [
            models.Index(fields=["organisation", "-asked_at"], name="invoice_by_organisation"),
            models.Index(fields=["lab", "-asked_at"], name="invoice_by_lab"),
        ]

    def __str__(self) -> str:
        return self.number or f"{self.bill_id} {self.state}"

    @property
    def total(self) -> Money:
        """What it comes to, tax included."""
        return Money(self.total_fen)

    @property
    def written_lines(self) -> list[rules.InvoiceLine]:
        """Its lines as values."""
        return [rules.InvoiceLine(**line) for line in self.lines]

    @property
    def item(self) -> str:
        """How its lines begin: *short name*name."""
        return f"*{self.item_short}*{self.item_name}"

    @property
    def buyer_block(self) -> rules.Party:
        """Who buys."""
        return rules.Party(**self.buyer)

    @property
    def seller_block(self) -> rules.Party:
        """Who sells."""
        return rules.Party(**self.seller)


class CreditNoteQuerySet(models.QuerySet["CreditNote"]):
    """Credit notes by whose invoices they take back."""

    def visible_to(self, member: Membership) -> Self:
        """Those of the member's own organisation's invoices."""
        return self.filter(invoice__organisation_id=member.organisation_id)

    def operated_by(self, member: Membership) -> Self:
        """Those that labs of the member's organisation write."""
        return self.filter(invoice__lab__organisation_id=member.organisation_id)

    def standing(self) -> Self:
        """Those that take back, or are to take back, something of their invoice."""
        return self.exclude(state=CreditNote.State.DROPPED)


class CreditNote(models.Model):
    """
    What is taken back of an invoice (红字发票), by line; amounts are below nothing, in fen.

    It is wanted first; the seller has the tax channel confirm it (红字发票信息确认单), and enters its number. Asked for
    by itself when money of an invoiced bill goes back: `refund_request` is why.
    """

    class Reason(models.TextChoices):
        WRONG = rules.Reason.WRONG.value, _("the invoice is wrong")
        RETURNED = rules.Reason.RETURNED.value, _("all was returned")
        ENDED = rules.Reason.ENDED.value, _("the service was broken off")
        ALLOWANCE = rules.Reason.ALLOWANCE.value, _("an allowance was made")

    class State(models.TextChoices):
        WANTED = "wanted", _("to be written")
        ISSUED = "issued", _("issued")
        DROPPED = "dropped", _("not written")

    class Confirmation(models.TextChoices):
        NONE = "none", _("not asked for yet")
        WAITING = "waiting", _("waits for the buyer")
        CONFIRMED = "confirmed", _("confirmed")
        REFUSED = "refused", _("refused by the buyer")

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="credit_notes")
    reason = models.CharField(max_length=10, choices=Reason)
    state = models.CharField(max_length=10, choices=State, default=State.WANTED)
    lines = models.JSONField()
    net_fen = models.BigIntegerField()
    tax_fen = models.BigIntegerField()
    total_fen = models.BigIntegerField()
    confirmation = models.CharField(max_length=10, choices=Confirmation, default=Confirmation.NONE)
    confirmation_number = models.CharField(max_length=30, blank=True)
    number = models.CharField(max_length=20, null=True, blank=True)
    issued_on = models.DateField(null=True, blank=True)
    file = models.FileField(upload_to="invoices/%Y/", blank=True)
    refund_request = models.OneToOneField(
        RefundRequest, on_delete=models.PROTECT, null=True, blank=True, related_name="credit_note"
    )
    words = models.CharField(max_length=300, blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField()
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = CreditNoteQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["number"], name="credit_note_number_is_unique"),
            models.CheckConstraint(
                name="credit_note_adds_up",
                condition=Q(total_fen=F("net_fen") + F("tax_fen")) & Q(total_fen__lt=0, net_fen__lte=0, tax_fen__lte=0),
            ),
            models.CheckConstraint(
                name="credit_note_number_has_twenty_digits", condition=Q(number__isnull=True) | Q(number__regex=DIGITS)
            ),
            models.CheckConstraint(
                name="credit_note_issued_is_confirmed",
                condition=~Q(state="issued")
                | (
                    Q(confirmation="confirmed", number__isnull=False, issued_on__isnull=False)
                    & ~Q(confirmation_number="")
                ),
            ),
            models.CheckConstraint(
                name="credit_note_confirmation_has_a_number",
                condition=Q(confirmation="none") | ~Q(confirmation_number=""),
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"{self.invoice_id} {self.state}"

    @property
    def credited(self) -> list[rules.Credited]:
        """Its lines as values."""
        return [rules.Credited(**line) for line in self.lines]

    @property
    def told_lines(self) -> list[dict[str, Any]]:
        """Its lines with what they are called on the invoice."""
        names = self.invoice.lines
        return [{"name": names[each.line]["name"], "credited": each} for each in self.credited]
