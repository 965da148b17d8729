"""What one order costs, frozen, and by what it is paid."""

from typing import Self

from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation
from kernel.money import Money
from labs.models import Lab


class BillQuerySet(models.QuerySet["Bill"]):
    """Bills by whose they are and whether they are still owed."""

    def visible_to(self, member: Membership) -> Self:
        """Bills of the member's own organisation."""
        return self.filter(organisation_id=member.organisation_id)

    def owed_on_account(self) -> Self:
        """Bills on monthly account (月结) that no statement has settled."""
        return self.filter(tender=Bill.Tender.ON_ACCOUNT, state__in=(Bill.State.OPEN, Bill.State.CANCELLED))

    def owed_fen(self) -> int:
        """What is owed in all: open bills whole, cancelled ones their fee; fen."""
        owed = models.Case(
            models.When(state=Bill.State.CANCELLED, then=F("fee_fen")),
            default=F("total_fen"),
            output_field=models.BigIntegerField(),
        )
        return int(self.aggregate(owed=Coalesce(Sum(owed), 0, output_field=models.BigIntegerField()))["owed"])


class Bill(models.Model):
    """
    The money side of one order: frozen lines, one tender, a state. Amounts in fen, tax included.

    `priced_from` is what the lines were computed from (`billing.pricing.replaying`): they can be computed again.
    """

    class Tender(models.TextChoices):
        ON_ACCOUNT = "on_account", _("monthly account")
        ONLINE = "online", _("online")
        TRANSFER = "transfer", _("bank transfer")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        CANCELLED = "cancelled", _("cancelled")

    order_number = models.CharField(max_length=24, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="bills")
    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, related_name="bills")
    lines = models.JSONField()
    priced_from = models.JSONField(null=True, blank=True)
    total_fen = models.BigIntegerField()
    fee_fen = models.BigIntegerField(default=0)
    tender = models.CharField(max_length=20, choices=Tender)
    state = models.CharField(max_length=20, choices=State, default=State.OPEN)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = BillQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "pk")
        constraints = [
            models.CheckConstraint(name="bill_total_is_not_negative", condition=Q(total_fen__gte=0)),
            models.CheckConstraint(
                name="bill_fee_within_total", condition=Q(fee_fen__gte=0) & Q(fee_fen__lte=F("total_fen"))
            ),
        ]
        indexes = [models.Index(fields=["organisation", "state"], name="bill_by_organisation")]

    def __str__(self) -> str:
        return self.order_number

    @property
    def total(self) -> Money:
        """What the order costs, tax included."""
        return Money(self.total_fen)
