"""What many ask for at the same moment is looked up once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from threading import Barrier
from time import sleep

import pytest

from kernel.recent import MOST_KEPT, Recent
from tests.conftest import MONDAY_9

HALF_A_SECOND = timedelta(milliseconds=500)


@pytest.fixture
def recent():
    return Recent(keep=HALF_A_SECOND)


def test_an_answer_is_kept_for_its_time_and_looked_up_again_after_it(recent):
    tries = count(1)

    answers = [
        recent.ask("slot", lambda: next(tries), now=MONDAY_9 + timedelta(milliseconds=later))
        for later in (0, 499, 500, 999, 1000)
    ]

    assert answers == [1, 1, 2, 2, 3]


def test_nothing_is_an_answer_too_and_each_question_has_its_own(recent):
    tries = count(1)

    assert recent.ask("none", lambda: None, now=MONDAY_9) is None
    assert recent.ask("none", lambda: next(tries), now=MONDAY_9) is None
    assert recent.ask("other", lambda: next(tries), now=MONDAY_9) == 1


def test_what_fails_is_not_kept(recent):
    with pytest.raises(ZeroDivisionError):
        recent.ask("slot", lambda: 1 // 0, now=MONDAY_9)

    assert recent.ask("slot", lambda: "found", now=MONDAY_9) == "found"


def test_of_a_crowd_that_asks_at_once_one_looks_up(recent):
    ready, looked_up = Barrier(8), []

    def look_up():
        looked_up.append(1)
        sleep(0.05)
        return "found"

    def ask(_):
        ready.wait(10)
        return recent.ask("slot", look_up, now=MONDAY_9)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))

    assert (answers, len(looked_up)) == (["found"] * 8, 1)


def test_it_never_keeps_more_than_its_share_of_memory(recent):
    for number in range(3 * MOST_KEPT):
        recent.ask(number, lambda: "found", now=MONDAY_9)

    assert len(recent._answers) <= MOST_KEPT
    assert len(recent._asking) <= MOST_KEPT + 1
