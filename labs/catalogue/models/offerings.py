"""Standards, and what labs offer: rentals and services."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from kernel.bilingual import chosen
from labs.catalogue import rules
from labs.catalogue.fields import DerivedTextField, StandardNumberField
from labs.catalogue.models.instruments import Instrument
from labs.catalogue.models.labs import Lab
from labs.catalogue.models.searchable import Searchable, non_negative


class Standard(models.Model):
    """A standard or method, by its number as it is written (normalised)."""

    class Status(models.TextChoices):
        UPCOMING = "upcoming", _("upcoming")
        CURRENT = "current", _("current")
        SUPERSEDED = "superseded", _("superseded")
        WITHDRAWN = "withdrawn", _("withdrawn")

    number = StandardNumberField(_("number"), max_length=80)
    number_key = DerivedTextField(derive="_number_key")
    title_zh = models.CharField(_("Chinese title"), max_length=300, blank=True)
    title_en = models.CharField(_("English title"), max_length=300, blank=True)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.CURRENT)
    confidence = models.CharField(_("how sure we are"), max_length=16, default="verify")

    class Meta:
        verbose_name = _("standard")
        verbose_name_plural = _("standards")
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["number"], name="standard_number_is_unique"),
            models.UniqueConstraint(fields=["number_key"], name="standard_number_key_is_unique"),
        ]
        indexes = [GinIndex(fields=["number_key"], opclasses=["gin_trgm_ops"], name="standard_key_trigrams")]

    def __str__(self) -> str:
        return str(self.number)

    def _number_key(self) -> str:
        return rules.standard_key(self.number)

    @property
    def title(self) -> str:
        """The title in the language of the page where known."""
        return chosen(self.title_zh, self.title_en)


class OfferingQuerySet(models.QuerySet["Offering"]):
    def published(self) -> Self:
        """Offerings in the public catalogue."""
        return self.filter(state=Offering.State.PUBLISHED, lab__is_active=True)

    def services(self) -> Self:
        """What a lab does for its customers: everything but the rental of an instrument."""
        return self.exclude(kind=Offering.Kind.RENTAL)

    def operated_by(self, member: Membership | None) -> Self:
        """Offerings of the labs of the member's organisation."""
        return self.filter(lab__organisation_id=member.organisation_id) if member else self.none()

    def visible_to(self, member: Membership | None) -> Self:
        """The public catalogue, and the offerings of the member's own labs."""
        public = Q(state=Offering.State.PUBLISHED, lab__is_active=True)
        return self.filter(public | Q(lab__organisation_id=member.organisation_id) if member else public)


class Offering(Searchable):
    """What a lab offers (服务项目): the rental of one instrument, or a service with its price and terms."""

    class Kind(models.TextChoices):
        RENTAL = "rental", _("rental by time")
        TESTING = "testing", _("testing")
        CALIBRATION = "calibration", _("calibration")
        VERIFICATION = "verification", _("verification")
        AGENT_INSPECTION = "agent_inspection", _("agent inspection")

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        SUSPENDED = "suspended", _("suspended")
        RETIRED = "retired", _("retired")

    lab = models.ForeignKey(Lab, models.PROTECT, related_name="offerings")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    instrument = models.OneToOneField(Instrument, models.CASCADE, null=True, blank=True, related_name="rental_offering")
    instruments = models.ManyToManyField(Instrument, blank=True, related_name="services")
    standards = models.ManyToManyField(Standard, blank=True, related_name="offerings")
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.DRAFT)
    price_unit_zh = models.CharField(_("price unit"), max_length=20, blank=True)
    unit_price_fen = models.BigIntegerField(_("unit price (fen)"), default=0)
    turnaround_workdays = models.PositiveSmallIntegerField(_("turnaround (workdays)"), null=True, blank=True)
    urgent_options = models.JSONField(_("urgent options"), default=list, blank=True)
    tiers = models.JSONField(_("tiers"), default=list, blank=True)
    min_qty = models.PositiveIntegerField(_("least quantity"), default=1)
    sample_requirement_zh = models.CharField(_("sample requirement (Chinese)"), max_length=300, blank=True)
    sample_requirement_en = models.CharField(_("sample requirement (English)"), max_length=300, blank=True)
    cma_in_scope = models.BooleanField(_("in the scope of CMA"), default=False)
    cnas_in_scope = models.BooleanField(_("in the scope of CNAS"), default=False)
    tax_category = models.CharField(_("tax category"), max_length=32, default="testing_service")
    report_languages = ArrayField(models.CharField(max_length=8), default=list, blank=True)

    objects = OfferingQuerySet.as_manager()

    class Meta:
        verbose_name = _("offering")
        verbose_name_plural = _("offerings")
        ordering = ("name_pinyin", "pk")
        constraints = [
            models.UniqueConstraint(fields=["code"], name="offering_code_is_unique"),
            models.CheckConstraint(
                condition=Q(kind="rental", instrument__isnull=False) | (~Q(kind="rental") & Q(instrument__isnull=True)),
                name="offering_of_rental_has_its_instrument",
            ),
            models.CheckConstraint(condition=Q(min_qty__gte=1), name="offering_least_quantity_is_at_least_one"),
            non_negative("unit_price_fen", name="offering_price_is_not_negative"),
        ]
        indexes = [
            models.Index(fields=["name_pinyin", "id"], name="offering_by_name"),
            models.Index(fields=["lab", "kind"], name="offering_by_lab"),
            GinIndex(fields=["search_bigrams"], condition=~Q(kind="rental"), name="offering_bigrams"),
            GinIndex(
                fields=["name_zh", "name_en"],
                opclasses=["gin_trgm_ops", "gin_trgm_ops"],
                condition=~Q(kind="rental"),
                name="offering_names_alike",
            ),
        ]

    def _search_text(self) -> str:
        """A rental is found by the words of its instrument, and has none of its own."""
        return "" if self.kind == self.Kind.RENTAL else super()._search_text()

    @property
    def sample_requirement(self) -> str:
        """What to send, in the language of the page where known."""
        return chosen(self.sample_requirement_zh, self.sample_requirement_en)
