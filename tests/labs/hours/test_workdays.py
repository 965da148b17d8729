"""BK-20: working days are counted by the State Council's arrangement, from a cut-off on."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from labs.hours.workdays import due_after, end_of_workday
from labs.models import HolidayDate

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOLIDAYS = {
    **{date(2026, 10, day): "holiday" for day in range(1, 8)},
    date(2026, 9, 20): "makeup_workday",
    date(2026, 10, 10): "makeup_workday",
}


def at(month: int, day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, second, tzinfo=SHANGHAI)


CASES = [
    ("a Tuesday morning", at(11, 24, 9), 2, at(11, 27, 0)),
    ("the cut-off counts as of the day", at(11, 24, 16), 2, at(11, 27, 0)),
    ("a second later does not", at(11, 24, 16, 0, 1), 2, at(11, 28, 0)),
    ("over a weekend", at(11, 26, 9), 2, at(12, 1, 0)),
    ("on a Saturday: as of Monday", at(11, 28, 9), 2, at(12, 3, 0)),
    ("over National Day, with a make-up Saturday", at(9, 30, 10), 3, at(10, 11, 0)),
    ("within National Day: as of the first working day", at(10, 3, 10), 1, at(10, 10, 0)),
    ("on a make-up Sunday", at(9, 20, 10), 1, at(9, 22, 0)),
]


@pytest.mark.parametrize(("case", "since", "workdays", "end"), CASES, ids=[case[0] for case in CASES])
def test_bk_20_the_last_of_so_many_working_days_ends_at_midnight(case, since, workdays, end):
    assert end_of_workday(since, workdays, holidays=HOLIDAYS, tz=SHANGHAI) == end


@pytest.mark.django_db
def test_the_announced_holidays_are_asked_once(django_assert_num_queries):
    HolidayDate.objects.bulk_create(HolidayDate(date=day, kind=kind) for day, kind in HOLIDAYS.items())

    with django_assert_num_queries(1):
        assert due_after(at(9, 30, 10), 3, SHANGHAI) == at(10, 11, 0)
