"""What the issuer is asked to reimburse, and what was looked at before."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Membership, User
from billing.vouchers.models.programmes import Programme
from billing.vouchers.models.redemptions import Redemption
from kernel.money import Money


class ClaimBatchQuerySet(models.QuerySet["ClaimBatch"]):
    """Batches by who asks."""

    def visible_to(self, member: Membership) -> Self:
        """All for the platform's operator, nothing for anybody else."""
        return self.all() if member.is_platform_operator else self.none()


class ClaimBatch(models.Model):
    """
    A claim to the issuer of a programme (兑付申请): prepared, submitted with its evidence, reimbursed or refused.

    `evidence` is the pack as it was submitted: the same for good.
    """

    class State(models.TextChoices):
        PREPARED = "prepared", _("prepared")
        SUBMITTED = "submitted", _("submitted")
        REIMBURSED = "reimbursed", _("reimbursed")
        REFUSED = "refused", _("refused")
        DROPPED = "dropped", _("dropped")

    number = models.CharField(_("number"), max_length=24, unique=True)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="claims", verbose_name=_("programme"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PREPARED)
    total_fen = models.BigIntegerField(_("claimed"), default=0)
    paid_fen = models.BigIntegerField(_("reimbursed"), default=0)
    prepared_at = models.DateTimeField(_("prepared at"))
    prepared_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("prepared by"))
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    reference = models.CharField(_("reference of the payment"), max_length=100, blank=True)
    evidence = models.FileField(_("evidence"), upload_to="claims/%Y/", blank=True)
    evidence_sha256 = models.CharField(max_length=64, blank=True)

    objects = ClaimBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        ordering = ["-prepared_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="claim_paid_is_within_total", condition=Q(paid_fen__gte=0) & Q(paid_fen__lte=models.F("total_fen"))
            ),
            models.CheckConstraint(
                name="claim_submitted_has_its_evidence",
                condition=Q(state__in=("prepared", "dropped")) | (Q(submitted_at__isnull=False) & ~Q(evidence="")),
            ),
            models.CheckConstraint(name="claim_refused_says_why", condition=~Q(state="refused") | ~Q(reason="")),
        ]
        indexes = [models.Index(fields=["programme", "state"], name="claim_by_programme")]

    def __str__(self) -> str:
        return self.number

    @property
    def total(self) -> Money:
        """What is claimed."""
        return Money(self.total_fen)


class ClaimItem(models.Model):
    """One redemption in a claim, with the amount claimed (fen) and the issuer's answer; open in one batch at most."""

    class State(models.TextChoices):
        PENDING = "pending", pgettext_lazy("a claim", "waiting")
        REIMBURSED = "reimbursed", _("reimbursed")
        REFUSED = "refused", _("refused")
        DROPPED = "dropped", _("dropped")

    batch = models.ForeignKey(ClaimBatch, models.PROTECT, related_name="items", verbose_name=_("claim"))
    redemption = models.ForeignKey(Redemption, models.PROTECT, related_name="items", verbose_name=_("use"))
    amount_fen = models.BigIntegerField(_("amount"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("claimed use")
        verbose_name_plural = _("claimed uses")
        ordering = ["batch", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["redemption"], condition=Q(state__in=("pending", "reimbursed")), name="claim_item_claimed_once"
            ),
            models.UniqueConstraint(fields=["batch", "redemption"], name="claim_item_once_in_its_batch"),
            models.CheckConstraint(name="claim_item_amount_is_positive", condition=Q(amount_fen__gt=0)),
            models.CheckConstraint(name="claim_item_refused_says_why", condition=~Q(state="refused") | ~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} · {self.redemption_id}"


class SpotCheckQuerySet(models.QuerySet["SpotCheck"]):
    """Spot-checks by who asks."""

    def visible_to(self, member: Membership) -> Self:
        """All for the platform's operator, nothing for anybody else."""
        return self.all() if member.is_platform_operator else self.none()


class SpotCheck(models.Model):
    """
    A used voucher that somebody looks at before it is claimed (抽查): open, passed or failed.

    `seed` repeats the draw. What has not passed is not claimed.
    """

    class Outcome(models.TextChoices):
        OPEN = "open", _("to be checked")
        PASSED = "passed", pgettext_lazy("a spot-check", "passed")
        FAILED = "failed", pgettext_lazy("a spot-check", "failed")

    redemption = models.OneToOneField(
        Redemption, models.PROTECT, related_name="check_made", verbose_name=_("use of a voucher")
    )
    seed = models.CharField(max_length=40)
    outcome = models.CharField(_("outcome"), max_length=6, choices=Outcome, default=Outcome.OPEN)
    drawn_at = models.DateTimeField(_("drawn at"))
    drawn_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("drawn by"))
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    checked_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("checked by")
    )
    note = models.CharField(_("what was found"), max_length=500, blank=True)

    objects = SpotCheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("spot-check")
        verbose_name_plural = _("spot-checks")
        ordering = ["-drawn_at", "-pk"]
        constraints = [
            models.CheckConstraint(name="spot_check_failed_says_why", condition=~Q(outcome="failed") | ~Q(note="")),
        ]

    def __str__(self) -> str:
        return f"{self.redemption_id} {self.outcome}"
