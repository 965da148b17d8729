"""Taking the platform's fee out of custody: one person asks, a second one decides."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.ledger.models import Entry
from kernel.money import Money


class FeeWithdrawal(models.Model):
    """That so much of the platform's own fee goes from custody to its own bank account (E14); fen, tax included."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("waits for the second person")
        APPROVED = "approved", _("taken out")
        DECLINED = "declined", _("declined")

    fen = models.BigIntegerField()
    note = models.CharField(max_length=300, blank=True, default="")
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    entry = models.OneToOneField(Entry, models.PROTECT, null=True, related_name="fee_withdrawal")

    class Meta:
        ordering = ("-proposed_at", "-pk")
        constraints = [
            models.CheckConstraint(name="fee_withdrawal_is_positive", condition=Q(fen__gt=0)),
            models.UniqueConstraint(fields=["state"], condition=Q(state="proposed"), name="fee_withdrawal_one_waits"),
            models.CheckConstraint(
                name="fee_withdrawal_needs_a_second_person",
                condition=Q(state="proposed", decided_by=None, decided_at=None, entry=None)
                | (
                    Q(state="approved", decided_by__isnull=False, decided_at__isnull=False, entry__isnull=False)
                    & ~Q(decided_by=F("proposed_by"))
                )
                | (
                    Q(state="declined", decided_by__isnull=False, decided_at__isnull=False, entry=None)
                    & ~Q(decided_by=F("proposed_by"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fen} {self.state}"

    @property
    def amount(self) -> Money:
        """How much."""
        return Money(self.fen)
