"""Certificates of calibration and verification."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from labs.catalogue.models import Instrument


class CalibrationRecord(models.Model):
    """A certificate (检定/校准证书) or an intermediate check of an instrument."""

    class Kind(models.TextChoices):
        VERIFICATION = "verification", _("verification")
        CALIBRATION = "calibration", _("calibration")
        INTERMEDIATE_CHECK = "intermediate_check", _("intermediate check")

    class Result(models.TextChoices):
        PASS = "pass", _("passed")
        FAIL = "fail", _("failed")
        LIMITED = "limited", _("limited use")

    instrument = models.ForeignKey(
        Instrument, models.CASCADE, related_name="calibration_records", verbose_name=_("instrument")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.CALIBRATION)
    method = models.CharField(_("method"), max_length=80, blank=True)
    certificate_no = models.CharField(_("certificate number"), max_length=100)
    issued_by_zh = models.CharField(_("issued by"), max_length=200, blank=True)
    calibrated_on = models.DateField(_("calibrated on"))
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"))
    result = models.CharField(_("result"), max_length=8, choices=Result, default=Result.PASS)
    traceable_to_zh = models.CharField(_("traceable to"), max_length=200, blank=True)
    issuer_accreditation = models.CharField(_("accreditation of the issuer"), max_length=100, blank=True)
    uncertainty = models.CharField(_("result with its uncertainty"), max_length=300, blank=True)
    corrections_zh = models.CharField(_("correction factors and limits of use"), max_length=300, blank=True)
    confirmed_by = models.CharField(_("confirmed by"), max_length=100, blank=True)
    certificate = models.FileField(_("certificate file"), upload_to="calibrations/%Y/", blank=True)

    class Meta:
        verbose_name = _("calibration record")
        verbose_name_plural = _("calibration records")
        ordering = ("instrument", "-valid_to", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["instrument", "certificate_no"], name="calibration_certificate_is_unique"),
            models.CheckConstraint(condition=Q(valid_to__gte=F("valid_from")), name="calibration_ends_after_it_begins"),
        ]
        indexes = [models.Index(fields=["instrument", "valid_to"], name="calibration_by_validity")]

    def __str__(self) -> str:
        return self.certificate_no
