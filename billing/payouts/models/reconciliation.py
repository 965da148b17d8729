"""Where the books do not agree with what is outside them: each difference a row, from when until when (BL-37)."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from kernel.money import Money


class ReconciliationRun(models.Model):
    """One comparison: when, by whom (nobody: at night), what it found; the bank's files reached to `covered_until`."""

    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    covered_until = models.DateField(null=True)
    opened = models.PositiveIntegerField(default=0)
    closed = models.PositiveIntegerField(default=0)
    standing = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.standing}"


class DifferenceQuerySet(models.QuerySet["Difference"]):
    """Differences by whether they still are."""

    def standing(self) -> Self:
        """Those that are still there, the oldest first."""
        return self.filter(closed_at=None).order_by("on", "pk")


class Difference(models.Model):
    """
    One disagreement: what it is about (`key`), since which day, and the amounts of both sides; fen.

    `outside_fen` is what the bank or the bill says, `books_fen` what the books say. It closes when it is gone.
    """

    class Kind(models.TextChoices):
        BANK = "bank", _("The bank has moved money that is not in the books")
        BOOKS = "books", _("The books have moved money that the bank does not show")
        ESCROW = "escrow", _("The escrow of an order is not what its bill says")

    kind = models.CharField(max_length=8, choices=Kind)
    key = models.CharField(max_length=40)
    told = models.CharField(max_length=300, blank=True, default="")
    on = models.DateField()
    outside_fen = models.BigIntegerField()
    books_fen = models.BigIntegerField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    objects = DifferenceQuerySet.as_manager()

    class Meta:
        ordering = ("-on", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], condition=Q(closed_at=None), name="difference_stands_once"),
            models.CheckConstraint(name="difference_differs", condition=~Q(outside_fen=models.F("books_fen"))),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @property
    def outside(self) -> Money:
        """What the bank or the bill says."""
        return Money(self.outside_fen)

    @property
    def books(self) -> Money:
        """What the books say."""
        return Money(self.books_fen)

    @property
    def off(self) -> Money:
        """By how much they differ."""
        return Money(self.outside_fen - self.books_fen)
