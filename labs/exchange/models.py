"""Workbooks that wait for their sender to look at what they would change."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from labs.catalogue.models import Lab

KEPT = timedelta(hours=2)
"""How long a workbook waits to be confirmed."""


class WaitingQuerySet(models.QuerySet["WaitingWorkbook"]):
    def waiting_for(self, member: Membership, now: datetime) -> Self:
        """Workbooks that this very member sent for a lab of theirs, and that have not run out."""
        return self.filter(sent_by=member, lab__organisation_id=member.organisation_id, expires_at__gt=now)


class WaitingWorkbook(models.Model):
    """A workbook between the look at what it would change and the word that it shall; seen by its sender alone."""

    lab = models.ForeignKey(Lab, models.CASCADE, related_name="+")
    sent_by = models.ForeignKey(Membership, models.CASCADE, related_name="+", verbose_name=_("sent by"))
    file_name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField()
    sent_at = models.DateTimeField(_("sent at"))
    expires_at = models.DateTimeField(_("expires at"))

    objects = WaitingQuerySet.as_manager()

    class Meta:
        verbose_name = _("waiting workbook")
        verbose_name_plural = _("waiting workbooks")
        ordering = ("-sent_at", "-pk")
        indexes = [models.Index(fields=["expires_at"], name="workbook_by_expiry")]

    def __str__(self) -> str:
        return self.file_name
