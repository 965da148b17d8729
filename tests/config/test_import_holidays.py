"""The command that takes in a year's holidays says first whom that concerns (BK-23)."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from bookings.models import Rental
from labs.models import HolidayDate
from tests.factories.bookings import confirmed, hours
from tests.factories.labs import InstrumentFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
CSV = "date,kind,name_zh,name_en\n2026-11-24,holiday,校准日,Calibration Day\n"


def run(file: Path, *more: str) -> str:
    told = StringIO()
    call_command("import_holidays", str(file), *more, stdout=told)
    return told.getvalue()


@pytest.fixture
def booked() -> Rental:
    return confirmed(instrument=InstrumentFactory(policy__requires_approval=False), period=hours(0, 2))


def test_it_lists_the_bookings_first_and_changes_nothing(tmp_path: Path, booked: Rental) -> None:
    file = tmp_path / "2026.csv"
    file.write_text(CSV, encoding="utf-8")

    told = run(file)

    assert booked.number in told
    assert "1 bookings would need another time." in told
    assert not HolidayDate.objects.exists()
    booked.refresh_from_db()
    assert booked.needs_rebooking is None


def test_with_confirm_the_hours_follow_and_the_bookings_are_marked(tmp_path: Path, booked: Rental) -> None:
    file = tmp_path / "2026.json"
    file.write_text('[{"date": "2026-11-24", "kind": "holiday", "name_zh": "校准日"}]', encoding="utf-8")

    assert booked.number in run(file, "--confirm")

    assert HolidayDate.objects.get().name_zh == "校准日"
    booked.refresh_from_db()
    assert booked.needs_rebooking == {"why": "hours"}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", "{", "cannot be read"),
        ("a.json", "{}", "holds no list of dates"),
        ("a.csv", "date,kind,name_zh\n24.11.2026,holiday,x\n", "Line 1"),
        ("a.csv", "date,kind,name_zh\n2026-11-24,bridge,x\n", "bridge"),
    ],
)
def test_a_file_that_is_none_is_refused_and_changes_nothing(tmp_path: Path, name: str, text: str, said: str) -> None:
    file: Any = tmp_path / name
    file.write_text(text, encoding="utf-8")

    with pytest.raises(CommandError, match=said):
        run(file, "--confirm")

    assert not HolidayDate.objects.exists()
