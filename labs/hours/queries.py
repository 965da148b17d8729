"""What is told of the hours of instruments and labs."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from kernel.bilingual import chosen
from kernel.periods import Period, without
from labs.catalogue.models import Instrument, Lab
from labs.hours import inputs, reasons, rules
from labs.hours.events import HolidaysImported, HoursEvent, OpeningHoursSet
from labs.hours.inputs import Inputs
from labs.hours.models import DateException, HolidayDate, OpeningWindow, Outage
from labs.hours.open_time import horizon
from labs.hours.reasons import Closed

__all__ = [
    "Closed",
    "announced_years",
    "closed_reasons",
    "days",
    "exceptions_ahead",
    "open_by_exception",
    "open_by_week",
    "outages_ahead",
    "outages_over",
    "touched_by_hours",
    "week_of",
    "week_seen",
]


type ByInstrument = dict[int, list[Period]]
type Exceptions = Mapping[date, tuple[rules.Window, ...]]


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


# --- The week, and the days of a month -----------------------------------------------------------------------------


def week_of(lab: Lab) -> dict[str, Any]:
    """Return a lab's week as its history tells it: windows in minutes by day, and the policy of make-up workdays."""
    week: dict[str, Any] = {str(day): [] for day in range(rules.HOLIDAY_HOURS + 1)}
    for window in OpeningWindow.objects.filter(lab=lab).order_by("day", "opens_minute"):
        week[str(window.day)].append([window.opens_minute, window.closes_minute])
    return {**week, "makeup_policy": lab.makeup_policy}


def week_seen(week: Mapping[str, Any]) -> str:
    """Return a short mark of a week, by which a form says which week its writer saw."""
    return hashlib.sha256(json.dumps(week, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Day:
    """
    A local date of a lab or an instrument: its day type (BK-3), when it is open, and what is out.

    `open` is what remains of the day's windows outside the outages of all units; `because` is the rule that decided.
    """

    date: date
    day_type: rules.DayType
    because: rules.Because
    open: tuple[Period, ...]
    outages: tuple[tuple[Period, str, str], ...]
    holiday: inputs.Told | None
    reason: inputs.Told | None


def days(lab: Lab, first: date, end: date, instrument: Instrument | None = None) -> list[Day]:
    """Return the local dates [first, end) of a lab, or of one of its instruments; one or two statements."""
    if instrument is None:
        shared = inputs.of_lab(lab.pk, first, end)
        own: Exceptions = {}
        told: Mapping[date, inputs.Told] = {}
        outages = shared.outages
    else:
        (one,) = inputs.of([instrument.pk], first, end)
        shared, own, told, outages = one.lab, one.exceptions, one.exception_reasons, one.outages
    tz = shared.tz
    found = []
    for day in rules.dates(first, end):
        whole = Period(rules.midnight(day, tz), rules.midnight(day + rules.ONE_DAY, tz))
        decided = rules.windows_of(day, shared.hours, shared.holidays, own)
        windows = rules.open_periods(day, day + rules.ONE_DAY, shared.hours, shared.holidays, tz, own)
        out = [(part, each) for each in outages if (part := each.period.clipped(whole))]
        found.append(
            Day(
                date=day,
                day_type=rules.day_type(day, shared.holidays),
                because=decided.because,
                open=tuple(without(windows, [part for part, each in out if each.units is None])),
                outages=tuple((part, each.kind, chosen(each.reason_zh, each.reason_en)) for part, each in out),
                holiday=shared.holiday_names.get(day),
                reason=told.get(day) or shared.exception_reasons.get(day),
            )
        )
    return found


def exceptions_ahead(lab: Lab, today: date) -> QuerySet[DateException]:
    """Return the exceptions of a lab and of its instruments from a date on, the next first."""
    theirs = DateException.objects.filter(Q(lab=lab) | Q(instrument__lab=lab), date__gte=today)
    return theirs.select_related("lab", "instrument").order_by("date", "pk")


def outages_ahead(lab: Lab, now: datetime) -> QuerySet[Outage]:
    """Return the outages of a lab and of its instruments that are not over, the next first."""
    theirs = Outage.objects.filter(Q(lab=lab) | Q(instrument__lab=lab), period__endswith__gt=now)
    return theirs.select_related("lab", "instrument", "created_by").order_by("period", "pk")


def outages_over(instrument: Instrument, period: Period) -> QuerySet[Outage]:
    """Return the outages of an instrument and of its lab during a period, the first to begin first."""
    theirs = Outage.objects.filter(Q(lab=instrument.lab_id) | Q(instrument=instrument))
    return theirs.filter(period__overlap=period.as_range()).order_by("period", "pk")


def touched_by_hours(event: HoursEvent) -> list[int]:
    """Return the keys of the instruments whose hours are others now; holidays are felt by all."""
    rows = Instrument.objects.order_by("pk")
    if not isinstance(event, HolidaysImported):
        one = None if isinstance(event, OpeningHoursSet) else event.instrument_id
        rows = rows.filter(pk=one) if one else rows.filter(lab=event.lab_id)
    return list(rows.values_list("pk", flat=True))


# --- What a change would leave open ----------------------------------------------------------------------------------


def open_by_week(
    lab: Lab, *, weekly: Mapping[int, Sequence[rules.Window]], makeup_policy: str, now: datetime
) -> ByInstrument:
    """Return when the instruments of a lab would be open in another week, as far ahead as anything may be booked."""
    week = {day: tuple(windows) for day, windows in weekly.items()}

    def changed(one: Inputs) -> tuple[rules.Hours, Exceptions]:
        return replace(one.lab.hours, weekly=week, makeup_policy=makeup_policy), one.exceptions

    return _open_if(lab.instruments.all(), *horizon(now, lab.tz), changed)


def open_by_exception(
    of: Lab | Instrument, *, day: date, windows: Sequence[rules.Window], now: datetime
) -> ByInstrument:
    """Return when instruments would be open with other hours on one date, as far ahead as anything may be booked."""

    def changed(one: Inputs) -> tuple[rules.Hours, Exceptions]:
        if isinstance(of, Instrument):
            return one.lab.hours, {**one.exceptions, day: tuple(windows)}
        return replace(one.lab.hours, exceptions={**one.lab.hours.exceptions, day: tuple(windows)}), one.exceptions

    touched = Instrument.objects.filter(pk=of.pk) if isinstance(of, Instrument) else of.instruments.all()
    lab = of.lab if isinstance(of, Instrument) else of
    return _open_if(touched, *horizon(now, lab.tz), changed)


def _open_if(
    instruments: QuerySet[Instrument],
    first: date,
    end: date,
    changed: Callable[[Inputs], tuple[rules.Hours, Exceptions]],
) -> ByInstrument:
    keys = list(instruments.order_by("pk").values_list("pk", flat=True))
    found: ByInstrument = {}
    shared: list[Period] | None = None  # of all instruments without exceptions of their own
    for one in inputs.of(keys, first, end) if keys else ():
        hours, exceptions = changed(one)
        if not exceptions and shared is not None:
            found[one.instrument_id] = shared
            continue
        found[one.instrument_id] = rules.open_periods(first, end, hours, one.lab.holidays, one.lab.tz, exceptions)
        if not exceptions:
            shared = found[one.instrument_id]
    return found
