"""The demo's labs, their instruments, and what they offer; loading twice changes nothing that people did meanwhile."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.db import transaction

from accounts.models import District, Organisation
from demo.capabilities import load_capabilities
from demo.instruments import load_instruments, load_terms
from demo.offerings import keep_versions, load_operators, load_services, load_standards
from demo.pictures import load_pictures
from demo.profiles import load_places, load_recognition, load_scope
from demo.records import Record, read, read_whole, upsert
from labs.hours import operations as hours
from labs.hours.rules import window_problem
from labs.models import Accreditation, HolidayDate, Lab, OpeningWindow, Room

DAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6, "holiday": 7}


@transaction.atomic
def load(folder: Path, now: datetime) -> dict[str, int]:
    """
    Bring what exists into the database, up to date with the data, and return how many of each there are.

    Raises:
        RecordWrongError: a record cannot be used; the message names file, record and field.
    """
    house = Record("policies.json", "the house", read_whole(folder, "policies.json"))
    holidays = _holidays(folder, now)
    labs = _labs(folder)
    rooms = _rooms(folder, labs)
    instruments = load_instruments(folder, labs, rooms)
    load_terms(folder, instruments, labs, house)
    operators = load_operators(folder, labs, instruments)
    standards = load_standards(folder)
    services = load_services(folder, labs, instruments, standards)
    keep_versions(now)
    places = load_places(folder, labs)
    recognition = load_recognition(folder, labs)
    scope = load_scope(folder, labs, standards)
    capabilities = load_capabilities(folder, instruments)
    pictures = load_pictures(instruments)
    hours.rebuild_open_time(instruments.values(), now)
    return {
        "holidays and make-up workdays": holidays,
        "labs": len(labs),
        "rooms": len(rooms),
        "instruments": len(instruments),
        "operators": operators,
        "standards": len(standards),
        "services": services,
        "scope entries": scope,
        "capabilities": capabilities,
        "pictures": pictures,
        **recognition,
        **places,
    }


def _holidays(folder: Path, now: datetime) -> int:
    records = read(folder, "holidays_cn_2026.json", "date")
    lines = [
        hours.Announced(
            each.day("date"), each.choice("kind", HolidayDate.Kind.values), each.text("name_zh"), each.text("name_en")
        )
        for each in records
    ]
    hours.import_holidays(announced=lines, by=None, now=now)
    return len(lines)


def _labs(folder: Path) -> dict[str, Lab]:
    records = read(folder, "labs.json", "code")
    organisations = Organisation.objects.in_bulk(field_name="code")
    districts = District.objects.in_bulk(field_name="adcode")
    upsert(
        each.checked(
            Lab(
                code=each.name,
                organisation=each.one_of("org", organisations),
                name_zh=each.text("name_zh"),
                name_en=each.text("name_en", ""),
                lab_type=each.take("lab_type", str),
                district=each.one_of("adcode", districts),
                lat=each.number("lat"),
                lon=each.number("lon"),
                address_zh=each.text("address_zh", ""),
                fields_zh=each.text("fields_zh", ""),
                fields_en=each.text("fields_en", ""),
                timezone=each.text("timezone"),
                makeup_policy=each.take("makeup_policy", str),
                cutoff_time=each.text("cutoff_time"),
                contact_phone=each.text("contact_phone", ""),
            )
        )
        for each in records
    )
    labs = Lab.objects.in_bulk([each.name for each in records], field_name="code")
    windows = [window for each in records for window in _windows(each, labs[each.name])]
    have_theirs = set(OpeningWindow.objects.filter(lab__in=labs.values()).values_list("lab_id", flat=True))
    OpeningWindow.objects.bulk_create(each for each in windows if each.lab_id not in have_theirs)
    upsert(
        (
            inner.checked(
                Accreditation(
                    lab=labs[each.name],
                    kind=inner.take("kind", str),
                    number=inner.text("number"),
                    issuer_zh=inner.text("issuer_zh", ""),
                    valid_from=inner.day("valid_from"),
                    valid_to=inner.day("valid_to"),
                )
            )
            for each in records
            for inner in each.records("accreditations")
        ),
        by=("lab", "kind", "number"),
        leave=("certificate",),
    )
    return labs


def _windows(record: Record, lab: Lab) -> Iterable[OpeningWindow]:
    week = record.record("opening_hours")
    for day, given in week.fields.items():
        if day not in DAYS:
            raise week.wrong(day, "is no day")
        if not isinstance(given, list) or any(not isinstance(each, list) or len(each) != 2 for each in given):
            raise week.wrong(day, "is no list of windows")
        found = [(week.minute(day, opens), week.minute(day, closes)) for opens, closes in given]
        if problem := window_problem(found):
            raise week.wrong(day, f"the windows are wrong ({problem})")
        for opens, closes in found:
            yield OpeningWindow(lab=lab, day=DAYS[day], opens_minute=opens, closes_minute=closes)


def _rooms(folder: Path, labs: dict[str, Lab]) -> dict[str, Room]:
    records = read(folder, "rooms.json", "code")
    upsert(
        each.checked(
            Room(
                code=each.name,
                lab=each.one_of("lab", labs),
                name_zh=each.text("name_zh"),
                name_en=each.text("name_en", ""),
                capacity=each.take("capacity", int),
            )
        )
        for each in records
    )
    return Room.objects.in_bulk([each.name for each in records], field_name="code")
