"""Instruments, how they are classified, and what they measure."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from kernel.bilingual import Bilingual, chosen
from labs.catalogue import rules
from labs.catalogue.models.labs import Lab, Room
from labs.catalogue.models.searchable import Searchable, non_negative


class InstrumentCategory(Bilingual, models.Model):
    """A class of instruments in a classification; the first two digits are level 1, the next two level 2."""

    scheme = models.CharField(_("scheme"), max_length=40, default="national-large-instruments")
    code = models.CharField(_("code"), max_length=8)
    name_zh = models.CharField(_("Chinese name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("instrument category")
        verbose_name_plural = _("instrument categories")
        ordering = ("scheme", "code")
        constraints = [
            models.UniqueConstraint(fields=["scheme", "code"], name="instrument_category_code_is_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def level1(self) -> str:
        """The code of its first level."""
        return self.code[:2]


class InstrumentQuerySet(models.QuerySet["Instrument"]):
    def published(self) -> Self:
        """Instruments in the public catalogue: their rental is published and their lab is active."""
        return self.filter(lab__is_active=True, rental_offering__state="published").exclude(
            status=Instrument.Status.RETIRED
        )

    def bookable_by(self, member: Membership | None) -> Self:
        """Published instruments whose status allows booking now or from a known day on (BK-1)."""
        del member  # whoever may see it may ask for it; what the organisation may do is BK-1's other half
        return self.published().filter(
            Q(status__in=Instrument.BOOKABLE) | Q(expected_back_at__isnull=False, status__in=Instrument.AWAY)
        )

    def operated_by(self, member: Membership | None) -> Self:
        """Instruments of the labs of the member's organisation."""
        return self.filter(lab__organisation_id=member.organisation_id) if member else self.none()

    def visible_to(self, member: Membership | None) -> Self:
        """The public catalogue, and the instruments of the member's own labs."""
        public = Q(lab__is_active=True, rental_offering__state="published") & ~Q(status=Instrument.Status.RETIRED)
        return self.filter(public | Q(lab__organisation_id=member.organisation_id) if member else public)


class Instrument(Searchable):
    """An instrument (仪器设备) that may be rented by time, or used for a lab's services."""

    class Status(models.TextChoices):
        AVAILABLE = "available", _("available")
        IN_USE = "in_use", _("in use")
        MAINTENANCE = "maintenance", _("in maintenance")
        CALIBRATION = "calibration", _("away for calibration")
        FAULT = "fault", _("out of order")
        SUSPENDED = "suspended", _("suspended")
        RETIRED = "retired", _("retired")

    class ClassKind(models.TextChoices):
        GENERAL = "general", _("general-purpose")
        SPECIAL = "special", _("special-purpose")

    class RentalMode(models.TextChoices):
        SELF = "self", _("operated by oneself")
        ASSISTED = "assisted", _("operated by the lab")
        BOTH = "both", _("by oneself or by the lab")

    class Material(models.TextChoices):
        FLAMMABLE = "flammable", rules.MATERIALS["flammable"]
        CORROSIVE = "corrosive", rules.MATERIALS["corrosive"]
        TOXIC = "toxic", rules.MATERIALS["toxic"]
        OXIDISING = "oxidising", rules.MATERIALS["oxidising"]
        PRESSURISED = "pressurised", rules.MATERIALS["pressurised"]
        CRYOGENIC = "cryogenic", rules.MATERIALS["cryogenic"]
        NANOMATERIAL = "nanomaterial", rules.MATERIALS["nanomaterial"]
        BIOLOGICAL_1 = "biological_1", rules.MATERIALS["biological_1"]
        BIOLOGICAL_2 = "biological_2", rules.MATERIALS["biological_2"]
        RADIOACTIVE = "radioactive", rules.MATERIALS["radioactive"]

    BOOKABLE = (Status.AVAILABLE, Status.IN_USE)
    AWAY = (Status.MAINTENANCE, Status.CALIBRATION, Status.FAULT)
    """Statuses that pass: with `expected_back_at`, the instrument may be booked from then on."""

    lab = models.ForeignKey(Lab, models.PROTECT, related_name="instruments", verbose_name=_("lab"))
    category = models.ForeignKey(
        InstrumentCategory, models.PROTECT, related_name="instruments", verbose_name=_("category")
    )
    class_kind = models.CharField(_("kind"), max_length=16, choices=ClassKind, default=ClassKind.GENERAL)
    model = models.CharField(_("model"), max_length=100, blank=True)
    original_value_fen = models.BigIntegerField(_("original value (fen)"), default=0)
    commissioned_year = models.PositiveSmallIntegerField(_("in use since"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.AVAILABLE)
    expected_back_at = models.DateTimeField(_("expected back at"), null=True, blank=True)
    capacity = models.PositiveSmallIntegerField(_("capacity"), default=1)
    capacity_unit_zh = models.CharField(_("unit of capacity"), max_length=20, default="台")
    shared_condition_profile = models.BooleanField(_("runs one condition for all"), default=False)
    rental_mode = models.CharField(_("rental mode"), max_length=16, choices=RentalMode, default=RentalMode.BOTH)
    training_required = models.BooleanField(_("training required"), default=False)
    span_closed = models.BooleanField(_("may run unattended while closed"), default=False)
    unattended_buffers = models.BooleanField(_("buffers may lie outside opening hours"), default=True)
    requires_calibration = models.BooleanField(_("must be calibrated"), default=True)
    materials_allowed = ArrayField(
        models.CharField(max_length=16, choices=Material),
        verbose_name=_("hazardous materials allowed"),
        default=list,
        blank=True,
    )
    room = models.ForeignKey(
        Room, models.SET_NULL, null=True, blank=True, related_name="instruments", verbose_name=_("room")
    )
    maker = models.CharField(_("maker"), max_length=200, blank=True)
    serial_no = models.CharField(_("serial number"), max_length=100, blank=True, help_text=_("Seen by the lab alone."))
    asset_no = models.CharField(_("asset number"), max_length=100, blank=True, help_text=_("Seen by the lab alone."))
    not_for_loan_zh = models.CharField(_("parts not lent"), max_length=300, blank=True)
    description_zh = models.TextField(_("description (Chinese)"), blank=True)
    description_en = models.TextField(_("description (English)"), blank=True)

    objects = InstrumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("instrument")
        verbose_name_plural = _("instruments")
        ordering = ("name_pinyin", "pk")
        constraints = [
            models.UniqueConstraint(fields=["code"], name="instrument_code_is_unique"),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="instrument_capacity_is_at_least_one"),
            non_negative("original_value_fen", name="instrument_value_is_not_negative"),
        ]
        indexes = [
            models.Index(fields=["name_pinyin", "id"], name="instrument_by_name"),
            models.Index(  # all that counting the catalogue reads
                fields=["id"], include=["category", "lab", "status", "rental_mode"], name="instrument_in_short"
            ),
            GinIndex(fields=["search_bigrams"], name="instrument_bigrams"),
            GinIndex(
                fields=["name_zh", "name_en"], opclasses=["gin_trgm_ops", "gin_trgm_ops"], name="instrument_names_alike"
            ),
        ]

    @property
    def description(self) -> str:
        """What it is and is good for, in the language of the page where known."""
        return chosen(self.description_zh, self.description_en)

    @property
    def is_bookable(self) -> bool:
        """Whether its status allows booking, now or from `expected_back_at` on (BK-1)."""
        return self.status in self.BOOKABLE or (self.status in self.AWAY and self.expected_back_at is not None)

    def _search_text(self) -> str:
        return f"{super()._search_text()} {rules.normalised(self.model)}".strip()


class InstrumentGroup(Bilingual, models.Model):
    """Instruments of one lab of which any will do (BK-10): "one of four hardness testers"."""

    code = models.CharField(_("code"), max_length=40)
    lab = models.ForeignKey(Lab, models.CASCADE, related_name="instrument_groups", verbose_name=_("lab"))
    name_zh = models.CharField(_("Chinese name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=100, blank=True)
    instruments = models.ManyToManyField(Instrument, related_name="groups", verbose_name=_("instruments"))

    class Meta:
        verbose_name = _("group of instruments")
        verbose_name_plural = _("groups of instruments")
        ordering = ("code",)
        constraints = [models.UniqueConstraint(fields=["code"], name="instrument_group_code_is_unique")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class InstrumentPhoto(models.Model):
    """A picture of an instrument; the first is the one shown in lists."""

    instrument = models.ForeignKey(Instrument, models.CASCADE, related_name="photos", verbose_name=_("instrument"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    file = models.FileField(_("picture"), upload_to="instruments/%Y/")
    caption_zh = models.CharField(_("caption (Chinese)"), max_length=200, blank=True)
    caption_en = models.CharField(_("caption (English)"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ("instrument", "position")
        constraints = [
            models.UniqueConstraint(fields=["instrument", "position"], name="photo_position_is_unique"),
        ]

    def __str__(self) -> str:
        return self.caption or f"{self.instrument_id}.{self.position}"

    @property
    def caption(self) -> str:
        """What it shows, in the language of the page where known."""
        return chosen(self.caption_zh, self.caption_en)


class Parameter(Bilingual, models.Model):
    """What an instrument measures or does, as its data sheet says."""

    instrument = models.ForeignKey(Instrument, models.CASCADE, related_name="parameters", verbose_name=_("instrument"))
    position = models.PositiveSmallIntegerField(_("position"))
    name_zh = models.CharField(_("name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=100, blank=True)
    range = models.CharField(_("range"), max_length=100, blank=True)
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    accuracy = models.CharField(_("accuracy"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("parameter")
        verbose_name_plural = _("parameters")
        ordering = ("instrument", "position")
        constraints = [
            models.UniqueConstraint(fields=["instrument", "position"], name="parameter_position_is_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.range} {self.unit}".strip()
