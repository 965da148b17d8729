"""What the labs are paid: a batch each week, a payout for each lab, and the lines of the books it is made of."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, User
from billing.ledger.models import Entry, Line
from kernel.money import Money
from labs.models import Lab


class PayoutBatch(models.Model):
    """What is paid together: `due_on` is the Tuesday whose payouts these are (BL-36)."""

    number = models.CharField(max_length=24, unique=True)
    due_on = models.DateField()
    prepared_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()

    class Meta:
        ordering = ("-prepared_at", "-pk")
        constraints = [
            models.CheckConstraint(name="payout_batch_is_of_a_tuesday", condition=Q(due_on__week_day=3)),
        ]

    def __str__(self) -> str:
        return self.number


class PayoutQuerySet(models.QuerySet["Payout"]):
    """Payouts by whose they are and how far they are."""

    def visible_to(self, member: Membership) -> Self:
        """Payouts to the labs of the member's own organisation."""
        return self.filter(lab__organisation_id=member.organisation_id)

    def in_state(self, *states: str) -> Self:
        """Payouts that are so far."""
        return self.filter(state__in=states)


class Payout(models.Model):
    """
    What one lab is paid: the sum of its items, and the account it goes to, as both were when it was prepared; fen.

    It is approved by another person than prepared it; when the bank confirms, it is in the books once (`entry`, E11).
    `reference` is the bank's serial number; `failure` says why it was not paid.
    """

    class State(models.TextChoices):
        PREPARED = "prepared", _("waits for the second person")
        APPROVED = "approved", _("approved")
        SENT = "sent", _("at the bank")
        CONFIRMED = "confirmed", _("paid to the lab")
        FAILED = "failed", _("not paid out")

    UNDERWAY = (State.PREPARED, State.APPROVED, State.SENT)

    number = models.CharField(max_length=24, unique=True)
    batch = models.ForeignKey(PayoutBatch, models.PROTECT, related_name="payouts")
    lab = models.ForeignKey(Lab, models.PROTECT, related_name="payouts")
    fen = models.BigIntegerField()
    payee = models.CharField(max_length=200)
    bank = models.CharField(max_length=100, blank=True, default="")
    account = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State, default=State.PREPARED)
    prepared_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=64, blank=True, default="")
    failure = models.CharField(max_length=300, blank=True, default="")
    entry = models.OneToOneField(Entry, models.PROTECT, null=True, related_name="payout")

    objects = PayoutQuerySet.as_manager()

    class Meta:
        ordering = ("-prepared_at", "-pk")
        constraints = [
            models.CheckConstraint(name="payout_is_not_below_the_minimum", condition=Q(fen__gte=10_000)),
            models.CheckConstraint(name="payout_names_an_account", condition=~Q(account="") & ~Q(payee="")),
            models.CheckConstraint(
                name="payout_is_approved_by_another",
                condition=Q(approved_by=None, approved_at=None)
                | (Q(approved_at__isnull=False) & ~Q(approved_by=F("prepared_by"))),
            ),
            models.CheckConstraint(
                name="payout_is_as_far_as_it_says",
                condition=Q(state="prepared", approved_at=None, sent_at=None, ended_at=None)
                | Q(state="approved", approved_at__isnull=False, sent_at=None, ended_at=None)
                | Q(state="sent", approved_at__isnull=False, sent_at__isnull=False, ended_at=None)
                | Q(state="confirmed", approved_at__isnull=False, sent_at__isnull=False, ended_at__isnull=False)
                | Q(state="failed", ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="payout_is_posted_when_confirmed",
                condition=(Q(state="confirmed", entry__isnull=False) & ~Q(reference=""))
                | (~Q(state="confirmed") & Q(entry=None)),
            ),
            models.CheckConstraint(
                name="payout_failed_says_why",
                condition=(Q(state="failed") & ~Q(failure="")) | (~Q(state="failed") & Q(failure="")),
            ),
            models.UniqueConstraint(
                fields=["reference"], condition=~Q(reference=""), name="payout_reference_is_of_one_payout"
            ),
        ]
        indexes = [
            models.Index(fields=["lab", "-prepared_at"], name="payout_by_lab"),
            models.Index(
                fields=["prepared_at"], name="payout_underway", condition=Q(state__in=["prepared", "approved", "sent"])
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def amount(self) -> Money:
        """What is paid."""
        return Money(self.fen)


class PayoutItem(models.Model):
    """
    One line of what a lab is owed (2207) in a payout: its own signed fen, above nothing what the lab gets.

    `fee_fen` is what the platform kept of it, with tax. A line is in one payout that is not failed, ever: nothing is
    paid twice.
    """

    payout = models.ForeignKey(Payout, models.PROTECT, related_name="items")
    line = models.ForeignKey(Line, models.PROTECT, related_name="payout_items")
    fen = models.BigIntegerField()
    fee_fen = models.BigIntegerField(default=0)
    is_released = models.BooleanField(default=False)

    class Meta:
        ordering = ("payout", "pk")
        constraints = [
            models.UniqueConstraint(fields=["line"], condition=Q(is_released=False), name="payout_line_is_paid_once"),
            models.CheckConstraint(name="payout_item_moves_something", condition=~Q(fen=0)),
        ]

    def __str__(self) -> str:
        return f"{self.payout_id} {self.fen}"

    @property
    def amount(self) -> Money:
        """What the lab gets, or gives back below nothing."""
        return Money(self.fen)

    @property
    def fee(self) -> Money:
        """What the platform kept of it."""
        return Money(self.fee_fen)

    @property
    def gross(self) -> Money:
        """What the order cost, or what of it went back."""
        return Money(self.fen + self.fee_fen)
