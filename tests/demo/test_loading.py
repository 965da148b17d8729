"""The demo loads whole, twice without a change, and names what is wrong with its data."""

import json
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from audit.models import AuditEvent
from demo import loading
from demo.coming_days import workday_ahead
from demo.people import LOGINS, RecordWrongError
from kernel.periods import Period
from labs.catalogue.queries import search_instruments, search_offerings
from labs.models import (
    DateException,
    Instrument,
    Lab,
    Offering,
    OpeningWindow,
    OpenTime,
    Outage,
    Standard,
    Tariff,
    UserQualification,
)
from tests.conftest import MONDAY_9

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_home(settings, tmp_path):
    """Files of this test's own, and a hasher that takes no time."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


HAPPENS = ("vouchers", "rentals", "the last days", "invoices", "payouts", "series", "waitlist", "bank transfers")
WHAT_EXISTS = [(name, loader) for name, loader in loading.LOADERS if name not in HAPPENS]


def load(folder: Path = loading.DATA, now: datetime = MONDAY_9) -> dict[str, int]:
    """Load what exists; what happens with it has tests of its own."""
    return {what: number for _, loader in WHAT_EXISTS for what, number in loader(folder, now).items()}


def everything() -> dict[str, Any]:
    """Return all rows of all tables that the demo fills."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE tablename ~ '^(labs|accounts|account)_' ORDER BY 1")
        tables = [row[0] for row in cursor.fetchall()]
        rows = {}
        for table in tables:
            cursor.execute(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608 -- the database's own names
            rows[table] = cursor.fetchall()
        return rows


def test_the_demo_loads_whole_in_few_statements(django_assert_max_num_queries):
    with django_assert_max_num_queries(260):  # most of them what the coming days' outages and leaves ask
        counts = load()

    assert counts["labs"] == Lab.objects.count() == 13
    assert counts["instruments"] == Instrument.objects.count() == OpenTime.objects.count() == 62
    assert counts["services"] == Offering.objects.services().count() == 52 + 6
    assert counts["standards"] == Standard.objects.count() == 61
    assert Offering.objects.count() == 52 + 6 + 62


def test_loading_again_changes_nothing():
    load()
    before, told = everything(), AuditEvent.objects.count()

    load(now=MONDAY_9 + timedelta(minutes=5))

    after = everything()
    for table, rows in before.items():
        assert after[table] == rows, table
    assert AuditEvent.objects.count() == told


def test_what_people_changed_meanwhile_stays():
    load()
    lab = Lab.objects.get(code="LAB-TH-01")
    OpeningWindow.objects.filter(lab=lab, day=5).delete()
    Instrument.objects.filter(code="LW-003").update(status=Instrument.Status.AVAILABLE)
    Offering.objects.filter(code="RENT-TH-005").update(state=Offering.State.SUSPENDED)

    load()

    assert not OpeningWindow.objects.filter(lab=lab, day=5).exists()
    assert Instrument.objects.get(code="LW-003").status == Instrument.Status.AVAILABLE
    assert Offering.objects.get(code="RENT-TH-005").state == Offering.State.SUSPENDED


def test_the_demo_is_lifelike():
    load()
    machine = Instrument.objects.get(code="TH-006")
    tariff = machine.tariffs.in_force(MONDAY_9).get()

    assert (tariff.base_rate_fen_per_hour, tariff.sme_discount_bp) == (32_000, 1000)
    assert tariff.bands[0]["name_zh"] == "夜间优惠"
    assert machine.calibration_records.get().issued_by_zh == "示例黄埔计量测试研究院"
    assert machine in search_instruments(Instrument.objects.published(), "拉力")
    assert [found.code for found in search_offerings(Offering.objects.published(), "卡尺")][:1] == ["SV-HP1-01"]
    buyer = User.objects.get(email="buyer@sme.example")
    assert UserQualification.objects.filter(user=buyer, instrument=machine).exists()
    assert not Instrument.objects.bookable_by(None).filter(code="LW-003").exists()
    tomorrow = Period(MONDAY_9 + timedelta(hours=24), MONDAY_9 + timedelta(hours=26))
    row = OpenTime.objects.get(instrument=machine)
    assert any(period.contains(tomorrow) for period in row.open)
    assert any(period.contains(tomorrow) for period in row.calibrated)


def test_the_coming_days_move_with_the_calendar():
    load()
    outage = Outage.objects.get(instrument__code="YX-004")
    assert outage.stretch.start.astimezone(Lab.objects.get(code="LAB-YX-01").tz).isoformat() == (
        "2026-11-24T15:00:00+08:00"
    )
    row = OpenTime.objects.get(instrument__code="YX-004")
    assert row.blocked == [outage.stretch]
    assert DateException.objects.count() == 2

    load(now=MONDAY_9 + timedelta(days=14))

    assert Outage.objects.filter(instrument__code="YX-004").count() == 2
    assert DateException.objects.count() == 4


def test_workdays_ahead_skip_weekends_and_holidays():
    load()
    tz = Lab.objects.all()[0].tz

    assert workday_ahead(MONDAY_9, 5, tz).isoformat() == "2026-11-30"
    before_the_holidays = datetime(2026, 9, 30, 1, tzinfo=MONDAY_9.tzinfo)
    assert workday_ahead(before_the_holidays, 1, tz).isoformat() == "2026-10-08"


def test_the_commands_say_what_they_did():
    told = StringIO()

    call_command("load_demo", stdout=told)
    call_command("demo_logins", stdout=told)

    lines = told.getvalue()
    assert "labs and instruments: 39 holidays and make-up workdays, 13 labs" in lines
    assert all(login.email in lines for login in LOGINS)
    assert "gongheng-demo-2026" in lines


# --- What is wrong is named -------------------------------------------------------------------------------------------

Change = Callable[[list[dict[str, Any]]], object]


def spoilt(tmp_path: Path, file: str, change: Change) -> Path:
    """Return a copy of the data in which one file is changed."""
    folder = tmp_path / "data"
    shutil.copytree(loading.DATA, folder)
    records = json.loads((folder / file).read_text(encoding="utf-8"))
    change(records)
    (folder / file).write_text(json.dumps(records), encoding="utf-8")
    return folder


WRONG: dict[str, tuple[str, Change, str]] = {
    "missing": ("labs.json", lambda labs: labs[0].pop("timezone"), "labs.json, LAB-YX-01, timezone: is missing"),
    "of the wrong kind": (
        "instruments.json",
        lambda rows: rows[0].update(capacity="1"),
        "instruments.json, YX-001, capacity: '1' is no int",
    ),
    "a yes that is no number": (
        "instruments.json",
        lambda rows: rows[0].update(capacity=True),
        "instruments.json, YX-001, capacity: True is no int",
    ),
    "without a key": ("rooms.json", lambda rows: rows[1].pop("code"), "rooms.json, record 2, code: is missing"),
    "there twice": ("rooms.json", lambda rows: rows.append(rows[0]), "rooms.json, RM-HP2-SAC, code: comes twice"),
    "a reference to nothing": (
        "rooms.json",
        lambda rows: rows[0].update(lab="LAB-XX-99"),
        "rooms.json, RM-HP2-SAC, lab: there is no LAB-XX-99",
    ),
    "a list with a reference to nothing": (
        "services.json",
        lambda rows: rows[0].update(standards=["GB 1-1999"]),
        "services.json, SV-YX-01, standards: there is no GB 1-1999",
    ),
    "a reference of a user to nothing": (
        "coming_days.json",
        lambda whole: whole["user_qualifications"][0].update(user="nobody@sme.example"),
        "coming_days.json, the file, user_qualifications.0.user: there is no nobody@sme.example",
    ),
    "none of the choices": (
        "services.json",
        lambda rows: rows[0].update(kind="rental"),
        "services.json, SV-YX-01, kind: 'rental' is none of testing, calibration, verification, agent_inspection",
    ),
    "no date": (
        "holidays_cn_2026.json",
        lambda rows: rows[0].update(date="2026-13-01"),
        "holidays_cn_2026.json, 2026-13-01, date: '2026-13-01' is no date",
    ),
    "no time of day": (
        "labs.json",
        lambda rows: rows[0]["opening_hours"].update(mon=[["09:00", "25:00"]]),
        "labs.json, LAB-YX-01, opening_hours.mon: '25:00' is no time of day",
    ),
    "a window that ends before it begins": (
        "labs.json",
        lambda rows: rows[0]["opening_hours"].update(mon=[["12:00", "09:00"]]),
        "labs.json, LAB-YX-01, opening_hours.mon: the windows are wrong (empty)",
    ),
    "no day": (
        "labs.json",
        lambda rows: rows[0]["opening_hours"].update(monday=[]),
        "labs.json, LAB-YX-01, opening_hours.monday: is no day",
    ),
    "a band without hours": (
        "instruments.json",
        lambda rows: rows[5]["tariff"].update(
            bands=[{"name": "night", "start": "22:00", "end": "8:00", "day_types": ["workday"], "rate_bp": 1}]
        ),
        "instruments.json, HZ-001, tariff.bands.0.end: is not as an hour band wants it",
    ),
    "a certificate that ends before it begins": (
        "instruments.json",
        lambda rows: rows[0]["calibration"].update(valid_to="2026-01-01"),
        "instruments.json, YX-001, calibration.valid_to: comes before valid_from",
    ),
    "an inner field": (
        "instruments.json",
        lambda rows: rows[0]["parameters"][1].pop("name_zh"),
        "instruments.json, YX-001, parameters.1.name_zh: is missing",
    ),
    "too small": (
        "instruments.json",
        lambda rows: rows[0].update(capacity=-1),
        "instruments.json, YX-001, capacity:",
    ),
    "too long": (
        "standards.json",
        lambda rows: rows[0].update(title_zh="长" * 400),
        "standards.json, GB/T 2828.1-2012, title_zh:",
    ),
    "a ladder that falls": (
        "policies.json",
        lambda house: house["cancellation"][1].update(fee_bp=20_000),
        "policies.json, the house, cancellation.1.fee_bp: is no step of a cancellation ladder",
    ),
    "an unknown role": (
        "operators.json",
        lambda rows: rows[0].update(roles=["driver"]),
        "operators.json, OP-01, roles: there is no driver",
    ),
    "an unknown instrument in the keywords": (
        "keywords.json",
        lambda rows: rows[0].update(instrument="ZZ-001"),
        "keywords.json, ZZ-001, instrument: there is no ZZ-001",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_field_that_cannot_be_used_is_named(what, tmp_path):
    file, change, named = WRONG[what]
    folder = spoilt(tmp_path, file, change)

    with pytest.raises(RecordWrongError) as wrong:
        load(folder)

    assert str(wrong.value).startswith(named)


def test_a_file_that_is_no_json_is_named_by_the_command(tmp_path):
    folder = spoilt(tmp_path, "labs.json", lambda rows: None)
    (folder / "labs.json").write_text("[{", encoding="utf-8")

    with pytest.raises(CommandError, match=r"^labs.json, the file, all of it: "):
        call_command("load_demo", data=folder, stdout=StringIO())


def test_a_file_that_is_no_list_is_named(tmp_path):
    folder = spoilt(tmp_path, "rooms.json", lambda rows: None)
    (folder / "rooms.json").write_text("{}", encoding="utf-8")

    with pytest.raises(RecordWrongError, match=r"^rooms.json, the file, all of it: is no list of records"):
        load(folder)


def test_a_tariff_of_the_demo_is_one_version():
    load()
    load()

    assert Tariff.objects.count() == 62
