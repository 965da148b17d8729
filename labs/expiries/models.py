"""Of what notice was given, so that it is given once."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from labs.catalogue.models import Lab
from labs.expiries import rules


class ExpiryNotice(models.Model):
    """
    That notice was given of something that ends on a day, so many days before (LAB-2).

    `thing_id` is the key of a row of the kind's table. What is renewed ends on another day, and is noticed anew.
    """

    class Kind(models.TextChoices):
        CALIBRATION = "calibration", _("calibration certificate")
        ACCREDITATION = "accreditation", _("accreditation")
        SCOPE = "scope", _("scope entry")
        STANDARD = "measurement_standard", _("measurement standard")
        QUALIFICATION = "qualification", _("operator's qualification")

    kind = models.CharField(_("kind"), max_length=24, choices=Kind)
    thing_id = models.BigIntegerField()
    lab = models.ForeignKey(Lab, models.CASCADE, related_name="expiry_notices", verbose_name=_("lab"))
    ends_on = models.DateField(_("ends on"))
    threshold = models.PositiveSmallIntegerField(_("days before"))
    noticed_at = models.DateTimeField(_("noticed at"))

    class Meta:
        verbose_name = _("notice of expiry")
        verbose_name_plural = _("notices of expiry")
        ordering = ("ends_on", "pk")
        constraints = [
            models.UniqueConstraint(fields=["kind", "thing_id", "ends_on", "threshold"], name="expiry_noticed_once"),
            models.CheckConstraint(
                condition=Q(threshold__in=rules.THRESHOLDS), name="expiry_threshold_is_one_of_the_rules"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.thing_id} {self.ends_on:%Y-%m-%d}"
