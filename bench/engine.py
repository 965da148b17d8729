"""
The booking engine on a city of millions of bookings: hold, confirm, week, board, a crowd on one slot, the invariants.

    .venv/bin/python -m bench engine --instruments 10000 --occupancies 2000000
"""

import json
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import datetime, timedelta
from http.client import HTTPConnection
from threading import Barrier
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Membership
from accounts.tokens import rules as token_rules
from bench import holds
from bench.database import server_process
from bench.holds import granian_of
from bench.measuring import Figure, Statement, one_by_one, recorded, replayed
from bookings.availability import queries as availability
from config.invariants import ALL
from kernel.invariants import verified
from kernel.periods import Period
from labs.models import Instrument
from tests.factories.accounts import ApiTokenFactory, LabMembershipFactory
from tests.factories.bookings import buyer
from tests.factories.labs import LabFactory
from tests.serving import served

ON_THE_BOARD = 200
CROWD = 200
CROWD_PROCESSES = 8
ROUNDS = 10


def measure(now: datetime, *, acts: int, seconds: float, instruments: int, occupancies: int) -> Iterator[str]:
    """Yield the lines of the table, once a city of that size has been made."""
    call_command("load_demo", verbosity=0)
    call_command("seed_scale", instruments=instruments, occupancies=occupancies, seed=1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    yield from measure_made(now, acts=acts, seconds=seconds)


def measure_made(now: datetime, *, acts: int, seconds: float) -> Iterator[str]:
    """Yield the lines for the city that is there; what is replayed afterwards leaves time without its rental behind."""
    yield from invariants()
    yield from holds.measure(now, acts=acts, seconds=seconds)
    server = server_process()
    yield from week(now, acts, server)
    with served(connection.settings_dict) as address:
        yield from board(now, acts, address, server)
        yield from crowd(now, address)


def invariants() -> Iterator[str]:
    """All that must be true, asked of all the data."""
    verdicts = list(verified(ALL, now=timezone.now()))
    broken = [verdict.invariant.name for verdict in verdicts if verdict.count]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM bookings_occupancy")
        many = cursor.fetchone()[0]
    spent = sum(verdict.seconds for verdict in verdicts)
    yield f"{len(ALL)} invariants over {many:,} occupancies: {spent:.1f} s, broken: {', '.join(broken) or 'none'}"


def week(now: datetime, acts: int, server: list[int]) -> Iterator[str]:
    """The week of instruments of the city, each another, as the calendar asks for it; and its statement bare."""
    keys = list(Instrument.objects.filter(code__startswith="SC-").order_by("pk").values_list("pk", flat=True)[:acts])
    within = Period(now, now + timedelta(days=7))
    log: list[list[Statement]] = []

    def ask(key: int) -> Any:
        return availability.week(key, within=within, member=None, now=now)

    for key in keys:
        log.append([])
        with recorded(log[-1]):
            ask(key)
    bare = replayed("  its statement, bare", log, pids=server)
    figure = one_by_one("week of one instrument of the city", [lambda key=key: ask(key) for key in keys], pids=server)
    figure.statements = bare.statements
    yield figure.row(bare)
    yield bare.row()


def board(now: datetime, acts: int, address: tuple[str, int], server: list[int]) -> Iterator[str]:
    """The board of a lab that has 200 instruments of the city, for a week, over HTTP; and its statements bare."""
    member = LabMembershipFactory(role=Membership.Role.LAB_MANAGER)
    lab = LabFactory(organisation=member.organisation)
    some = Instrument.objects.filter(code__startswith="SC-").order_by("pk").values_list("pk", flat=True)
    Instrument.objects.filter(pk__in=list(some[:ON_THE_BOARD])).update(lab=lab)
    client = Client()
    client.force_login(member.user, "django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["acting"] = member.pk
    session.save()
    monday = (now - timedelta(days=now.weekday())).date()
    page = f"/desk/board/events/?from={monday}&days=7"
    log: list[list[Statement]] = []
    for _ in range(min(acts, 30)):
        log.append([])
        with recorded(log[-1]):
            client.get(page)
    bare = replayed("  its statements, bare", log, pids=server)
    line = HTTPConnection(*address, timeout=60)
    shown: list[int] = []

    def ask() -> None:
        line.request("GET", page, headers={"Cookie": f"sessionid={client.cookies['sessionid'].value}"})
        answer = line.getresponse()
        told = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{page} answered {answer.status}")
        shown.append(len(json.loads(told)["bookings"]))

    for _ in range(8):
        ask()
    name = f"board of {ON_THE_BOARD} instruments for a week"
    figure = one_by_one(name, [ask] * min(acts, 100), pids=[*server, *granian_of(address)])
    figure.statements = bare.statements
    yield figure.row(bare)
    yield bare.row()
    yield f"  {shown[-1]:,} bookings on it"


def crowd(now: datetime, address: tuple[str, int]) -> Iterator[str]:
    """200 clients want one slot at the same instant, again and again: how long the losers wait, and what goes wrong."""
    del now
    tokens = []
    for _ in range(CROWD):
        text = token_rules.new_text()
        ApiTokenFactory(text=text, membership=buyer(most_holds=1_000), token_hash=token_rules.hashed(text))
        tokens.append(text)
    world = holds.World(timezone.now())
    slots = [holds.body(*slot) for slot in world.slots(ROUNDS + 2)]
    before = _deadlocks()
    waits, statuses = [], Counter[int]()
    share = CROWD // CROWD_PROCESSES
    with ProcessPoolExecutor(CROWD_PROCESSES) as pool:
        for number, slot in enumerate(slots):
            at = time.time() + 1.0
            work = [(address, tokens[share * part : share * (part + 1)], slot, at) for part in range(CROWD_PROCESSES)]
            answers = [answer for some in pool.map(_part_of_crowd, work) for answer in some]
            if number < 2:
                continue  # the server's threads prepare their statements
            statuses.update(status for status, _ in answers)
            waits += [spent for status, spent in answers if status != 201]
    figure = Figure(f"one slot, {CROWD} clients: the losers", each=waits, wall=1.0)
    told = ", ".join(f"{many:,} answered {status}" for status, many in sorted(statuses.items()))
    yield figure.row()
    yield f"  {told}; {_deadlocks() - before} deadlocks"


def _part_of_crowd(work: tuple[tuple[str, int], list[str], dict[str, str], float]) -> list[tuple[int, float]]:
    address, tokens, slot, at = work
    ready = Barrier(len(tokens))

    def ask(token: str) -> tuple[int, float]:
        headers = {
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": str(uuid.uuid4()),
            "Content-Type": "application/json",
        }
        line = HTTPConnection(*address, timeout=60)
        line.connect()
        ready.wait(timeout=60)
        time.sleep(max(0.0, at - time.time()))
        begun = time.perf_counter()
        line.request("POST", "/api/v1/rentals/", json.dumps(slot), headers)
        answer = line.getresponse()
        answer.read()
        spent = time.perf_counter() - begun
        line.close()
        return answer.status, spent

    with ThreadPoolExecutor(len(tokens)) as threads:
        return list(threads.map(ask, tokens))


def _deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        many: int = cursor.fetchone()[0]
    return many
