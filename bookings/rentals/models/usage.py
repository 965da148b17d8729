"""How a rental was used: its runs, its record, and what interrupted it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bookings.rentals.models.rentals import Rental
from labs.models import Operator, Outage


class UsageRun(models.Model):
    """A stretch of a rental in which the instrument was used; an interruption ends one, resuming begins the next."""

    rental = models.ForeignKey(Rental, on_delete=models.CASCADE, related_name="runs")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("rental", "began_at")
        constraints = [
            models.UniqueConstraint(fields=["rental"], condition=Q(ended_at__isnull=True), name="usage_run_open_once"),
            models.CheckConstraint(
                name="usage_run_ends_after_it_begins",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("began_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rental_id} {self.began_at:%Y-%m-%d %H:%M}"


class UsageRecord(models.Model):
    """
    The usage record (使用记录) of a rental, begun at check-in and complete at check-out: evidence for figures.

    `positions` are the units of the instrument that check-in fixed. Counters are in hours. `consumables` are
    [{name, quantity, unit_price_fen}], `data_files` [{name, sha256}]. `correction` says why it began or ended at
    another instant than check-in and check-out were written down; the audit has both.
    """

    class Condition(models.TextChoices):
        GOOD = "good", _("in good condition")
        WORN = "worn", _("worn")
        DAMAGED = "damaged", _("damaged")
        BROKEN_DOWN = "broken", _("broken down")

    rental = models.OneToOneField(Rental, on_delete=models.CASCADE, related_name="usage")
    positions = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    operated_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    counter_start = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    counter_end = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    samples = models.PositiveIntegerField(null=True, blank=True)
    correction = models.CharField(max_length=300, blank=True)
    conditions = models.CharField(max_length=300, blank=True)
    anomalies = models.TextField(blank=True)
    condition = models.CharField(max_length=10, choices=Condition, blank=True)
    damage = models.TextField(blank=True)
    consumables = models.JSONField(default=list, blank=True)
    data_files = models.JSONField(default=list, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("rental",)
        constraints = [
            models.CheckConstraint(
                name="usage_record_ends_after_it_begins",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
            ),
            models.CheckConstraint(
                name="usage_record_counter_does_not_run_back",
                condition=Q(counter_end__isnull=True)
                | Q(counter_start__isnull=True)
                | Q(counter_end__gte=F("counter_start")),
            ),
            models.CheckConstraint(
                name="usage_record_that_ended_says_in_what_condition",
                condition=Q(ended_at__isnull=True) | ~Q(condition=""),
            ),
            models.CheckConstraint(
                name="usage_record_damage_is_described", condition=~Q(condition="damaged") | ~Q(damage="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rental_id} {self.started_at:%Y-%m-%d %H:%M}"


class Interruption(models.Model):
    """
    A breakdown during a rental, and what its customer chose (BL-24): go on, use the rest another time, or end here.

    `choice_due_at` is five working days later; whoever has not chosen by then has ended it. `unusable_at` is when the
    customer declared the run unusable, `objected_at` when the lab contradicted, at most two working days later.
    """

    class Choice(models.TextChoices):
        RESUME = "resume", _("go on when it is mended")
        REBOOK = "rebook", _("use the rest another time")
        ABANDON = "abandon", _("end here")

    rental = models.ForeignKey(Rental, on_delete=models.CASCADE, related_name="interruptions")
    began_at = models.DateTimeField()
    fault = models.CharField(max_length=500)
    reported_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    expected_back_at = models.DateTimeField(null=True, blank=True)
    outage = models.ForeignKey(Outage, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    choice_due_at = models.DateTimeField()
    choice = models.CharField(max_length=10, choices=Choice, blank=True)
    chosen_at = models.DateTimeField(null=True, blank=True)
    chosen_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    unusable_at = models.DateTimeField(null=True, blank=True)
    objected_at = models.DateTimeField(null=True, blank=True)
    objection = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("rental", "began_at")
        constraints = [
            models.UniqueConstraint(
                fields=["rental"], condition=Q(ended_at__isnull=True), name="interruption_open_once_a_rental"
            ),
            models.CheckConstraint(
                name="interruption_choice_says_when",
                condition=Q(choice="", chosen_at__isnull=True) | (~Q(choice="") & Q(chosen_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="interruption_objection_follows_a_declaration",
                condition=Q(objected_at__isnull=True) | Q(unusable_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["choice_due_at"], name="interruption_to_choose", condition=Q(choice="")),
        ]

    def __str__(self) -> str:
        return f"{self.rental_id} {self.began_at:%Y-%m-%d %H:%M}"
