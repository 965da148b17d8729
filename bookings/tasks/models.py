"""Tasks of a lab's desk."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, User
from bookings.rentals.models import Rental
from labs.models import Lab


class TaskQuerySet(models.QuerySet["Task"]):
    """Tasks by whose they are and whether they are done."""

    def visible_to(self, member: Membership) -> Self:
        """Tasks of the labs of the member's own organisation."""
        return self.filter(lab__organisation_id=member.organisation_id)

    def open(self) -> Self:
        """Tasks that nobody has seen to."""
        return self.filter(closed_at__isnull=True)


class Task(models.Model):
    """
    Something a lab must see to, about a rental or not.

    While it is open there is no other of its kind about the same rental. `facts` are what was known when it was opened
    or last changed: for a calibration `gaps`, [[start, end], ...] in UTC; for what cannot take place, what the rental's
    `needs_rebooking` says; for a use that runs over, the number of the one before. One that closes by itself has no
    `closed_by`.
    """

    class Kind(models.TextChoices):
        CALIBRATION = "calibration", _("calibration no longer covers a booking")
        OUTAGE = "outage", _("a booking cannot take place: out of service")
        CAPACITY = "capacity", _("a booking cannot take place: fewer units")
        HOURS = "hours", _("a booking cannot take place: closed then")
        CUT_SHORT = "cut_short", _("out of service while it is used")
        RUNS_OVER = "runs_over", _("the use before this booking runs over")
        OPERATOR = "operator", _("nobody is there to operate a booking")
        UNUSABLE = "unusable", _("a customer says a run was of no use")
        DAMAGE = "damage", _("damage was found")

    kind = models.CharField(_("kind"), max_length=24, choices=Kind)
    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, related_name="tasks")
    rental = models.ForeignKey(Rental, on_delete=models.PROTECT, null=True, blank=True, related_name="tasks")
    facts = models.JSONField(default=dict, blank=True)
    opened_at = models.DateTimeField(_("since"))
    closed_at = models.DateTimeField(_("seen to at"), null=True, blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(_("what was done"), max_length=500, blank=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ("opened_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "rental"], condition=Q(closed_at__isnull=True), name="task_open_once_a_rental"
            ),
            models.CheckConstraint(
                name="task_closed_after_it_was_opened",
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")),
            ),
            models.CheckConstraint(
                name="task_closed_by_a_person_says_how",
                condition=Q(closed_by__isnull=True) | (Q(closed_at__isnull=False) & ~Q(note="")),
            ),
        ]
        indexes = [
            models.Index(fields=["lab", "opened_at"], condition=Q(closed_at__isnull=True), name="task_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.rental_id or ''}".strip()
