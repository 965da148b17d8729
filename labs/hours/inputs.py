"""What the open time of instruments follows from, gathered in two statements however many they are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Func, OuterRef, QuerySet
from django.db.models.functions import JSONObject

from kernel.periods import Period
from labs.calibration.models import CalibrationRecord
from labs.calibration.rules import Validity
from labs.catalogue.models import Instrument, Lab
from labs.hours.models import DateException, HolidayDate, OpeningWindow, Outage
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


def of(instrument_ids: Iterable[int], first: date, end: date) -> list[Inputs]:
    """Return the inputs of the instruments for the local dates [first, end), in the order of their keys."""
    exceptions = DateException.objects.filter(date__gte=first, date__lt=end).order_by("date")
    outages = _outages(first, end)
    instruments = list(
        Instrument.objects.filter(pk__in=instrument_ids)
        .annotate(
            exceptions=ArraySubquery(_exception_rows(exceptions.filter(instrument=OuterRef("pk")))),
            out=ArraySubquery(_outage_rows(outages.filter(instrument=OuterRef("pk")))),
            validities=ArraySubquery(
                CalibrationRecord.objects.filter(instrument=OuterRef("pk"))
                .order_by("valid_from", "pk")
                .values(row=JSONObject(valid_from="valid_from", valid_to="valid_to", result="result"))
            ),
        )
        .order_by("pk")
        .values("pk", "lab_id", "status", "expected_back_at", "requires_calibration", "exceptions", "out", "validities")
    )
    labs = _labs({row["lab_id"] for row in instruments}, exceptions, outages, first, end)
    return [
        Inputs(
            instrument_id=row["pk"],
            lab_id=row["lab_id"],
            lab=labs[row["lab_id"]],
            status=row["status"],
            expected_back_at=row["expected_back_at"],
            requires_calibration=row["requires_calibration"],
            exceptions=_windows_by_date(row["exceptions"]),
            exception_reasons=_reasons_by_date(row["exceptions"]),
            own_outages=_out(row["out"]),
            validities=tuple(
                Validity(date.fromisoformat(told["valid_from"]), date.fromisoformat(told["valid_to"]), told["result"])
                for told in row["validities"]
            ),
        )
        for row in instruments
    ]


def _labs(
    keys: set[int], exceptions: QuerySet[DateException], outages: QuerySet[Outage], first: date, end: date
) -> dict[int, LabInputs]:
    holidays = HolidayDate.objects.filter(date__gte=first, date__lt=end).order_by("date")
    rows = Lab.objects.filter(pk__in=keys).annotate(
        windows=ArraySubquery(
            OpeningWindow.objects.filter(lab=OuterRef("pk"))
            .order_by("day", "opens_minute")
            .values(row=JSONObject(day="day", opens="opens_minute", closes="closes_minute"))
        ),
        exceptions=ArraySubquery(_exception_rows(exceptions.filter(lab=OuterRef("pk")))),
        out=ArraySubquery(_outage_rows(outages.filter(lab=OuterRef("pk")))),
        announced=ArraySubquery(holidays.values(row=JSONObject(date="date", kind="kind", zh="name_zh", en="name_en"))),
    )
    return {
        row["pk"]: _lab(row)
        for row in rows.values("pk", "timezone", "makeup_policy", "windows", "exceptions", "out", "announced")
    }


def _lab(row: dict[str, Any]) -> LabInputs:
    weekly: dict[int, tuple[Window, ...]] = {}
    for window in row["windows"]:
        weekly[window["day"]] = (*weekly.get(window["day"], ()), (window["opens"], window["closes"]))
    return LabInputs(
        tz=ZoneInfo(row["timezone"]),
        hours=Hours(weekly, row["makeup_policy"], _windows_by_date(row["exceptions"])),
        holidays={date.fromisoformat(told["date"]): told["kind"] for told in row["announced"]},
        holiday_names={date.fromisoformat(told["date"]): Told(told["zh"], told["en"]) for told in row["announced"]},
        exception_reasons=_reasons_by_date(row["exceptions"]),
        outages=_out(row["out"]),
    )


def _outages(first: date, end: date) -> QuerySet[Outage]:
    """Outages near the dates; a day more on either side covers every zone."""
    wide = Func(
        first - timedelta(days=1),
        end + timedelta(days=1),
        function="tstzrange",
        template="%(function)s(%(expressions)s)",
    )
    return Outage.objects.filter(period__overlap=wide).order_by("period", "pk")


def _exception_rows(exceptions: QuerySet[DateException]) -> QuerySet[DateException, dict[str, Any]]:
    return exceptions.values(row=JSONObject(date="date", windows="windows", zh="reason_zh", en="reason_en"))


def _outage_rows(outages: QuerySet[Outage]) -> QuerySet[Outage, dict[str, Any]]:
    return outages.values(
        row=JSONObject(
            starts=Func(F("period"), function="lower"),
            ends=Func(F("period"), function="upper"),
            kind="kind",
            zh="reason_zh",
            en="reason_en",
            units="units",
        )
    )


def _windows_by_date(rows: list[dict[str, Any]]) -> dict[date, tuple[Window, ...]]:
    return {date.fromisoformat(told["date"]): tuple((w[0], w[1]) for w in told["windows"]) for told in rows}


def _reasons_by_date(rows: list[dict[str, Any]]) -> dict[date, Told]:
    return {date.fromisoformat(told["date"]): Told(told["zh"], told["en"]) for told in rows}


def _out(rows: list[dict[str, Any]]) -> tuple[Out, ...]:
    return tuple(
        Out(
            Period(datetime.fromisoformat(told["starts"]), datetime.fromisoformat(told["ends"])),
            told["kind"],
            told["zh"],
            told["en"],
            told["units"],
        )
        for told in rows
    )
