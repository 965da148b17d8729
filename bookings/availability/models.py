"""What surely cannot be booked, a week of an instrument at a time, in quarter-hours."""

from django.db import models
from django.db.models.expressions import Case, CombinedExpression, F, When

from bookings.availability.rules.quarters import QUARTERS_A_WEEK
from kernel.bitstrings import BitStringField
from labs.models import Instrument


class InstrumentWeek(models.Model):
    """
    One week of one instrument as two strings of 672 quarter-hours, for searches over many instruments.

    Note [A filter that loses nothing]
        A quarter is marked (0) only where nobody can use any instant of it: in `open` it is closed, out of service or
        not calibrated from end to end; in `untaken` one occupancy of unit 1, no hold that may lapse, takes it from end
        to end. `untaken` counts only where `alone` says that the instrument has one unit; `free` is what both leave. A
        week without a row is closed. So a search may show too much, and judges what it shows by the rules; it never
        hides a free time. The database keeps the rows in step: see migrations 0002 and 0008, and docs/adr/0010.
    """

    pk = models.CompositePrimaryKey("week", "instrument_id")  # a search reads few weeks of many instruments
    instrument = models.ForeignKey(  # the database lets the weeks go with their instrument
        Instrument, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="weeks"
    )
    week = models.IntegerField()
    alone = models.BooleanField()
    open = BitStringField(length=QUARTERS_A_WEEK)
    untaken = BitStringField(length=QUARTERS_A_WEEK)
    free = models.GeneratedField(
        expression=Case(
            When(alone=True, then=CombinedExpression(F("open"), "&", F("untaken"), BitStringField(length=672))),
            default=F("open"),
        ),
        output_field=BitStringField(length=QUARTERS_A_WEEK),
        db_persist=True,
    )

    def __str__(self) -> str:
        return f"{self.instrument_id}, week {self.week}"
