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
    """
    A workbook between the look at what it would change and the word that it shall; seen by its sender alone.

    A small one (`AT_ONCE` rows) is tried whenever its page is looked at, and goes when it is brought in. A large one is
    tried and brought in by a job, in the sender's `language`: `rows_done` of `rows` say how far that is, `told` what
    came of it (see `labs.exchange.telling`), and it stays, without its content, to say so.
    """

    AT_ONCE = 150
    """Up to so many rows a person waits for: about two seconds."""

    class Stage(models.TextChoices):
        LOOKED_AT = "looked_at", _("looked at when it is opened")
        TRYING = "trying", _("being checked")
        TRIED = "tried", _("checked")
        BRINGING = "bringing", _("being brought in")
        BROUGHT = "brought", _("brought in")

    lab = models.ForeignKey(Lab, models.CASCADE, related_name="+")
    sent_by = models.ForeignKey(Membership, models.CASCADE, related_name="+", verbose_name=_("sent by"))
    file_name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField()
    sent_at = models.DateTimeField(_("sent at"))
    expires_at = models.DateTimeField(_("expires at"))
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.LOOKED_AT, db_default=Stage.LOOKED_AT)
    language = models.CharField(max_length=10, default="zh-hans", db_default="zh-hans")
    rows = models.PositiveIntegerField(default=0, db_default=0)
    rows_done = models.PositiveIntegerField(default=0, db_default=0)
    told = models.JSONField(null=True, blank=True)

    objects = WaitingQuerySet.as_manager()

    class Meta:
        verbose_name = _("waiting workbook")
        verbose_name_plural = _("waiting workbooks")
        ordering = ("-sent_at", "-pk")
        indexes = [models.Index(fields=["expires_at"], name="workbook_by_expiry")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_at_work(self) -> bool:
        """Whether a job is about to check it or to bring it in."""
        return self.stage in (self.Stage.TRYING, self.Stage.BRINGING)

    @property
    def percent(self) -> int:
        """How far the job is."""
        return min(99, 100 * self.rows_done // self.rows) if self.rows else 0
