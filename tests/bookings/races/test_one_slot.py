"""BK-17 through the HTTP API: many buyers want one slot at once, one gets it, all others hear what else is free."""

import json
import logging
import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from http.client import HTTPConnection
from itertools import pairwise
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from accounts.tokens import rules as token_rules
from bookings.models import Occupancy, Rental
from kernel.periods import Period
from labs.models import Instrument
from tests.factories.accounts import ApiTokenFactory
from tests.factories.bookings import buyer
from tests.factories.labs import ALWAYS, InstrumentFactory, LabFactory
from tests.serving import served

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

BUYERS = 64
ROUNDS = int(os.environ.get("GONGHENG_RACE_ROUNDS", "40"))
"""How many slots are raced for; `GONGHENG_RACE_ROUNDS=200` for the long run."""
LONGEST_WAIT_SECONDS = float(os.environ.get("GONGHENG_RACE_WAIT", "5"))
"""How long anybody may wait. The aim is one second (`GONGHENG_RACE_WAIT=1`); a busy machine is slow, not wrong."""


class Race:
    """So many buyers, each with a token and a connection of its own."""

    def __init__(self, address: tuple[str, int], tokens: list[str]) -> None:
        self.address, self.tokens = address, tokens
        self.longest = 0.0

    def run(self, wishes: list[tuple[Instrument, Period]]) -> list[tuple[int, dict[str, Any]]]:
        """Send each buyer's wish at the same instant, and return the answers."""
        ready = Barrier(len(wishes))
        with ThreadPoolExecutor(len(wishes)) as pool:
            return list(pool.map(lambda each: self._ask(ready, *each), zip(self.tokens, wishes, strict=False)))

    def _ask(self, ready: Barrier, token: str, wish: tuple[Instrument, Period]) -> tuple[int, dict[str, Any]]:
        instrument, period = wish
        body = {
            "instrument": instrument.code,
            "start": period.start.isoformat(),
            "end": period.end.isoformat(),
            "mode": "assisted",
        }
        headers = {
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": f"{period.start.isoformat()}-{instrument.code}",
            "Content-Type": "application/json",
        }
        line = HTTPConnection(*self.address, timeout=30)
        line.connect()
        ready.wait(timeout=60)
        begun = time.monotonic()
        line.request("POST", "/api/v1/rentals/", json.dumps(body), headers)
        response = line.getresponse()
        answer = json.loads(response.read())
        self.longest = max(self.longest, time.monotonic() - begun)
        line.close()
        return response.status, answer


def buyers(count: int) -> list[str]:
    """Return the tokens of so many buyers of different organisations."""
    texts = [token_rules.new_text() for _ in range(count)]
    for text in texts:
        ApiTokenFactory(text=text, membership=buyer(), token_hash=token_rules.hashed(text))
    return texts


def of_instruments() -> QuerySet[Occupancy]:
    """What is taken of instruments; operators are taken for as long."""
    return Occupancy.objects.filter(resource__kind="instrument")


def midnight_in(days: int) -> datetime:
    return (timezone.now() + timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)


def instruments(count: int, **policy: int) -> list[Instrument]:
    lab = LabFactory(weekly=ALWAYS)
    settings = {f"policy__{name}": value for name, value in {"advance_days": 200, **policy}.items()}
    return InstrumentFactory.create_batch(count, lab=lab, open_time=timezone.now(), **settings)


@pytest.fixture
def race():
    tokens = buyers(BUYERS)
    with served(connection.settings_dict) as address:
        racers = Race(address, tokens)
        warm_up(racers)
        yield racers


def warm_up(racers: Race) -> None:
    """Let every thread of the server load what it needs and prepare its statements; that wait is no race's."""
    other = instruments(1)[0]
    for round_ in range(3):
        racers.run([(other, Period.starting(midnight_in(100 + round_), 30))] * BUYERS)
    racers.longest = 0.0
    Occupancy.objects.all().delete()
    Rental.objects.all().delete()


def test_of_64_buyers_of_one_slot_one_gets_it_and_the_others_hear_alternatives(race):
    wanted, *_others = instruments(3)
    first = midnight_in(2)
    seen: Counter[int] = Counter()

    for round_ in range(ROUNDS):
        period = Period.starting(first + timedelta(minutes=30 * round_), 30)
        answers = race.run([(wanted, period)] * BUYERS)

        statuses = Counter(status for status, _ in answers)
        assert statuses == {201: 1, 409: BUYERS - 1}, round_
        for status, answer in answers:
            if status == 409:
                assert answer["code"] == "CAPACITY_EXCEEDED"
                assert len(answer["alternatives"]["starts"]) == 3
                assert len(answer["alternatives"]["instruments"]) == 2
        seen += statuses

    assert Rental.objects.filter(status="held").count() == of_instruments().count() == ROUNDS
    logging.getLogger(__name__).warning("the longest wait was %.2f s", race.longest)  # shown by -o log_cli=true
    assert race.longest < LONGEST_WAIT_SECONDS


def test_adjacent_overlapping_and_buffer_touching_wishes_never_share_an_instant(race):
    (wanted,) = instruments(1, pre_buffer_min=15, post_buffer_min=15)
    first = midnight_in(2)

    for round_ in range(ROUNDS // 4):
        begins = first + timedelta(hours=6 * round_)
        wishes = [Period.starting(begins + timedelta(minutes=30 * (n % 8)), 30 * (1 + n % 3)) for n in range(BUYERS)]
        answers = race.run([(wanted, period) for period in wishes])

        assert {status for status, _ in answers} == {201, 409}, round_
        assert all("alternatives" in answer for status, answer in answers if status == 409)

    taken = sorted(Period.from_range(period) for period in of_instruments().values_list("period", flat=True))
    assert all(before.end <= after.start for before, after in pairwise(taken))
    assert len(taken) == Rental.objects.filter(status="held").count()
    logging.getLogger(__name__).warning("the longest wait was %.2f s", race.longest)  # shown by -o log_cli=true
    assert race.longest < LONGEST_WAIT_SECONDS
