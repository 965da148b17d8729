"""What labs offer: rentals and services, and how each offer was worded when it was published."""

from typing import Any, Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation, User
from kernel.bilingual import chosen
from labs.catalogue.models.instruments import Instrument
from labs.catalogue.models.labs import Lab
from labs.catalogue.models.searchable import Searchable, non_negative
from labs.catalogue.models.standards import Standard

REFUSE = (
    "RAISE EXCEPTION 'a version of an offering is final'"
    " USING ERRCODE = 'check_violation', CONSTRAINT = 'offering_version_is_final';"
)


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

    class Form(models.TextChoices):
        PSI = "psi", _("pre-shipment inspection")
        SUBMIT = "submit", _("pick-up and submission of samples")
        SAMPLING = "sampling", _("on-site sampling")
        AUDIT = "audit", _("supervision or audit on site")
        PACKAGE = "package", _("package of services")

    class ReturnPolicy(models.TextChoices):
        RETURNED = "returned", _("the rest is sent back")
        KEPT = "kept", _("kept for the time the rules say, then disposed of")
        DISPOSED = "disposed", _("disposed of after the report")
        USED_UP = "used_up", _("used up by the test")

    lab = models.ForeignKey(Lab, models.PROTECT, related_name="offerings", verbose_name=_("lab"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    instrument = models.OneToOneField(
        Instrument, models.CASCADE, null=True, blank=True, related_name="rental_offering", verbose_name=_("instrument")
    )
    instruments = models.ManyToManyField(Instrument, blank=True, related_name="services", verbose_name=_("instruments"))
    standards = models.ManyToManyField(Standard, blank=True, related_name="offerings", verbose_name=_("standards"))
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
    report_languages = ArrayField(
        models.CharField(max_length=8), default=list, blank=True, verbose_name=_("report languages")
    )

    bring_zh = models.TextField(_("what to bring (Chinese)"), blank=True)
    bring_en = models.TextField(_("what to bring (English)"), blank=True)
    safety_zh = models.TextField(_("safety rules (Chinese)"), blank=True)
    safety_en = models.TextField(_("safety rules (English)"), blank=True)
    data_export_zh = models.CharField(_("how data are taken along (Chinese)"), max_length=300, blank=True)
    data_export_en = models.CharField(_("how data are taken along (English)"), max_length=300, blank=True)

    parameter_zh = models.CharField(_("parameter (Chinese)"), max_length=200, blank=True)
    parameter_en = models.CharField(_("parameter (English)"), max_length=200, blank=True)
    sample_quantity = models.CharField(_("sample quantity"), max_length=100, blank=True)
    sample_form_zh = models.CharField(_("form of the sample"), max_length=200, blank=True)
    sample_storage_zh = models.CharField(_("packing and storage of the sample"), max_length=200, blank=True)
    return_policy = models.CharField(_("what becomes of the sample"), max_length=16, choices=ReturnPolicy, blank=True)
    subcontracting = models.BooleanField(_("may be subcontracted"), default=False)
    mandatory = models.BooleanField(_("compulsory verification"), default=False)

    form = models.CharField(_("form of the inspection"), max_length=16, choices=Form, blank=True)
    inspection_level = models.CharField(_("inspection level"), max_length=8, blank=True)
    aql = models.JSONField(_("AQL by class of defect"), default=dict, blank=True)
    day_rate_fen = models.BigIntegerField(_("rate per person and day (fen)"), default=0)
    trip_fee_fen = models.BigIntegerField(_("fee per trip (fen)"), default=0)
    zone_fee_fen = models.BigIntegerField(_("fee for farther districts (fen)"), default=0)
    provider = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="agent_services",
        verbose_name=_("performed by"),
    )
    host_workstation = models.CharField(_("workstation"), max_length=24, blank=True)

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
            non_negative("day_rate_fen", "trip_fee_fen", "zone_fee_fen", name="offering_fees_are_not_negative"),
            models.CheckConstraint(
                condition=Q(mandatory=False) | Q(kind="verification", unit_price_fen=0),
                name="offering_compulsory_verification_is_free",
            ),
        ]
        indexes = [
            models.Index(fields=["name_pinyin", "id"], name="offering_by_name"),
            models.Index(fields=["lab", "kind"], name="offering_by_lab"),
            models.Index(  # all that counting the catalogue reads
                fields=["lab"],
                include=["kind", "instrument", "id"],
                condition=Q(state="published"),
                name="offering_published",
            ),
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

    def snapshot(self) -> dict[str, Any]:
        """Return all that it says, for JSON: its own columns, and whom and what it refers to by code and number."""
        derived = {"id", "state", "name_pinyin", "search_text", "search_bigrams"}
        columns = (each for each in self._meta.concrete_fields if each.name not in derived and not each.is_relation)
        return {
            **{each.name: getattr(self, each.attname) for each in columns},
            "lab": self.lab.code,
            "instrument": self.instrument.code if self.instrument else None,
            "provider": self.provider.code if self.provider else None,
            "instruments": sorted(each.code for each in self.instruments.all()),
            "standards": sorted(each.number for each in self.standards.all()),
        }

    @property
    def bring(self) -> str:
        """What a customer must bring, in the language of the page where known."""
        return chosen(self.bring_zh, self.bring_en)

    @property
    def safety(self) -> str:
        """The safety rules, in the language of the page where known."""
        return chosen(self.safety_zh, self.safety_en)

    @property
    def data_export(self) -> str:
        """How data are taken along, in the language of the page where known."""
        return chosen(self.data_export_zh, self.data_export_en)

    @property
    def parameter(self) -> str:
        """What is tested, in the language of the page where known."""
        return chosen(self.parameter_zh, self.parameter_en)

    @property
    def sample_requirement(self) -> str:
        """What to send, in the language of the page where known."""
        return chosen(self.sample_requirement_zh, self.sample_requirement_en)


class OfferingVersion(models.Model):
    """
    An offering as it was published, or changed while published: what quotes were made from. Never changed.

    Who published it has no foreign key constraint: a version outlives whom it names.
    """

    offering = models.ForeignKey(Offering, models.PROTECT, related_name="versions", verbose_name=_("offering"))
    version = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=16, choices=Offering.State)
    snapshot = models.JSONField(_("as it was"), encoder=DjangoJSONEncoder)
    published_at = models.DateTimeField(_("at"))
    published_by = models.ForeignKey(
        User, models.DO_NOTHING, null=True, db_constraint=False, related_name="+", verbose_name=_("by")
    )

    class Meta:
        verbose_name = _("version of an offering")
        verbose_name_plural = _("versions of offerings")
        ordering = ("offering", "-version")
        constraints = [
            models.UniqueConstraint(fields=["offering", "version"], name="offering_version_is_unique"),
            models.CheckConstraint(condition=Q(version__gte=1), name="offering_version_counts_from_one"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="offering_version_is_final",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=REFUSE,
            )
        ]

    def __str__(self) -> str:
        return f"{self.offering_id} v{self.version}"
