"""What is told of the hours of instruments and labs."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from kernel.periods import Period
from labs.catalogue.models import Instrument
from labs.hours import inputs, reasons
from labs.hours.models import HolidayDate
from labs.hours.reasons import Closed

__all__ = ["Closed", "announced_years", "closed_reasons"]


def closed_reasons(instrument: Instrument, start: datetime, end: datetime) -> list[Closed]:
    """
    Return why an instrument is closed between two instants, in order of time; two statements.

    Stretches of different kinds may overlap: a week of maintenance has its nights, too.
    """
    window = Period(start, end)
    gathered = inputs.of([instrument.pk], start.date() - timedelta(days=1), end.date() + timedelta(days=2))
    one = gathered[0]
    found: Iterable[Closed] = (
        *reasons.of_outages(one, window),
        *reasons.of_calibration(one, window),
        *reasons.of_days(one, *reasons.local_dates(one, start, end)),
    )
    clipped = [Closed(part, each.kind, each.text) for each in found if (part := each.period.clipped(window))]
    return sorted(clipped, key=lambda each: each.period)


def announced_years(first: date, end: date) -> set[int]:
    """Return the years of [first, end] whose holiday arrangement is known (BK-23)."""
    years = HolidayDate.objects.filter(date__year__gte=first.year, date__year__lte=end.year)
    return {found.year for found in years.dates("date", "year")}
