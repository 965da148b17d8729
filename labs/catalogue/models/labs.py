"""Labs, their rooms, and what they are recognised for."""

from typing import Self
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from kernel.bilingual import Bilingual, chosen


class LabQuerySet(models.QuerySet["Lab"]):
    def published(self) -> Self:
        """Labs in the public catalogue."""
        return self.filter(is_active=True)

    def operated_by(self, member: Membership | None) -> Self:
        """Labs of the member's organisation."""
        return self.filter(organisation_id=member.organisation_id) if member else self.none()

    def visible_to(self, member: Membership | None) -> Self:
        """The public catalogue, and the member's own labs."""
        public = Q(is_active=True)
        return self.filter(public | Q(organisation_id=member.organisation_id) if member else public)


class Lab(Bilingual, models.Model):
    """An institution, or a part of it, that shares instruments and offers services, at one address."""

    class Type(models.TextChoices):
        TESTING_LAB = "testing_lab", _("Testing laboratory")
        METROLOGY_CENTRE = "metrology_centre", _("Metrology centre")
        INDUSTRY_METROLOGY_CENTRE = "industry_metrology_centre", _("Industry metrology centre")
        INSPECTION_BODY = "inspection_body", _("Inspection body")
        UNIVERSITY_CORE_FACILITY = "university_core_facility", _("University core facility")

    class MakeupPolicy(models.TextChoices):
        WORKDAY = "workday", _("Monday's hours")
        AS_WEEKDAY = "as_weekday", _("the hours of the date's own weekday")
        CLOSED = "closed", _("closed")

    code = models.CharField(_("code"), max_length=24)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="labs")
    name_zh = models.CharField(_("Chinese name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    lab_type = models.CharField(_("type"), max_length=32, choices=Type, default=Type.TESTING_LAB)
    district = models.ForeignKey("accounts.District", models.PROTECT, null=True, blank=True, related_name="labs")
    lat = models.FloatField(_("latitude (WGS-84)"), null=True, blank=True)
    lon = models.FloatField(_("longitude (WGS-84)"), null=True, blank=True)
    address_zh = models.CharField(_("address"), max_length=300, blank=True)
    fields_zh = models.CharField(_("fields of work (Chinese)"), max_length=300, blank=True)
    fields_en = models.CharField(_("fields of work (English)"), max_length=300, blank=True)
    timezone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    makeup_policy = models.CharField(
        _("on make-up workdays"), max_length=16, choices=MakeupPolicy, default=MakeupPolicy.WORKDAY
    )
    cutoff_time = models.TimeField(_("samples count for the day until"), default="16:00")
    contact_phone = models.CharField(_("phone"), max_length=40, blank=True)
    is_active = models.BooleanField(_("is active"), default=True)

    objects = LabQuerySet.as_manager()

    class Meta:
        verbose_name = _("lab")
        verbose_name_plural = _("labs")
        ordering = ("code",)
        constraints = [models.UniqueConstraint(fields=["code"], name="lab_code_is_unique")]

    def __str__(self) -> str:
        return self.name

    @property
    def tz(self) -> ZoneInfo:
        """The zone in which its business rules run."""
        return ZoneInfo(self.timezone)

    @property
    def fields_of_work(self) -> str:
        """Its fields of work, in the language of the page where known."""
        return chosen(self.fields_zh, self.fields_en)


class Room(Bilingual, models.Model):
    """A room that an instrument stands in and that a rental may take as a whole."""

    code = models.CharField(_("code"), max_length=24)
    lab = models.ForeignKey(Lab, models.CASCADE, related_name="rooms")
    name_zh = models.CharField(_("Chinese name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=100, blank=True)
    capacity = models.PositiveSmallIntegerField(_("capacity"), default=1)

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        ordering = ("code",)
        constraints = [
            models.UniqueConstraint(fields=["code"], name="room_code_is_unique"),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="room_capacity_is_at_least_one"),
        ]

    def __str__(self) -> str:
        return self.name


class Accreditation(models.Model):
    """What a lab is recognised for, by a certificate with a validity."""

    class Kind(models.TextChoices):
        CMA = "CMA", _("CMA")
        CNAS = "CNAS", _("CNAS")
        JLSQ = "JLSQ", _("metrological authorisation")

    lab = models.ForeignKey(Lab, models.CASCADE, related_name="accreditations")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    number = models.CharField(_("number"), max_length=60)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"))

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
