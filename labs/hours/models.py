"""When labs are open, when instruments are out, and the open time that follows."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from kernel.bilingual import Bilingual, chosen
from kernel.multiranges import MultirangeField
from kernel.periods import Period
from labs.catalogue.models import Instrument, Lab

MINUTES_A_DAY = 24 * 60


class HolidayDate(Bilingual, models.Model):
    """A date of the State Council's arrangement: a holiday, or a workday that makes up for one (BK-23)."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("holiday")
        MAKEUP_WORKDAY = "makeup_workday", _("make-up workday")

    date = models.DateField(_("date"))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    name_zh = models.CharField(_("Chinese name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("holiday or make-up workday")
        verbose_name_plural = _("holidays and make-up workdays")
        ordering = ("date",)
        constraints = [models.UniqueConstraint(fields=["date"], name="holiday_date_is_unique")]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


class OpeningWindow(models.Model):
    """A stretch of a lab's week in minutes of the lab's local day; a lunch break makes two."""

    class Day(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")
        HOLIDAY = 7, _("holidays")

    lab = models.ForeignKey(Lab, models.CASCADE, related_name="opening_windows", verbose_name=_("lab"))
    day = models.PositiveSmallIntegerField(_("day"), choices=Day)
    opens_minute = models.PositiveSmallIntegerField(_("opens at minute"))
    closes_minute = models.PositiveSmallIntegerField(_("closes at minute"))

    class Meta:
        verbose_name = _("opening window")
        verbose_name_plural = _("opening windows")
        ordering = ("lab", "day", "opens_minute")
        constraints = [
            models.CheckConstraint(condition=Q(day__lte=7), name="opening_window_day_is_known"),
            models.CheckConstraint(
                condition=Q(opens_minute__lt=F("closes_minute"), closes_minute__lte=MINUTES_A_DAY),
                name="opening_window_is_within_the_day",
            ),
            ExclusionConstraint(
                name="opening_windows_do_not_overlap",
                expressions=[
                    ("lab", RangeOperators.EQUAL),
                    ("day", RangeOperators.EQUAL),
                    (Func(F("opens_minute"), F("closes_minute"), function="int4range"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        opens, closes = divmod(self.opens_minute, 60), divmod(self.closes_minute, 60)
        return f"{self.get_day_display()} {opens[0]:02}:{opens[1]:02}-{closes[0]:02}:{closes[1]:02}"


class Reasoned(models.Model):
    """Something with a reason that is shown to people, in two languages."""

    reason_zh = models.CharField(_("reason (Chinese)"), max_length=200, blank=True)
    reason_en = models.CharField(_("reason (English)"), max_length=200, blank=True)

    class Meta:
        abstract = True

    @property
    def reason(self) -> str:
        """The reason in the language of the page where known."""
        return chosen(self.reason_zh, self.reason_en)


class DateException(Reasoned):
    """Other hours on one date, for a lab or for one instrument; no windows mean closed. The first word on the date."""

    lab = models.ForeignKey(
        Lab, models.CASCADE, null=True, blank=True, related_name="date_exceptions", verbose_name=_("lab")
    )
    instrument = models.ForeignKey(
        Instrument, models.CASCADE, null=True, blank=True, related_name="date_exceptions", verbose_name=_("instrument")
    )
    date = models.DateField(_("date"))
    windows = models.JSONField(_("windows in minutes"), default=list, blank=True)

    class Meta:
        verbose_name = _("date exception")
        verbose_name_plural = _("date exceptions")
        ordering = ("date", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(lab__isnull=False, instrument__isnull=True) | Q(lab__isnull=True, instrument__isnull=False),
                name="date_exception_is_of_a_lab_or_an_instrument",
            ),
            models.UniqueConstraint(
                fields=["lab", "date"], condition=Q(lab__isnull=False), name="date_exception_of_lab_is_unique"
            ),
            models.UniqueConstraint(
                fields=["instrument", "date"],
                condition=Q(instrument__isnull=False),
                name="date_exception_of_instrument_is_unique",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.reason}".strip()


class Outage(Reasoned):
    """A time in which a lab or an instrument is out (BK-8): of all units, or of a number of them."""

    class Kind(models.TextChoices):
        MAINTENANCE = "maintenance", _("maintenance")
        CALIBRATION = "calibration", _("calibration")
        CLOSURE = "closure", _("closure")
        EXTERNAL = "external", _("busy elsewhere")

    lab = models.ForeignKey(Lab, models.CASCADE, null=True, blank=True, related_name="outages", verbose_name=_("lab"))
    instrument = models.ForeignKey(
        Instrument, models.CASCADE, null=True, blank=True, related_name="outages", verbose_name=_("instrument")
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    period = DateTimeRangeField(_("period"))
    units = models.PositiveSmallIntegerField(_("units (empty: all)"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("entered by")
    )

    class Meta:
        verbose_name = _("outage")
        verbose_name_plural = _("outages")
        ordering = ("period", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(lab__isnull=False, instrument__isnull=True) | Q(lab__isnull=True, instrument__isnull=False),
                name="outage_is_of_a_lab_or_an_instrument",
            ),
            models.CheckConstraint(
                condition=Q(period__isempty=False, period__lower_inf=False, period__upper_inf=False),
                name="outage_has_a_beginning_and_an_end",
            ),
            models.CheckConstraint(
                condition=Q(units__isnull=True) | Q(units__gte=1), name="outage_takes_at_least_one_unit"
            ),
        ]
        indexes = [
            GistIndex(fields=["instrument", "period"], name="outage_of_instrument_by_time"),
            GistIndex(fields=["lab", "period"], name="outage_of_lab_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reason}".strip()

    @property
    def stretch(self) -> Period:
        """Its period, as a value."""
        return Period.from_range(self.period)


class OpenTime(models.Model):
    """
    When an instrument may be used, before anyone books it: kept in step with its inputs, for a rolling horizon.

    Note [Open time]
        `open` is the lab's hours, `blocked` the outages of all units, `calibrated` the time CAL-1 allows; all three
        within the local dates [horizon_from, horizon_to). Whatever changes an input locks these rows, in key order,
        and rebuilds them in the same transaction; a booking locks the row before it is written, so that the hours
        cannot change under it. `version` counts the changes, those too that these columns do not show: some units are
        out, an operator is on leave.
    """

    instrument = models.OneToOneField(
        Instrument, models.CASCADE, related_name="open_time", verbose_name=_("instrument")
    )
    open = MultirangeField()
    blocked = MultirangeField()
    calibrated = MultirangeField()
    horizon_from = models.DateField()
    horizon_to = models.DateField()
    version = models.BigIntegerField(default=1)
    built_at = models.DateTimeField()

    class Meta:
        verbose_name = _("open time")
        verbose_name_plural = _("open times")
        ordering = ("instrument",)
        constraints = [
            models.CheckConstraint(condition=Q(horizon_to__gt=F("horizon_from")), name="open_time_has_a_horizon"),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_id}: {self.horizon_from} to {self.horizon_to}"
