"""The hold: bare SQL under the constraint, through the operation, and through HTTP with 8 clients; and the week."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from rest_framework.test import APIClient

from accounts.models import Membership
from accounts.tokens import rules as token_rules
from bench.database import server_process
from bench.measuring import Figure, Statement, cpu_of, one_by_one, recorded, replayed
from bookings.availability import queries as availability
from bookings.availability.rules import CapacityExceeded
from bookings.models import Occupancy
from bookings.rentals import operations as rentals
from kernel.periods import Period
from labs.models import Instrument
from tests.factories.accounts import ApiTokenFactory
from tests.factories.bookings import buyer
from tests.factories.labs import ALWAYS, InstrumentFactory, LabFactory
from tests.serving import served

CLIENTS = 8
INSTRUMENTS = 64
MINUTES = 30
RAW = """
INSERT INTO bookings_occupancy (resource_id, unit, period, usage, holder_kind, holder_id, lapses_at)
VALUES (%s, 1, %s, %s, 'rental', 0, NULL) ON CONFLICT ON CONSTRAINT occupancy_no_overlap DO NOTHING RETURNING id
"""

type Slot = tuple[Instrument, Period]


class World:
    """Instruments open around the clock, and buyers with tokens; each slot is handed out once."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        lab = LabFactory(weekly=ALWAYS)
        terms = {"policy__advance_days": 200, "policy__week_max_minutes": 30_000}
        self.instruments = InstrumentFactory.create_batch(INSTRUMENTS, lab=lab, open_time=now, **terms)
        self.tokens, self.members = [], []
        for _ in range(CLIENTS):
            text, member = (
                token_rules.new_text(),
                buyer(monthly_credit_fen=10**12, most_bookings_ahead=30_000, most_holds=30_000),
            )
            ApiTokenFactory(text=text, membership=member, token_hash=token_rules.hashed(text))
            self.tokens.append(text)
            self.members.append(member)
        self._slots = self._all_slots()

    def _all_slots(self) -> Iterator[Slot]:
        midnight = (self.now + timedelta(days=2)).replace(hour=0, minute=0, second=0, microsecond=0)
        for slot in range(180 * 48):
            for instrument in self.instruments:
                yield instrument, Period.starting(midnight + timedelta(minutes=MINUTES * slot), MINUTES)

    def slots(self, count: int) -> list[Slot]:
        """The next free slots, spread over the instruments."""
        return [next(self._slots) for _ in range(count)]


def measure(now: datetime, *, acts: int, seconds: float) -> Iterator[str]:
    """Yield the lines of the table."""
    world = World(now)
    server = server_process()
    yield raw_insert(world, acts, server).row()
    yield from through_operation(world, acts, server)
    bare = statements_of_http_hold(world, acts, server)
    yield bare.row()
    confirmed = statements_of_http_confirm(world, acts, server)
    yield confirmed.row()
    with served(connection.settings_dict) as address:
        for clients in (1, CLIENTS):
            held, numbers = over_http(world, address, clients=clients, seconds=seconds, server=server)
            yield held.row(bare)
            yield confirm_over_http(world, address, numbers, server=server).row(confirmed)
    yield from week(world, acts, server)


def raw_insert(world: World, acts: int, server: list[int]) -> Figure:
    """The least that anybody can do: one row under the exclusion constraint, committed."""
    rentals.place_hold(instrument=world.instruments[0], period=world.slots(1)[0][1], mode="assisted",
                       by=world.members[0], now=world.now)  # fmt: skip
    resources = dict(Instrument.objects.filter(resource__isnull=False).values_list("pk", "resource__pk"))
    acts_ = [
        [(RAW, (resources[instrument.pk], period.as_range(), period.as_range()))]
        for instrument, period in world.slots(acts)
    ]
    figure = replayed("raw insert under the constraint", acts_, pids=server)
    Occupancy.objects.filter(holder_id=0).delete()
    return figure


def through_operation(world: World, acts: int, server: list[int]) -> Iterator[str]:
    """The operation in this process, and the statements it sent, replayed bare."""
    log: list[list[Statement]] = []

    def hold(slot: Slot, member: Membership) -> None:
        rentals.place_hold(instrument=slot[0], period=slot[1], mode="assisted", by=member, now=world.now)

    def hold_recorded(slot: Slot) -> None:
        log.append([])
        with recorded(log[-1]):
            hold(slot, world.members[0])

    for slot in world.slots(acts):
        hold_recorded(slot)
    forget(world)
    bare = replayed("  its statements, bare", log, pids=server)
    forget(world)
    wanted = world.slots(acts)
    figure = one_by_one(
        "hold through the operation", [lambda slot=slot: hold(slot, world.members[0]) for slot in wanted], pids=server
    )
    figure.statements = bare.statements
    yield figure.row(bare)
    yield bare.row()


def statements_of_http_hold(world: World, acts: int, server: list[int]) -> Figure:
    """All statements of a hold through the API, log-in and answer kept included, replayed bare."""
    log: list[list[Statement]] = []
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {world.tokens[0]}")
    for instrument, period in world.slots(acts):
        log.append([])
        with recorded(log[-1]):
            answer = client.post(
                "/api/v1/rentals/", body(instrument, period), format="json", HTTP_IDEMPOTENCY_KEY=str(uuid.uuid4())
            )
        if answer.status_code != 201:
            raise RuntimeError(answer.content)
    forget(world)
    figure = replayed("  statements of a hold over HTTP, bare", log, pids=server)
    forget(world)
    return figure


EMPTY_BOOKS = """
ALTER TABLE billing_entry DISABLE TRIGGER ledger_entry_is_not_emptied;
ALTER TABLE billing_line DISABLE TRIGGER ledger_line_is_not_emptied;
TRUNCATE billing_bill, billing_entry, audit_answeredrequest RESTART IDENTITY CASCADE;
ALTER TABLE billing_entry ENABLE TRIGGER ledger_entry_is_not_emptied;
ALTER TABLE billing_line ENABLE TRIGGER ledger_line_is_not_emptied;
"""
"""What is posted stays as it is, but in a benchmark's database."""


def forget(world: World, *, rentals_too: bool = True) -> None:
    """Take back what was held, charged and booked in the world: the same statements succeed again, ids and all."""
    mine = [instrument.pk for instrument in world.instruments]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(EMPTY_BOOKS)
        if rentals_too:
            cursor.execute(
                "DELETE FROM bookings_occupancy o USING bookings_rental r"
                " WHERE o.holder_kind = 'rental' AND o.holder_id = r.id AND r.instrument_id = ANY (%s)",
                [mine],
            )
            cursor.execute("DELETE FROM bookings_rental WHERE instrument_id = ANY (%s)", [mine])


def body(instrument: Instrument, period: Period) -> dict[str, str]:
    """A hold as the API takes it."""
    return {
        "instrument": instrument.code,
        "start": period.start.isoformat(),
        "end": period.end.isoformat(),
        "mode": "assisted",
    }


def statements_of_http_confirm(world: World, acts: int, server: list[int]) -> Figure:
    """All statements of a confirmation through the API, replayed bare: its effects are there already, and stay."""
    log: list[list[Statement]] = []
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {world.tokens[0]}")
    member = world.members[0]
    for instrument, period in world.slots(acts):
        held = rentals.place_hold(instrument=instrument, period=period, mode="assisted", by=member, now=utc_now())
        log.append([])
        with recorded(log[-1]):
            path = f"/api/v1/rentals/{held.number}/confirm/"
            answer = client.post(path, format="json", HTTP_IDEMPOTENCY_KEY=str(uuid.uuid4()))
        if answer.status_code != 200:
            raise RuntimeError(answer.content)
    forget(world, rentals_too=False)
    figure = replayed("  statements of a confirmation over HTTP, bare", log, pids=server)
    forget(world)
    return figure


type Request = tuple[str, dict[str, str] | None]
"""A path below /api/v1/, and what is sent there."""


def over_http(
    world: World, address: tuple[str, int], *, clients: int, seconds: float, server: list[int]
) -> tuple[Figure, list[list[str]]]:
    """Holds by clients in processes of their own, for so many seconds; and the numbers of what each client holds."""
    plenty = int(seconds * 1_500 / clients)
    asked: list[list[Request]] = [[("rentals/", body(*slot)) for slot in world.slots(plenty)] for _ in range(clients)]
    return at_once(_named("hold", clients), world, address, asked, seconds=seconds, server=server)


def confirm_over_http(world: World, address: tuple[str, int], numbers: list[list[str]], *, server: list[int]) -> Figure:
    """Confirmations of what the clients hold, by the same clients."""
    asked: list[list[Request]] = [[(f"rentals/{number}/confirm/", None) for number in held] for held in numbers]
    return at_once(_named("confirmation", len(numbers)), world, address, asked, seconds=3_600, server=server)[0]


def _named(act: str, clients: int) -> str:
    return f"{act} over HTTP, {clients} client{'s' if clients > 1 else ''}"


def at_once(
    name: str,
    world: World,
    address: tuple[str, int],
    asked: list[list[Request]],
    *,
    seconds: float,
    server: list[int],
) -> tuple[Figure, list[list[str]]]:
    """Send each client's requests from a process of its own, on one connection each; and the rentals answered."""
    work = [(address, world.tokens[number], requests, seconds) for number, requests in enumerate(asked)]
    figure = Figure(name, statements=0)
    numbers = []
    web = granian_of(address)
    with ProcessPoolExecutor(len(asked)) as pool:
        list(pool.map(_warm, [address] * len(asked)))
        before, begun = cpu_of([*server, *web]), time.perf_counter()
        for spent, rentals_, wrong in pool.map(_client, work):
            figure.each.extend(spent)
            numbers.append(rentals_)
            if wrong:
                raise RuntimeError(f"not every request succeeded: {wrong}")
        figure.wall = time.perf_counter() - begun
        figure.cpu = cpu_of([*server, *web]) - before
    return figure, numbers


def granian_of(address: tuple[str, int]) -> list[int]:
    """The web server's process that answers at an address."""
    mark = f"{address[0]}:{address[1]} ".encode()
    named = ((entry, _command(entry)) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [int(entry.name) for entry, command in named if mark in command and b"worker-" not in command]


def _command(entry: Any) -> bytes:
    try:
        return (entry / "cmdline").read_bytes()
    except OSError:
        return b""


def _warm(address: tuple[str, int]) -> None:
    line = HTTPConnection(*address, timeout=30)
    for _ in range(20):
        line.request("GET", "/healthz")
        line.getresponse().read()


def _client(
    work: tuple[tuple[str, int], str, list[Request], float],
) -> tuple[list[float], list[str], list[Any]]:
    address, token, requests, seconds = work
    line = HTTPConnection(*address, timeout=30)
    spent, numbers, wrong = [], [], []
    until = time.perf_counter() + seconds
    for path, body in requests:
        headers = {
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": str(uuid.uuid4()),
            "Content-Type": "application/json",
        }
        start = time.perf_counter()
        if start > until:
            break
        line.request("POST", f"/api/v1/{path}", json.dumps(body or {}), headers)
        response = line.getresponse()
        answer = response.read()
        spent.append(time.perf_counter() - start)
        if response.status not in (200, 201):
            wrong.append((response.status, answer[:300]))
        else:
            numbers.append(json.loads(answer)["number"])
    return spent, numbers, wrong


def week(world: World, acts: int, server: list[int]) -> Iterator[str]:
    """What is free of one instrument in a busy week: the query, and its statement bare."""
    instrument = world.instruments[0]
    monday = (world.now + timedelta(days=7)).replace(hour=0, minute=0, second=0, microsecond=0)
    for hour in range(0, 7 * 24, 3):
        with suppress(CapacityExceeded):  # the holds before took it: it is busy all the same
            rentals.place_hold(
                instrument=instrument,
                period=Period.starting(monday + timedelta(hours=hour), 60),
                mode="assisted",
                by=world.members[0],
                now=world.now,
            )
    within = Period(monday, monday + timedelta(days=7))
    log: list[list[Statement]] = []

    def ask() -> Any:
        return availability.week(instrument.pk, within=within, member=None, now=world.now)

    for _ in range(acts):
        log.append([])
        with recorded(log[-1]):
            ask()
    bare = replayed("  its statement, bare", log, pids=server)
    figure = one_by_one("availability of one instrument for a busy week", [ask] * acts, pids=server)
    figure.statements = bare.statements
    yield figure.row(bare)
    yield bare.row()
    starts: Callable[[], Any] = lambda: availability.starts(  # noqa: E731 -- an act to be timed
        instrument.pk, within=within, minutes=60, mode="assisted", member=None, now=world.now
    )
    yield one_by_one("all starts of 60 minutes in that week", [starts] * acts, pids=server).row(bare)


def utc_now() -> datetime:
    """The instant the benchmark begins."""
    return datetime.now(UTC)
