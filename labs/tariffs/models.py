"""What an instrument costs, and how it may be booked: both in versions, so that old promises keep their terms."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from labs.catalogue.models import Instrument, non_negative

BASIS_POINTS = 10_000


def default_ladder() -> list[dict[str, Any]]:
    """Return the cancellation ladder of the house (BL-20): hours of notice, and the fee in basis points."""
    return [
        {"min_notice_hours": 72, "fee_bp": 0},
        {"min_notice_hours": 24, "fee_bp": 3000},
        {"min_notice_hours": 4, "fee_bp": 5000},
        {"min_notice_hours": 0, "fee_bp": 10000},
    ]


class VersionedQuerySet(models.QuerySet[Any]):
    def in_force(self, at: datetime) -> Self:
        """For each instrument the one version in force at an instant: the last that has begun."""
        return (
            self.filter(valid_from__lte=at)
            .order_by("instrument_id", "-valid_from", "-version")
            .distinct("instrument_id")
        )


class Tariff(models.Model):
    """The price list of an instrument's rental, tax included; a new price is a new version."""

    class BillMode(models.TextChoices):
        BOOKED = "booked", _("the time booked")
        METERED = "metered", _("the time used")

    instrument = models.ForeignKey(Instrument, models.CASCADE, related_name="tariffs", verbose_name=_("instrument"))
    version = models.PositiveIntegerField(_("version"), default=1)
    valid_from = models.DateTimeField(_("valid from"))
    base_rate_fen_per_hour = models.BigIntegerField(_("base rate (fen an hour)"))
    billing_increment_min = models.PositiveSmallIntegerField(_("billing increment (minutes)"), default=30)
    setup_fee_fen = models.BigIntegerField(_("set-up fee (fen)"), default=0)
    operator_fee_fen_per_hour = models.BigIntegerField(_("operator's fee (fen an hour)"), default=0)
    min_charge_fen = models.BigIntegerField(_("minimum charge (fen)"), default=0)
    min_billable_minutes = models.PositiveIntegerField(_("least minutes billed"), default=0)
    bill_mode = models.CharField(_("billed is"), max_length=8, choices=BillMode, default=BillMode.BOOKED)
    bands = models.JSONField(_("hour bands"), default=list, blank=True)
    tax_category = models.CharField(_("tax category"), max_length=32, default="rental_assisted")
    sme_discount_bp = models.PositiveSmallIntegerField(_("discount for SMEs (bp)"), default=0)

    objects = VersionedQuerySet.as_manager()

    class Meta:
        verbose_name = _("tariff")
        verbose_name_plural = _("tariffs")
        ordering = ("instrument", "-version")
        constraints = [
            models.UniqueConstraint(fields=["instrument", "version"], name="tariff_version_is_unique"),
            non_negative(
                "base_rate_fen_per_hour",
                "setup_fee_fen",
                "operator_fee_fen_per_hour",
                "min_charge_fen",
                name="tariff_amounts_are_not_negative",
            ),
            models.CheckConstraint(condition=Q(billing_increment_min__gte=1), name="tariff_increment_is_a_minute"),
            models.CheckConstraint(
                condition=Q(sme_discount_bp__lte=BASIS_POINTS), name="tariff_discount_is_at_most_the_whole"
            ),
        ]
        indexes = [models.Index(fields=["instrument", "-valid_from"], name="tariff_in_force")]

    def __str__(self) -> str:
        return f"{self.instrument_id} v{self.version}"


class BookingPolicy(models.Model):
    """How an instrument may be booked; new terms are a new version."""

    instrument = models.ForeignKey(
        Instrument, models.CASCADE, related_name="booking_policies", verbose_name=_("instrument")
    )
    version = models.PositiveIntegerField(_("version"), default=1)
    valid_from = models.DateTimeField(_("valid from"))
    slot_grid_min = models.PositiveSmallIntegerField(_("slot grid (minutes)"), default=30)
    min_minutes = models.PositiveIntegerField(_("shortest booking (minutes)"), default=30)
    max_minutes = models.PositiveIntegerField(_("longest booking (minutes)"), default=480)
    pre_buffer_min = models.PositiveSmallIntegerField(_("buffer before (minutes)"), default=0)
    post_buffer_min = models.PositiveSmallIntegerField(_("buffer after (minutes)"), default=0)
    lead_time_min = models.PositiveIntegerField(_("lead time (minutes)"), default=0)
    advance_days = models.PositiveSmallIntegerField(_("bookable ahead (days)"), default=60)
    requires_approval = models.BooleanField(_("needs the lab's approval"), default=False)
    sme_reserve_bp = models.PositiveSmallIntegerField(_("reserved for SMEs (bp)"), default=0)
    week_max_minutes = models.PositiveSmallIntegerField(
        _("one customer's minutes a week at most (empty: no limit)"), null=True, blank=True, default=20 * 60
    )
    no_show_grace_min = models.PositiveSmallIntegerField(_("a no-show after (minutes)"), default=30)
    hold_minutes = models.PositiveSmallIntegerField(_("a hold lasts (minutes)"), default=30)
    cancellation = models.JSONField(_("cancellation ladder"), default=default_ladder)

    objects = VersionedQuerySet.as_manager()

    class Meta:
        verbose_name = _("booking policy")
        verbose_name_plural = _("booking policies")
        ordering = ("instrument", "-version")
        constraints = [
            models.UniqueConstraint(fields=["instrument", "version"], name="booking_policy_version_is_unique"),
            models.CheckConstraint(
                condition=Q(slot_grid_min__gte=1, slot_grid_min__lte=1440), name="booking_policy_grid_is_within_a_day"
            ),
            models.CheckConstraint(
                condition=Q(min_minutes__gte=1, max_minutes__gte=F("min_minutes")),
                name="booking_policy_longest_is_not_below_shortest",
            ),
            models.CheckConstraint(
                condition=Q(sme_reserve_bp__lte=BASIS_POINTS), name="booking_policy_reserve_is_at_most_the_whole"
            ),
            models.CheckConstraint(condition=Q(hold_minutes__gte=1), name="booking_policy_hold_is_a_minute"),
        ]
        indexes = [models.Index(fields=["instrument", "-valid_from"], name="booking_policy_in_force")]

    def __str__(self) -> str:
        return f"{self.instrument_id} v{self.version}"
