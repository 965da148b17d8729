"""What labs are recognised for: accreditations with their scope, measurement standards, honours."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kernel.bilingual import Bilingual, chosen
from labs.catalogue.models.labs import Lab
from labs.catalogue.models.standards import Standard


def ends_after_it_begins(name: str, begins: str = "valid_from") -> models.CheckConstraint:
    """Return the constraint that a validity, where it ends, ends on the day it begins or later."""
    open_or_later = Q(valid_to__isnull=True) | Q(valid_to__gte=F(begins))
    return models.CheckConstraint(condition=open_or_later, name=name)


class Accreditation(models.Model):
    """What a lab is recognised for, by a certificate with a validity."""

    class Kind(models.TextChoices):
        CMA = "CMA", _("CMA")
        CNAS = "CNAS", _("CNAS")
        JLSQ = "JLSQ", _("metrological authorisation")

    lab = models.ForeignKey(Lab, models.CASCADE, related_name="accreditations", verbose_name=_("lab"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    number = models.CharField(_("number"), max_length=60)
    issuer_zh = models.CharField(_("issued by"), max_length=200, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"))
    certificate = models.FileField(_("certificate"), upload_to="certificates/%Y/", blank=True)

    class Meta:
        verbose_name = _("accreditation")
        verbose_name_plural = _("accreditations")
        ordering = ("lab", "kind", "number")
        constraints = [
            models.UniqueConstraint(fields=["lab", "kind", "number"], name="accreditation_is_unique"),
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")), name="accreditation_ends_after_it_begins"
            ),
        ]
        indexes = [models.Index(fields=["kind", "valid_to"], name="accreditation_kind_validity")]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class ScopeEntry(models.Model):
    """
    One line of an accreditation's table of abilities (能力表): what may be tested by which method, and how well.

    For calibration it names the quantity, the range, and the best uncertainty (CMC) with its coverage factor.
    """

    accreditation = models.ForeignKey(
        Accreditation, models.CASCADE, related_name="scope", verbose_name=_("accreditation")
    )
    object_zh = models.CharField(_("object"), max_length=200)
    parameter_zh = models.CharField(_("parameter"), max_length=200)
    parameter_en = models.CharField(_("parameter (English)"), max_length=200, blank=True)
    standard = models.ForeignKey(
        Standard, models.PROTECT, null=True, blank=True, related_name="scope_entries", verbose_name=_("standard")
    )
    method = models.CharField(_("method"), max_length=200, blank=True)
    quantity = models.CharField(_("quantity"), max_length=32, blank=True)
    range_text = models.CharField(_("range"), max_length=200, blank=True)
    limits_zh = models.CharField(_("limits"), max_length=300, blank=True)
    cmc = models.CharField(_("best uncertainty (CMC)"), max_length=200, blank=True)
    coverage_factor = models.DecimalField(_("coverage factor k"), max_digits=4, decimal_places=2, null=True, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    class Meta:
        verbose_name = _("scope entry")
        verbose_name_plural = _("scope entries")
        ordering = ("accreditation", "object_zh", "parameter_zh", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["accreditation", "object_zh", "parameter_zh", "standard", "method", "range_text", "valid_from"],
                name="scope_entry_is_unique",
                nulls_distinct=False,
            ),
            ends_after_it_begins("scope_entry_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(coverage_factor__isnull=True) | Q(coverage_factor__gt=0),
                name="scope_entry_coverage_factor_is_positive",
            ),
        ]
        indexes = [models.Index(fields=["standard", "accreditation"], name="scope_entry_by_standard")]

    def __str__(self) -> str:
        return f"{self.object_zh} {self.parameter_zh}"

    @property
    def parameter(self) -> str:
        """The parameter, in the language of the page where known."""
        return chosen(self.parameter_zh, self.parameter_en)


class MeasurementStandard(Bilingual, models.Model):
    """A measurement standard (计量标准) that a metrology centre was assessed for, by its certificate."""

    lab = models.ForeignKey(Lab, models.CASCADE, related_name="measurement_standards", verbose_name=_("lab"))
    certificate_no = models.CharField(_("certificate number"), max_length=100)
    discipline_code = models.CharField(_("discipline code (JJF 1022)"), max_length=4)
    discipline_zh = models.CharField(_("discipline"), max_length=40)
    name_zh = models.CharField(_("Chinese name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    range_text = models.CharField(_("range"), max_length=200, blank=True)
    uncertainty_text = models.CharField(_("uncertainty or class"), max_length=200, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"))
    objects_zh = ArrayField(
        models.CharField(max_length=100), default=list, blank=True, verbose_name=_("what it verifies or calibrates")
    )

    class Meta:
        verbose_name = _("measurement standard")
        verbose_name_plural = _("measurement standards")
        ordering = ("lab", "discipline_code", "certificate_no")
        constraints = [
            models.UniqueConstraint(fields=["certificate_no"], name="measurement_standard_certificate_is_unique"),
            ends_after_it_begins("measurement_standard_ends_after_it_begins"),
        ]
        indexes = [models.Index(fields=["valid_to"], name="measurement_standard_validity")]

    def __str__(self) -> str:
        return self.name


class Honour(Bilingual, models.Model):
    """What a lab was named (资质荣誉), with its day; without an end it lasts."""

    class Kind(models.TextChoices):
        QUALITY_CENTRE = "national_quality_centre", _("national quality inspection centre")
        INDUSTRY_METROLOGY = "industry_metrology_centre", _("national industry metrology centre")
        QUALITY_STANDARD_LAB = "quality_standard_lab", _("quality standard laboratory")
        INNOVATION_BASE = "standards_innovation_base", _("technical standards innovation base")
        VALIDATION_POINT = "standard_validation_point", _("standard validation point")
        OTHER = "other", _("other")

    lab = models.ForeignKey(Lab, models.CASCADE, related_name="honours", verbose_name=_("lab"))
    kind = models.CharField(_("kind"), max_length=32, choices=Kind)
    name_zh = models.CharField(_("Chinese name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    granted_on = models.DateField(_("granted on"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    class Meta:
        verbose_name = _("honour")
        verbose_name_plural = _("honours")
        ordering = ("lab", "-granted_on", "pk")
        constraints = [
            models.UniqueConstraint(fields=["lab", "kind", "name_zh"], name="honour_is_unique"),
            ends_after_it_begins("honour_ends_after_it_begins", begins="granted_on"),
        ]

    def __str__(self) -> str:
        return self.name
