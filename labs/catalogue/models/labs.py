"""Labs, their rooms, and where in the city they belong."""

from typing import Self
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from kernel.bilingual import Bilingual, chosen


class Zone(Bilingual, models.Model):
    """A part of the city with a name of its own beside its districts: 知识城, 科学城, 大学城."""

    code = models.CharField(_("code"), max_length=24)
    name_zh = models.CharField(_("Chinese name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("zone")
        verbose_name_plural = _("zones")
        ordering = ("code",)
        constraints = [models.UniqueConstraint(fields=["code"], name="zone_code_is_unique")]

    def __str__(self) -> str:
        return self.name


class Cluster(Bilingual, models.Model):
    """A cluster of industry that a lab serves: cosmetics, semiconductors, connected vehicles."""

    code = models.CharField(_("code"), max_length=24)
    name_zh = models.CharField(_("Chinese name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("industry cluster")
        verbose_name_plural = _("industry clusters")
        ordering = ("code",)
        constraints = [models.UniqueConstraint(fields=["code"], name="cluster_code_is_unique")]

    def __str__(self) -> str:
        return self.name


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
    organisation = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, related_name="labs", verbose_name=_("organisation")
    )
    name_zh = models.CharField(_("Chinese name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    lab_type = models.CharField(_("type"), max_length=32, choices=Type, default=Type.TESTING_LAB)
    district = models.ForeignKey(
        "accounts.District", models.PROTECT, null=True, blank=True, related_name="labs", verbose_name=_("district")
    )
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
    zones = models.ManyToManyField(Zone, blank=True, related_name="labs", verbose_name=_("zones"))
    clusters = models.ManyToManyField(Cluster, blank=True, related_name="labs", verbose_name=_("industry clusters"))

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
    lab = models.ForeignKey(Lab, models.CASCADE, related_name="rooms", verbose_name=_("lab"))
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
