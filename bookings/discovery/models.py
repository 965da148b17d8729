"""How reliably labs keep what was booked with them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from labs.models import Lab


class Punctuality(models.Model):
    """
    How many rentals of a lab were due in the last year, and how many of them took place on time.

    Note [On time]
        Due are the confirmed rentals whose booked time began in the last 365 days and that were used, or that the lab
        called off or left without an instrument. On time are those whose use began at most a quarter of an hour after
        the booked start and was not interrupted. What the customer cancelled, and who did not come, says nothing of the
        lab and is in neither number. Reports of ordered tests come to it with the orders (K10).
    """

    FEWEST = 5
    """Below so many rentals nothing is told: one would weigh too much."""

    lab = models.OneToOneField(Lab, models.CASCADE, primary_key=True, related_name="punctuality", verbose_name=_("lab"))
    due = models.PositiveIntegerField(_("rentals due"))
    on_time = models.PositiveIntegerField(_("on time"))
    counted_at = models.DateTimeField(_("counted at"))

    class Meta:
        verbose_name = _("punctuality")
        verbose_name_plural = _("punctuality")
        constraints = [
            models.CheckConstraint(condition=Q(on_time__lte=F("due")), name="punctuality_within_what_was_due")
        ]

    def __str__(self) -> str:
        return f"{self.lab_id} {self.on_time}/{self.due}"

    @property
    def is_told(self) -> bool:
        """Whether there are enough rentals to tell of."""
        return self.due >= self.FEWEST

    @property
    def percent(self) -> int:
        """The share on time, in whole per cent, rounded down: 100 means all of them."""
        return 100 * self.on_time // self.due
