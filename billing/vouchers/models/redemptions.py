"""What vouchers pay: one redemption an order."""

from typing import Self

from django.db import models
from django.db.models import Case, F, Q, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation
from billing.vouchers import rules
from billing.vouchers.models.programmes import Grant, Programme
from kernel.money import Money
from labs.models import Lab, Offering

HELD = Case(
    When(state__in=rules.LIVE, then=F("amount_fen") - F("returned_fen")),
    default=Value(0),
    output_field=models.BigIntegerField(),
)
"""What a redemption takes out of budget, grant and yearly cap; fen."""


class RedemptionQuerySet(models.QuerySet["Redemption"]):
    """Redemptions by whose they are, and what they hold."""

    def visible_to(self, member: Membership) -> Self:
        """Redemptions of the member's own organisation; all for the platform's operator."""
        return self.all() if member.is_platform_operator else self.filter(organisation_id=member.organisation_id)

    def live(self) -> Self:
        """Redemptions that count: reserved, consumed or reimbursed."""
        return self.filter(state__in=rules.LIVE)

    def held_fen(self) -> int:
        """What they hold together; fen."""
        held = Coalesce(Sum(HELD), 0, output_field=models.BigIntegerField())
        return int(self.aggregate(held=held)["held"])

    def claimable(self) -> Self:
        """Consumed ones that stand in no batch that waits or was paid, and that no spot-check holds back."""
        batched = Q(items__state__in=("pending", "reimbursed"))
        return (
            self.filter(state=Redemption.State.CONSUMED, amount_fen__gt=F("returned_fen"))
            .exclude(pk__in=Redemption.objects.filter(batched).values("pk"))
            .exclude(check_made__outcome__in=("open", "failed"))
        )


class Redemption(models.Model):
    """
    A voucher pays a part of one order: reserved at the hold, consumed at settlement, reimbursed by the issuer (BL-16).

    `reserved_fen` was set aside; `amount_fen` is what counts: the same, until less is consumed. `returned_fen` was
    given back by refunds after settlement. `eligible_fen` is the part of the order that the voucher may pay,
    `bound` what the amount ended at. `service_on` is the local day on which the service starts, `lines` the order's
    as they were frozen. The yearly cap counts by the year of `service_on`.
    """

    class State(models.TextChoices):
        RESERVED = rules.RESERVED, _("reserved")
        CONSUMED = rules.CONSUMED, _("used")
        RELEASED = rules.RELEASED, _("given back")
        RETURNED = rules.RETURNED, _("taken back")
        REIMBURSED = rules.REIMBURSED, _("used, reimbursed")

    class Bound(models.TextChoices):
        COVER = rules.Bound.COVER.value, _("the share that the programme pays")
        PER_ORDER = rules.Bound.PER_ORDER.value, _("the most for one order")
        GRANT = rules.Bound.GRANT.value, _("what was left of the voucher")
        YEAR = rules.Bound.YEAR.value, _("the most for one organisation in a year")
        BUDGET = rules.Bound.BUDGET.value, _("what was left of the budget")

    order_number = models.CharField(_("order"), max_length=24)
    kind = models.CharField(_("kind of service"), max_length=20, choices=Offering.Kind)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="redemptions", verbose_name=_("programme"))
    grant = models.ForeignKey(Grant, models.PROTECT, related_name="redemptions", verbose_name=_("voucher"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="redemptions", verbose_name=_("organisation")
    )
    lab = models.ForeignKey(Lab, models.PROTECT, related_name="redemptions", verbose_name=_("lab"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RESERVED)
    reserved_fen = models.BigIntegerField(_("reserved"))
    amount_fen = models.BigIntegerField(_("amount"))
    returned_fen = models.BigIntegerField(_("taken back"), default=0)
    eligible_fen = models.BigIntegerField(_("eligible amount"))
    bound = models.CharField(_("limited by"), max_length=10, choices=Bound)
    lines = models.JSONField(default=list)
    service_on = models.DateField(_("service on"))
    reserved_at = models.DateTimeField(_("reserved at"))
    consumed_at = models.DateTimeField(_("used at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("given back at"), null=True, blank=True)

    objects = RedemptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("use of a voucher")
        verbose_name_plural = _("uses of vouchers")
        ordering = ["-reserved_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order_number"], condition=Q(state__in=rules.LIVE), name="redemption_one_live_per_order"
            ),
            models.CheckConstraint(
                name="redemption_amounts_fit",
                condition=Q(returned_fen__gte=0)
                & Q(returned_fen__lte=F("amount_fen"))
                & Q(amount_fen__gt=0)
                & Q(amount_fen__lte=F("reserved_fen")),
            ),
            models.CheckConstraint(
                name="redemption_returned_only_after_use",
                condition=Q(returned_fen=0) | Q(state__in=(rules.CONSUMED, rules.REIMBURSED, rules.RETURNED)),
            ),
            models.CheckConstraint(
                name="redemption_returned_is_whole",
                condition=Q(state=rules.RETURNED, returned_fen=F("amount_fen"))
                | (~Q(state=rules.RETURNED) & Q(returned_fen__lt=F("amount_fen"))),
            ),
            models.CheckConstraint(
                name="redemption_used_says_when",
                condition=Q(consumed_at__isnull=True, state__in=(rules.RESERVED, rules.RELEASED))
                | Q(consumed_at__isnull=False, state__in=(rules.CONSUMED, rules.REIMBURSED, rules.RETURNED)),
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "programme"], name="redemption_by_organisation"),
            models.Index(fields=["programme", "state"], name="redemption_by_programme"),
            models.Index(fields=["order_number"], name="redemption_by_order"),
        ]

    def __str__(self) -> str:
        return self.order_number

    @property
    def held(self) -> Money:
        """What it takes out of budget, grant and yearly cap now."""
        return Money(self.amount_fen - self.returned_fen) if self.state in rules.LIVE else Money(0)
