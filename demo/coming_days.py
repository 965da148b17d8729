"""What happens in the days after loading: outages, other hours, qualifications; placed unless they lie ahead."""

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import User
from demo.records import Record, read_whole
from labs.hours import operations as hours
from labs.hours.rules import HolidayKind, day_type, instant, window_problem
from labs.models import DateException, HolidayDate, Instrument, Lab, Outage, UserQualification

FILE = "coming_days.json"


@transaction.atomic
def load(folder: Path, now: datetime) -> dict[str, int]:
    """
    Place outages and exceptions some workdays ahead, unless one of the kind already lies ahead.

    Raises:
        RecordWrongError: a record cannot be used; the message names file, record and field.
    """
    whole = Record(FILE, "the file", read_whole(folder, FILE))
    instruments = Instrument.objects.select_related("lab").in_bulk(field_name="code")
    labs = Lab.objects.in_bulk(field_name="code")
    users = User.objects.in_bulk(field_name="email")
    outages = list(whole.records("outages"))
    for each in outages:
        _outage(each, each.one_of("instrument", instruments), now)
    exceptions = list(whole.records("date_exceptions"))
    for each in exceptions:
        _exception(each, each.one_of("lab", labs), now)
    qualifications = [
        each.checked(
            UserQualification(
                user=each.one_of("user", users),
                instrument=each.one_of("instrument", instruments),
                level=each.take("level", str),
                issued_by_zh=each.text("issued_by_zh"),
                issued_on=now.date(),
                valid_to=now.date() + timedelta(days=each.take("valid_days", int)),
            )
        )
        for each in whole.records("user_qualifications")
    ]
    UserQualification.objects.bulk_create(qualifications, ignore_conflicts=True)
    return {"outages": len(outages), "date exceptions": len(exceptions), "qualifications": len(qualifications)}


def workday_ahead(now: datetime, number: int, tz: ZoneInfo) -> date:
    """Return the so-many-th workday after today, on the lab's calendar."""
    day = now.astimezone(tz).date()
    known: dict[date, HolidayKind] = dict(HolidayDate.objects.filter(date__gte=day).values_list("date", "kind"))
    while number > 0:
        day += timedelta(days=1)
        number -= day_type(day, known) == "workday"
    return day


def _outage(each: Record, instrument: Instrument, now: datetime) -> None:
    reason = each.text("reason_zh")
    ahead = Outage.objects.filter(instrument=instrument, reason_zh=reason, period__endswith__gt=now)
    tz = instrument.lab.tz
    day = workday_ahead(now, each.take("in_workdays", int), tz)
    opens, closes = each.minute("from", each.text("from")), each.minute("to", each.text("to"))
    if opens >= closes:
        raise each.wrong("to", "comes before from")
    kind = each.choice("kind", Outage.Kind.values)
    if not ahead.exists():
        hours.announce_outage(
            of=instrument,
            kind=kind,
            start=instant(day, opens, tz),
            end=instant(day, closes, tz),
            by=None,
            now=now,
            reason_zh=reason,
            reason_en=each.text("reason_en", ""),
        )


def _exception(each: Record, lab: Lab, now: datetime) -> None:
    reason = each.text("reason_zh")
    today = now.astimezone(lab.tz).date()
    ahead = DateException.objects.filter(lab=lab, reason_zh=reason, date__gte=today)
    windows = [
        (each.minute("windows", opens), each.minute("windows", closes)) for opens, closes in each.take("windows", list)
    ]
    if problem := window_problem(windows):
        raise each.wrong("windows", f"the windows are wrong ({problem})")
    day = workday_ahead(now, each.take("in_workdays", int), lab.tz)
    if not ahead.exists() and not DateException.objects.filter(lab=lab, date=day).exists():
        hours.add_date_exception(
            of=lab, date=day, windows=windows, by=None, now=now, reason_zh=reason, reason_en=each.text("reason_en", "")
        )
