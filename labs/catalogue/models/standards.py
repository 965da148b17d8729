"""Standards and methods."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kernel.bilingual import chosen
from labs.catalogue import rules
from labs.catalogue.fields import DerivedTextField, StandardNumberField


class Standard(models.Model):
    """A standard or method, by its number as it is written (normalised)."""

    class Status(models.TextChoices):
        UPCOMING = "upcoming", _("upcoming")
        CURRENT = "current", _("current")
        SUPERSEDED = "superseded", _("superseded")
        WITHDRAWN = "withdrawn", _("withdrawn")

    number = StandardNumberField(_("number"), max_length=80)
    number_key = DerivedTextField(derive="_number_key")
    kind = DerivedTextField(_("kind"), derive="_kind")
    title_zh = models.CharField(_("Chinese title"), max_length=300, blank=True)
    title_en = models.CharField(_("English title"), max_length=300, blank=True)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.CURRENT)
    published_on = models.DateField(_("published on"), null=True, blank=True)
    effective_on = models.DateField(_("in force from"), null=True, blank=True)
    superseded_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="supersedes", verbose_name=_("replaced by")
    )
    adoption = models.CharField(_("adopts"), max_length=100, blank=True, help_text=_("For example: IDT ISO 9283:1998"))
    confidence = models.CharField(_("how sure we are"), max_length=16, default="verify")

    class Meta:
        verbose_name = _("standard")
        verbose_name_plural = _("standards")
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["number"], name="standard_number_is_unique"),
            models.UniqueConstraint(fields=["number_key"], name="standard_number_key_is_unique"),
            models.CheckConstraint(
                condition=Q(superseded_by__isnull=True) | ~Q(superseded_by=F("pk")),
                name="standard_does_not_replace_itself",
            ),
        ]
        indexes = [GinIndex(fields=["number_key"], opclasses=["gin_trgm_ops"], name="standard_key_trigrams")]

    def __str__(self) -> str:
        return str(self.number)

    def _number_key(self) -> str:
        return rules.standard_key(self.number)

    def _kind(self) -> str:
        return rules.standard_kind(self.number)

    @property
    def is_current(self) -> bool:
        """Whether it is the edition in force; ordering against another one needs a tick (STD-1)."""
        return self.status == self.Status.CURRENT

    @property
    def title(self) -> str:
        """The title in the language of the page where known."""
        return chosen(self.title_zh, self.title_en)
