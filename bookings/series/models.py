"""Series of rentals (系列预约): a rule of recurrence, and what became of each of its dates (BK-21)."""

import uuid
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation, User
from bookings.rentals.models import Rental
from bookings.series import rules
from labs.models import Instrument


class SeriesQuerySet(models.QuerySet["Series"]):
    """Series by whose they are."""

    def visible_to(self, member: Membership) -> Self:
        """Series of the member's own organisation."""
        return self.filter(organisation_id=member.organisation_id)

    def operated_by(self, member: Membership) -> Self:
        """Series on the instruments of the member's own labs."""
        return self.filter(instrument__lab__organisation_id=member.organisation_id)


class Series(models.Model):
    """
    The same rental again and again; each date is a rental of its own, with its own price and its own fate.

    `rule` is an RRULE of RFC 5545 (the subset of BK-21), expanded in the lab's zone from `first_on` at `starts_at`.
    `used_by` is who operates or accompanies it, where that is not who placed it.
    """

    class Policy(models.TextChoices):
        ALL_OR_NOTHING = rules.ALL_OR_NOTHING, _("all dates or none")
        SKIP_CONFLICTS = rules.SKIP_CONFLICTS, _("leave out dates that cannot be booked")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="series")
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    used_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="series")
    rule = models.CharField(max_length=200)
    first_on = models.DateField()
    starts_at = models.TimeField()
    minutes = models.PositiveIntegerField()
    mode = models.CharField(max_length=10, choices=Rental.Mode)
    units = models.PositiveSmallIntegerField(default=1)
    purpose = models.CharField(max_length=200, blank=True)
    profile = models.CharField(max_length=200, blank=True)
    materials = ArrayField(models.CharField(max_length=16, choices=Instrument.Material), default=list, blank=True)
    policy = models.CharField(max_length=16, choices=Policy)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = SeriesQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "series"
        ordering = ("-created_at", "-pk")
        constraints = [
            models.CheckConstraint(name="series_wants_time", condition=Q(minutes__gte=1, units__gte=1)),
        ]
        indexes = [models.Index(fields=["organisation", "-created_at"], name="series_by_organisation")]

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.rule}"

    @property
    def plan(self) -> rules.Plan:
        """What was asked for, as a value."""
        return rules.Plan(
            rule=rules.parse(self.rule),
            first_on=self.first_on,
            starts_at=self.starts_at,
            minutes=self.minutes,
            mode=self.mode,
            units=self.units,
            profile=self.profile,
            materials=tuple(self.materials),
        )


class SeriesDate(models.Model):
    """A local date of a series: booked as a rental, or left out and why: {"code", "text_zh", "text_en"}."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="dates")
    on = models.DateField()
    rental = models.OneToOneField(Rental, on_delete=models.PROTECT, null=True, blank=True, related_name="series_date")
    skipped = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ("series", "on")
        constraints = [
            models.UniqueConstraint(fields=["series", "on"], name="series_date_once_a_series"),
            models.CheckConstraint(
                name="series_date_is_booked_or_skipped",
                condition=Q(rental__isnull=False, skipped__isnull=True) | Q(rental__isnull=True, skipped__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series_id} {self.on}"
