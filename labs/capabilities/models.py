"""What an instrument can measure, in numbers that compare."""

from typing import Any

from django.contrib.postgres.fields import DecimalRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from psycopg.types.range import NumericRange

from labs.capabilities import rules, wording
from labs.catalogue.models import Instrument, Parameter


class Capability(models.Model):
    """
    A range of one quantity, both ends included, that an instrument covers, and how surely.

    What the lab states is kept as it wrote it (`stated_low`, `stated_high`, `unit`, `uncertainty`); the numbers that
    are compared follow from it, in SI base units: see Note [Comparable numbers].
    """

    class UncertaintyKind(models.TextChoices):
        EXPANDED = "U", _("expanded uncertainty U")
        MPE = "MPE", _("maximum permissible error")
        RESOLUTION = "resolution", _("resolution")

    instrument = models.ForeignKey(
        Instrument, models.CASCADE, related_name="capabilities", verbose_name=_("instrument")
    )
    parameter = models.ForeignKey(
        Parameter,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="capabilities",
        verbose_name=_("parameter"),
    )
    quantity = models.CharField(_("quantity"), max_length=32)
    stated_low = models.DecimalField(_("lowest value"), null=True, blank=True)
    stated_high = models.DecimalField(_("highest value"), null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=24)
    uncertainty = models.CharField(_("uncertainty or error"), max_length=100, blank=True)
    uncertainty_kind = models.CharField(_("kind of uncertainty"), max_length=16, choices=UncertaintyKind, blank=True)
    coverage_factor = models.DecimalField(_("coverage factor k"), max_digits=4, decimal_places=2, null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    si_range = DecimalRangeField(_("range in SI base units"), editable=False)
    uncertainty_fixed_si = models.DecimalField(editable=False, null=True)
    uncertainty_share = models.DecimalField(editable=False, null=True)
    uncertainty_is_root = models.BooleanField(editable=False, default=False, db_default=False)
    best_uncertainty_si = models.DecimalField(editable=False, null=True)

    class Meta:
        verbose_name = _("capability")
        verbose_name_plural = _("capabilities")
        ordering = ("instrument", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(si_range__isempty=False), name="capability_range_is_not_empty"),
            models.CheckConstraint(
                condition=Q(stated_low__isnull=False) | Q(stated_high__isnull=False),
                name="capability_has_a_bound",
            ),
            models.CheckConstraint(
                condition=Q(coverage_factor__isnull=True) | Q(coverage_factor__gt=0),
                name="capability_coverage_factor_is_positive",
            ),
            models.CheckConstraint(
                condition=Q(uncertainty_fixed_si__isnull=True, uncertainty_share__isnull=True)
                | Q(
                    uncertainty_fixed_si__isnull=False,
                    uncertainty_fixed_si__gte=0,
                    uncertainty_share__isnull=False,
                    uncertainty_share__gte=0,
                ),
                name="capability_uncertainty_is_whole",
            ),
        ]
        indexes = [GistIndex(fields=["quantity", "si_range"], name="capability_by_range")]

    def __str__(self) -> str:
        return wording.stated(self.capable)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.work_out()
        super().save(*args, **kwargs)

    def work_out(self) -> None:
        """
        Work the comparable numbers out of what is stated; whoever writes many rows at once calls it for each.

        Raises:
            rules.QuantityUnknown, rules.UnitUnknown, rules.UnitOfAnotherQuantity, rules.ValueUnreadable,
            rules.RangeUpsideDown: what is stated cannot be compared.
        """
        found = rules.capable(
            quantity=self.quantity,
            low=self.stated_low,
            high=self.stated_high,
            unit=self.unit,
            uncertainty=self.uncertainty,
            kind=self.uncertainty_kind,
            coverage_factor=self.coverage_factor,
        )
        self.quantity, self.unit = found.quantity, found.unit
        self.si_range = NumericRange(found.low, found.high, "[]")
        self.uncertainty_kind, self.coverage_factor = found.kind if self.uncertainty else "", found.coverage_factor
        self.uncertainty_fixed_si = found.uncertainty.fixed if found.uncertainty else None
        self.uncertainty_share = found.uncertainty.share if found.uncertainty else None
        self.uncertainty_is_root = found.uncertainty is not None and found.uncertainty.is_root
        self.best_uncertainty_si = found.best

    @property
    def capable(self) -> rules.Capable:
        """What it says, as a value."""
        line = None
        if self.uncertainty_fixed_si is not None and self.uncertainty_share is not None:
            line = rules.Line(self.uncertainty_fixed_si, self.uncertainty_share, self.uncertainty_is_root)
        return rules.Capable(
            quantity=self.quantity,
            low=self.si_range.lower,
            high=self.si_range.upper,
            stated_low=self.stated_low,
            stated_high=self.stated_high,
            unit=self.unit,
            stated_uncertainty=self.uncertainty,
            uncertainty=line,
            kind=self.uncertainty_kind,
            coverage_factor=self.coverage_factor,
            parameter_zh=self.parameter.name_zh if self.parameter else "",
            parameter_en=self.parameter.name_en if self.parameter else "",
        )
