"""When what was earned is paid, what is held back, and what of the bank and the books belongs together."""

from datetime import UTC, date, datetime, timedelta

import pytest

from billing.payouts import rules
from billing.payouts.rules import Moved

TUESDAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("on", "before", "after"),
    [
        (date(2026, 11, 23), date(2026, 11, 17), TUESDAY),
        (TUESDAY, TUESDAY, TUESDAY),
        (date(2026, 11, 25), TUESDAY, date(2026, 12, 1)),
        (date(2026, 11, 30), TUESDAY, date(2026, 12, 1)),
    ],
)
def test_bl_36_labs_are_paid_on_tuesdays(on, before, after):
    assert (rules.tuesday_before(on), rules.tuesday_after(on)) == (before, after)


@pytest.mark.parametrize("day", range(7))
def test_bl_36_an_order_is_paid_on_the_first_tuesday_after_fifteen_days(day):
    settled = datetime(2026, 11, 2 + day, 16, tzinfo=UTC)  # midnight in Guangzhou: the strictest instant

    due_on = rules.paid_on(settled)

    assert due_on.weekday() == rules.TUESDAY
    assert settled < rules.accepted_before(due_on)
    assert settled >= rules.accepted_before(due_on - timedelta(days=7))


@pytest.mark.parametrize(
    ("fen", "has_account", "why"),
    [
        (-1, True, rules.OWES),
        (0, True, rules.TOO_LITTLE),
        (9_999, True, rules.TOO_LITTLE),
        (10_000, True, ""),
        (10_000, False, rules.NO_ACCOUNT),
    ],
)
def test_bl_36_debts_and_small_amounts_are_carried_forward(fen, has_account, why):
    assert rules.held_back(fen, has_account=has_account) == why


def moved(key, fen, day=24, serial=""):
    return Moved(key, fen, date(2026, 11, day), serial)


@pytest.mark.parametrize(
    ("bank", "books", "alone", "missing"),
    [
        ([moved(1, 500)], [moved(9, 500)], [], []),
        ([moved(1, 500)], [moved(9, 501)], [1], [9]),
        ([moved(1, 500)], [], [1], []),
        ([moved(1, 500), moved(2, 500)], [moved(9, 500)], [2], []),
        ([moved(1, 500, 1)], [moved(9, 500, 24)], [1], [9]),
        ([moved(1, -500, serial="A"), moved(2, -500, serial="B")], [moved(9, -500, serial="B")], [1], []),
        ([moved(1, -500, serial="A")], [moved(9, -400, serial="A")], [1], [9]),
        ([moved(1, -500, serial="A"), moved(2, -400)], [moved(9, -400, serial="A")], [1, 2], [9]),
        ([moved(1, 500, 20), moved(2, 500, 24)], [moved(8, 500, 24), moved(9, 500, 20)], [], []),
    ],
)
def test_bl_37_to_the_fen_what_has_no_counterpart_is_a_difference(bank, books, alone, missing):
    lines, entries = rules.unpaired(bank, books)

    assert ([one.key for one in lines], [one.key for one in entries]) == (alone, missing)


@pytest.mark.parametrize(
    ("day", "covered", "expected"), [(20, 20, True), (21, 20, False), (21, None, False), (20, None, True)]
)
def test_an_entry_is_missing_once_the_banks_file_of_its_day_is_there_or_overdue(day, covered, expected):
    until = date(2026, 11, covered) if covered else None

    assert rules.is_missing(date(2026, 11, day), covered_until=until, today=TUESDAY) == expected
