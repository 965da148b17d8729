"""The rates of VAT, as data with validity (BL-17)."""

from datetime import date
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from accounts.models import TaxpayerStatus


class Days(Func):
    """The days from one to another, both included; without another, for ever."""

    function = "daterange"
    output_field = DateRangeField()


class VatRateQuerySet(models.QuerySet["VatRate"]):
    def in_force(self, on: date) -> Self:
        """The rates of a day."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on), valid_from__lte=on)


class VatRate(models.Model):
    """What VAT is on a category of service when such a taxpayer sells it, from a day to a day, both included."""

    class Category(models.TextChoices):
        TESTING_SERVICE = "testing_service", _("testing and other technical services")
        RENTAL_ASSISTED = "rental_assisted", _("use with the lab's staff (technical service)")
        RENTAL_SELF = "rental_self", _("bare use of an instrument (lease)")
        PLATFORM_FEE = "platform_fee", _("the platform's fee")

    category = models.CharField(_("tax category"), max_length=32, choices=Category)
    taxpayer_type = models.CharField(_("taxpayer type"), max_length=12, choices=TaxpayerStatus.TaxpayerType)
    rate_bp = models.PositiveSmallIntegerField(_("rate (bp)"))
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    objects = VatRateQuerySet.as_manager()

    class Meta:
        verbose_name = _("VAT rate")
        verbose_name_plural = _("VAT rates")
        ordering = ("category", "taxpayer_type", "valid_from")
        constraints = [
            models.CheckConstraint(name="vat_rate_is_a_share", condition=Q(rate_bp__lte=10_000)),
            models.CheckConstraint(
                name="vat_rate_ends_after_it_begins",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
            ),
            ExclusionConstraint(
                name="vat_rate_one_a_day",
                violation_error_message=_("A rate holds for that time already: let it end first."),
                expressions=[
                    ("category", RangeOperators.EQUAL),
                    ("taxpayer_type", RangeOperators.EQUAL),
                    (Days("valid_from", "valid_to", Value("[]")), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_category_display()}: {self.rate_bp / 100:g} %"
