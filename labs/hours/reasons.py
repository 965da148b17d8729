"""Why an instrument is closed, in words: for the calendar that shows it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from kernel.bilingual import chosen
from kernel.periods import Period, without
from labs.calibration.rules import calibrated_periods
from labs.catalogue.models import Instrument
from labs.hours import rules
from labs.hours.inputs import Inputs


@dataclass(frozen=True, slots=True)
class Closed:
    """
    A stretch in which an instrument cannot be used, and why, in the language of the page.

    Kinds: `closed_day`, `outside_hours`; `maintenance`, `calibration`, `closure`, `external` (outages); `away` (its
    status); `not_calibrated`.
    """

    period: Period
    kind: str
    text: str


def of_days(one: Inputs, first: date, end: date) -> Iterator[Closed]:
    """Yield the closed stretches of the local dates [first, end): whole days, and the hours around the windows."""
    for day in rules.dates(first, end):
        found = rules.windows_of(day, one.lab.hours, one.lab.holidays, one.exceptions)
        if not found.windows:
            yield from _stretch(one, day, 0, rules.MINUTES_A_DAY, "closed_day", _why(one, day, found.because))
            continue
        before = 0
        for opens, closes in found.windows:
            text = _("Opens again at {time}") if before else _("Opens at {time}")
            yield from _stretch(one, day, before, opens, "outside_hours", text.format(time=_clock(opens)))
            before = closes
        text = _("Closed from {time}").format(time=_clock(before))
        yield from _stretch(one, day, before, rules.MINUTES_A_DAY, "outside_hours", text)


def of_outages(one: Inputs, window: Period) -> Iterator[Closed]:
    """Yield the outages of all units, and the time until an instrument that is away comes back."""
    named = {
        "maintenance": (_("Maintenance"), _("Maintenance: {reason}")),
        "calibration": (_("Away for calibration"), _("Away for calibration: {reason}")),
        "closure": (_("Closed"), _("Closed: {reason}")),
        "external": (_("In use elsewhere"), _("In use elsewhere")),  # what other calendars say is the lab's business
    }
    for outage in one.outages:
        if outage.units is None and (part := outage.period.clipped(window)):
            bare, with_reason = named[outage.kind]
            reason = chosen(outage.reason_zh, outage.reason_en)
            yield Closed(part, outage.kind, with_reason.format(reason=reason) if reason else bare)
    if one.status in Instrument.BOOKABLE:
        return
    status = str(Instrument.Status(one.status).label).capitalize()
    if one.expected_back_at is None or one.status not in Instrument.AWAY:
        yield Closed(window, "away", status)
    elif window.start < one.expected_back_at:
        back = one.expected_back_at.astimezone(one.lab.tz)
        text = _("{status}, expected back on {date} at {time}").format(
            status=status, date=_day(back.date()), time=f"{back:%H:%M}"
        )
        yield Closed(Period(window.start, min(window.end, one.expected_back_at)), "away", text)


def of_calibration(one: Inputs, window: Period) -> Iterator[Closed]:
    """Yield the stretches that no certificate covers (CAL-1), saying when the last ended or the next begins."""
    if not one.requires_calibration:
        return
    certified = calibrated_periods(one.validities, one.lab.tz)
    for gap in without([window], certified):
        ended = max((period.end for period in certified if period.end <= gap.start), default=None)
        begins = min((period.start for period in certified if period.start >= gap.end), default=None)
        if ended is not None:
            last_day = (ended - timedelta(seconds=1)).astimezone(one.lab.tz).date()
            text = _("Calibration ended on {date}").format(date=_day(last_day))
        elif begins is not None:
            text = _("Calibrated from {date}").format(date=_day(begins.astimezone(one.lab.tz).date()))
        else:
            text = _("Not calibrated")
        yield Closed(gap, "not_calibrated", text)


def _why(one: Inputs, day: date, because: rules.Because) -> str:
    """Return why a whole date is closed."""
    if because in ("instrument_exception", "lab_exception"):
        told = (one.exception_reasons if because == "instrument_exception" else one.lab.exception_reasons)[day]
        return chosen(told.zh, told.en) or _("Closed on this day")
    if because == "holiday":
        told = one.lab.holiday_names[day]
        return _("Holiday: {name}").format(name=chosen(told.zh, told.en))
    if because == "makeup_workday":
        return _("Make-up workday, on which the lab is closed")
    if day.weekday() < 5:
        return _("Closed on this day of the week")
    return _("Closed at weekends") if _keeps_weekends_closed(one) else _("Closed on this day of the week")


def _keeps_weekends_closed(one: Inputs) -> bool:
    weekly = one.lab.hours.weekly
    return not weekly.get(5) and not weekly.get(6)


def _stretch(one: Inputs, day: date, begins: int, ends: int, kind: str, text: str) -> Iterator[Closed]:
    start, end = rules.instant(day, begins, one.lab.tz), rules.instant(day, ends, one.lab.tz)
    if start < end:
        yield Closed(Period(start, end), kind, text)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _day(day: date) -> str:
    return date_format(day, "Y-m-d")


def local_dates(one: Inputs, start: datetime, end: datetime) -> tuple[date, date]:
    """Return the local dates [first, end) that the time touches."""
    last = (end - timedelta(microseconds=1)).astimezone(one.lab.tz).date()
    return start.astimezone(one.lab.tz).date(), last + timedelta(days=1)
