"""Operators, when they work, and who is qualified for which instrument until when."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from kernel.bilingual import Bilingual
from kernel.periods import Period
from labs.catalogue.models import Instrument, Lab
from labs.hours.models import MINUTES_A_DAY, OpeningWindow, Reasoned


class Operator(Bilingual, models.Model):
    """A person of the lab who operates instruments (操作人员)."""

    class Role(models.TextChoices):
        OPERATOR = "operator", _("operator")
        REVIEWER = "reviewer", _("reviewer")
        AUTHORIZED_SIGNATORY = "authorized_signatory", _("authorised signatory")

    code = models.CharField(_("code"), max_length=24)
    lab = models.ForeignKey(Lab, models.CASCADE, related_name="operators", verbose_name=_("lab"))
    name_zh = models.CharField(_("Chinese name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=60, blank=True)
    roles = ArrayField(models.CharField(max_length=24, choices=Role), default=list, blank=True, verbose_name=_("roles"))
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="operator",
        verbose_name=_("person"),
    )
    is_active = models.BooleanField(_("is active"), default=True)

    class Meta:
        verbose_name = _("operator")
        verbose_name_plural = _("operators")
        ordering = ("code",)
        constraints = [models.UniqueConstraint(fields=["code"], name="operator_code_is_unique")]

    def __str__(self) -> str:
        return self.name


class OperatorHours(models.Model):
    """A stretch of an operator's week in minutes of the lab's local day; who has none works the lab's hours (BK-10)."""

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="hours")
    day = models.PositiveSmallIntegerField(_("day"), choices=OpeningWindow.Day)
    begins_minute = models.PositiveSmallIntegerField(_("begins at minute"))
    ends_minute = models.PositiveSmallIntegerField(_("ends at minute"))

    class Meta:
        verbose_name = _("operator's hours")
        verbose_name_plural = _("operators' hours")
        ordering = ("operator", "day", "begins_minute")
        constraints = [
            models.CheckConstraint(condition=Q(day__lte=7), name="operator_hours_day_is_known"),
            models.CheckConstraint(
                condition=Q(begins_minute__lt=F("ends_minute"), ends_minute__lte=MINUTES_A_DAY),
                name="operator_hours_are_within_the_day",
            ),
            ExclusionConstraint(
                name="operator_hours_do_not_overlap",
                expressions=[
                    ("operator", RangeOperators.EQUAL),
                    ("day", RangeOperators.EQUAL),
                    (Func(F("begins_minute"), F("ends_minute"), function="int4range"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operator_id}: {self.get_day_display()} {self.begins_minute}-{self.ends_minute}"


class OperatorLeave(Reasoned):
    """A time in which an operator is away (BK-10)."""

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="leaves")
    period = DateTimeRangeField(_("period"))

    class Meta:
        verbose_name = _("operator's leave")
        verbose_name_plural = _("operators' leaves")
        ordering = ("period", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(period__isempty=False, period__lower_inf=False, period__upper_inf=False),
                name="operator_leave_has_a_beginning_and_an_end",
            ),
        ]
        indexes = [GistIndex(fields=["operator", "period"], name="operator_leave_by_time")]

    def __str__(self) -> str:
        return f"{self.operator_id} {self.period}"

    @property
    def stretch(self) -> Period:
        """Its time, as a value."""
        return Period.from_range(self.period)


class OperatorQualification(models.Model):
    """That an operator may run an instrument, through a date (BK-10)."""

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="qualifications")
    instrument = models.ForeignKey(
        Instrument, models.CASCADE, related_name="operator_qualifications", verbose_name=_("instrument")
    )
    valid_to = models.DateField(_("valid to"))

    class Meta:
        verbose_name = _("operator's qualification")
        verbose_name_plural = _("operators' qualifications")
        ordering = ("operator", "instrument")
        constraints = [
            models.UniqueConstraint(fields=["operator", "instrument"], name="operator_qualification_is_unique"),
        ]
        indexes = [models.Index(fields=["instrument", "valid_to"], name="operator_qualified_until")]

    def __str__(self) -> str:
        return f"{self.operator_id}: {self.instrument_id} to {self.valid_to}"


class UserQualification(models.Model):
    """
    That a person may run an instrument themself (上机资格), through a date (BK-11).

    Whoever may do so under supervision books it with the lab's operator.
    """

    class Level(models.TextChoices):
        SUPERVISED = "supervised", _("under supervision")
        INDEPENDENT = "independent", _("independently")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="qualifications", verbose_name=_("person")
    )
    instrument = models.ForeignKey(
        Instrument, models.CASCADE, related_name="user_qualifications", verbose_name=_("instrument")
    )
    level = models.CharField(_("level"), max_length=16, choices=Level, default=Level.INDEPENDENT)
    issued_by_zh = models.CharField(_("issued by"), max_length=200, blank=True)
    issued_on = models.DateField(_("issued on"))
    valid_to = models.DateField(_("valid to"))

    class Meta:
        verbose_name = _("user's qualification")
        verbose_name_plural = _("users' qualifications")
        ordering = ("user", "instrument")
        constraints = [
            models.UniqueConstraint(fields=["user", "instrument"], name="user_qualification_is_unique"),
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("issued_on")), name="user_qualification_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.instrument_id} to {self.valid_to}"
