"""Who has what, when: resources and their occupancy, the one table with no overlap."""

from datetime import datetime
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kernel.periods import Period
from labs.models import Instrument, Operator, Room


class Resource(models.Model):
    """
    Something whose units can be taken, and the thing says how many: positions of an instrument, places of a room.

    An operator is one (BK-10).
    """

    class Kind(models.TextChoices):
        INSTRUMENT = "instrument", _("instrument")
        ROOM = "room", _("room")
        OPERATOR = "operator", _("operator")

    kind = models.CharField(max_length=12, choices=Kind)
    instrument = models.OneToOneField(Instrument, null=True, blank=True, on_delete=models.CASCADE)
    room = models.OneToOneField(Room, null=True, blank=True, on_delete=models.CASCADE)
    operator = models.OneToOneField(Operator, null=True, blank=True, on_delete=models.CASCADE)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="resource_is_one_thing",
                condition=Q(kind="instrument", instrument__isnull=False, room__isnull=True, operator__isnull=True)
                | Q(kind="room", instrument__isnull=True, room__isnull=False, operator__isnull=True)
                | Q(kind="operator", instrument__isnull=True, room__isnull=True, operator__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.instrument or self.room or self.operator}"


class OccupancyQuerySet(models.QuerySet["Occupancy"]):
    """Occupancies by when they are and whether they still keep others out."""

    def blocking(self, now: datetime) -> Self:
        """Those that keep others out: all but the lapsed ones (BK-18)."""
        return self.filter(Q(lapses_at__isnull=True) | Q(lapses_at__gt=now))

    def lapsed(self, now: datetime) -> Self:
        """Those whose hold has run out; they block nobody, and are cleared when someone needs the time."""
        return self.filter(lapses_at__lte=now)

    def within(self, period: Period) -> Self:
        """Those that share an instant with the period."""
        return self.filter(period__overlap=period.as_range())


class Occupancy(models.Model):
    """
    The time one unit of a resource is taken, buffers included (BK-6): one row a unit.

    `usage` is the time without buffers. The holder is a row of the step named by `holder_kind` (the schedule lies
    below those who hold it, and points at none of their tables). `lapses_at` set means a hold that may run out.

    Note [One index for a resource's time]
        The exclusion constraint's GiST index begins with the resource and answers every question by resource and
        time. A btree on the resource alone would draw the planner away from it: it then reads a resource's whole
        history to find one week.
    """

    class Holder(models.TextChoices):
        RENTAL = "rental", _("rental")

    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="occupancies", db_index=False)
    unit = models.PositiveSmallIntegerField(default=1)
    period = DateTimeRangeField()
    usage = DateTimeRangeField()
    holder_kind = models.CharField(max_length=12, choices=Holder)
    holder_id = models.BigIntegerField()
    lapses_at = models.DateTimeField(null=True, blank=True)

    objects = OccupancyQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="occupancy_no_overlap",
                expressions=[
                    ("resource", RangeOperators.EQUAL),
                    ("unit", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="occupancy_is_bounded",
                condition=Q(
                    period__isempty=False, period__lower_inf=False, period__upper_inf=False, usage__isempty=False
                ),
            ),
            models.CheckConstraint(name="occupancy_covers_its_usage", condition=Q(period__contains=F("usage"))),
            models.CheckConstraint(name="occupancy_unit_counts_from_one", condition=Q(unit__gte=1)),
        ]
        indexes = [
            models.Index(fields=["holder_kind", "holder_id"], name="occupancy_by_holder"),
            models.Index(fields=["lapses_at"], name="occupancy_by_lapse", condition=Q(lapses_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id}/{self.unit} {self.period}"
