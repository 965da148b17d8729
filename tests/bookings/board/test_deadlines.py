"""How much of the lab's working time is left, and when its managers are reminded."""

from datetime import timedelta

from bookings.board.rules import Deadline
from tests.factories.bookings import TUESDAY_9, hours

DAY = (hours(0, 9), hours(24, 33))
"""Open from nine to six, on Tuesday and on Wednesday."""


def test_half_of_the_working_time_is_over_although_the_night_is_longer() -> None:
    deadline = Deadline(asked_at=hours(7, 8).start, due_at=hours(30, 31).start, windows=DAY)  # 2 h, then 6 h

    assert deadline.minutes_left(deadline.asked_at) == 8 * 60
    assert deadline.half_at == hours(26, 27).start


def test_where_the_lab_is_closed_all_along_half_of_the_time_counts() -> None:
    deadline = Deadline(asked_at=hours(10, 11).start, due_at=hours(14, 15).start, windows=DAY)

    assert deadline.half_at == hours(12, 13).start


def test_it_is_pressing_in_the_last_hour_of_either_clock() -> None:
    deadline = Deadline(asked_at=TUESDAY_9, due_at=hours(24.5, 25).start, windows=DAY)

    assert [deadline.look(TUESDAY_9 + timedelta(hours=hour)) for hour in (0, 6, 8.6, 23.6)] == [
        "calm", "soon", "urgent", "urgent",
    ]  # fmt: skip


def test_there_is_nothing_to_be_reminded_of_before_half_time_and_after_the_deadline() -> None:
    deadline = Deadline(asked_at=TUESDAY_9, due_at=hours(8, 9).start, windows=DAY)

    assert [deadline.reminder(TUESDAY_9 + timedelta(hours=hour)) for hour in (3, 4, 7.5, 8)] == [
        None, hours(4, 5).start, hours(7, 8).start, None,
    ]  # fmt: skip
