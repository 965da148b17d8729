"""What the open time of instruments follows from, gathered in two statements however many they are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from kernel.bilingual import chosen
from kernel.periods import Period
from labs.calibration.rules import Validity
from labs.hours.rules import HolidayKind, Hours, Window


@dataclass(frozen=True, slots=True)
class Out:
    """An outage as a value: when, why, and of how many units (None: of all)."""

    period: Period
    kind: str
    reason_zh: str
    reason_en: str
    units: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """What people are told about a date."""

    zh: str
    en: str

    @property
    def said(self) -> str:
        """The text in the language of the page where known."""
        return chosen(self.zh, self.en)


@dataclass(frozen=True, slots=True)
class LabInputs:
    """What all instruments of a lab share."""

    tz: ZoneInfo
    hours: Hours
    holidays: Mapping[date, HolidayKind]
    holiday_names: Mapping[date, Told]
    exception_reasons: Mapping[date, Told]
    outages: tuple[Out, ...]


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that decides the open time of one instrument."""

    instrument_id: int
    lab_id: int
    lab: LabInputs
    status: str
    expected_back_at: datetime | None
    requires_calibration: bool
    exceptions: Mapping[date, tuple[Window, ...]]
    exception_reasons: Mapping[date, Told]
    own_outages: tuple[Out, ...]
    validities: tuple[Validity, ...]

    @property
    def outages(self) -> tuple[Out, ...]:
        """The outages of the instrument and of its lab."""
        return (*self.lab.outages, *self.own_outages)


EXCEPTIONS = """
    (SELECT json_agg(json_build_array(e.date, e.windows, e.reason_zh, e.reason_en))
     FROM labs_dateexception e
     WHERE e.{of}_id = {of}.id AND e.date >= %(first)s AND e.date < %(end)s)
"""
OUTAGES = """
    (SELECT json_agg(json_build_array(lower(o.period), upper(o.period), o.kind, o.reason_zh, o.reason_en, o.units)
                     ORDER BY o.period, o.id)
     FROM labs_outage o
     WHERE o.{of}_id = {of}.id AND o.period && tstzrange(%(wide_first)s, %(wide_end)s))
"""

INSTRUMENTS = f"""
SELECT instrument.id, instrument.lab_id, instrument.status, instrument.expected_back_at,
    instrument.requires_calibration, {EXCEPTIONS.format(of="instrument")}, {OUTAGES.format(of="instrument")},
    (SELECT json_agg(json_build_array(c.valid_from, c.valid_to, c.result) ORDER BY c.valid_from, c.id)
     FROM labs_calibrationrecord c WHERE c.instrument_id = instrument.id)
FROM labs_instrument AS instrument WHERE instrument.id = ANY(%(instruments)s) ORDER BY instrument.id
"""  # noqa: S608 -- put together from the fragments above

LABS = f"""
SELECT lab.id, lab.timezone, lab.makeup_policy,
    (SELECT json_agg(json_build_array(w.day, w.opens_minute, w.closes_minute) ORDER BY w.day, w.opens_minute)
     FROM labs_openingwindow w WHERE w.lab_id = lab.id),
    {EXCEPTIONS.format(of="lab")}, {OUTAGES.format(of="lab")},
    (SELECT json_agg(json_build_array(h.date, h.kind, h.name_zh, h.name_en))
     FROM labs_holidaydate h WHERE h.date >= %(first)s AND h.date < %(end)s)
FROM labs_lab AS lab WHERE lab.id = ANY(%(labs)s)
"""  # noqa: S608 -- likewise


def of(instrument_ids: Iterable[int], first: date, end: date) -> list[Inputs]:
    """Return the inputs of the instruments for the local dates [first, end), in the order of their keys."""
    day = timedelta(days=1)  # a day more on either side of the outages covers every zone
    asked = {"first": first, "end": end, "wide_first": first - day, "wide_end": end + day}
    with connection.cursor() as cursor:
        cursor.execute(INSTRUMENTS, {**asked, "instruments": list(instrument_ids)})
        instruments = cursor.fetchall()
        cursor.execute(LABS, {**asked, "labs": sorted({row[1] for row in instruments})})
        labs = {row[0]: _lab(*row[1:]) for row in cursor.fetchall()}
    return [_instrument(labs[row[1]], *row) for row in instruments]


def of_lab(lab_id: int, first: date, end: date) -> LabInputs:
    """Return what all instruments of a lab share for the local dates [first, end); one statement."""
    day = timedelta(days=1)
    asked: dict[str, Any] = {"first": first, "end": end, "wide_first": first - day, "wide_end": end + day}
    asked["labs"] = [lab_id]
    with connection.cursor() as cursor:
        cursor.execute(LABS, asked)
        (row,) = cursor.fetchall()
    return _lab(*row[1:])


def _instrument(
    lab: LabInputs,
    key: int,
    lab_id: int,
    status: str,
    expected_back_at: datetime | None,
    requires_calibration: bool,
    exceptions: list[Any] | None,
    outages: list[Any] | None,
    validities: list[Any] | None,
) -> Inputs:
    told = exceptions or []
    return Inputs(
        instrument_id=key,
        lab_id=lab_id,
        lab=lab,
        status=status,
        expected_back_at=expected_back_at,
        requires_calibration=requires_calibration,
        exceptions=_windows_by_date(told),
        exception_reasons=_reasons_by_date(told),
        own_outages=_out(outages),
        validities=tuple(
            Validity(date.fromisoformat(first), date.fromisoformat(last), result)
            for first, last, result in (validities or [])
        ),
    )


def _lab(
    timezone: str,
    makeup_policy: str,
    windows: list[Any] | None,
    exceptions: list[Any] | None,
    outages: list[Any] | None,
    announced: list[Any] | None,
) -> LabInputs:
    weekly: dict[int, tuple[Window, ...]] = {}
    for day, opens, closes in windows or []:
        weekly[day] = (*weekly.get(day, ()), (opens, closes))
    told, holidays = exceptions or [], announced or []
    return LabInputs(
        tz=ZoneInfo(timezone),
        hours=Hours(weekly, makeup_policy, _windows_by_date(told)),
        holidays={date.fromisoformat(day): kind for day, kind, _, _ in holidays},
        holiday_names={date.fromisoformat(day): Told(zh, en) for day, _, zh, en in holidays},
        exception_reasons=_reasons_by_date(told),
        outages=_out(outages),
    )


def _windows_by_date(rows: list[Any]) -> dict[date, tuple[Window, ...]]:
    return {date.fromisoformat(day): tuple((opens, closes) for opens, closes in windows) for day, windows, *_ in rows}


def _reasons_by_date(rows: list[Any]) -> dict[date, Told]:
    return {date.fromisoformat(day): Told(zh, en) for day, _, zh, en in rows}


def _out(told: list[Any] | None) -> tuple[Out, ...]:
    return tuple(
        Out(Period(datetime.fromisoformat(start), datetime.fromisoformat(end)), kind, zh, en, units)
        for start, end, kind, zh, en, units in (told or [])
    )
