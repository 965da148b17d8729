"""
Search at city scale: pages with counts, words, capability and free time, each beside its own SQL; and the free filter.

    .venv/bin/python -m bench catalogue --instruments 10000 --occupancies 2000000

The first lines need no page: how long the filter over the weeks takes for 1,000 candidates, what it costs
to find the same by cutting multiranges, how much the exact judging of what is shown adds, and what keeping the weeks
costs a booking. What is done in this process is done three times first, what is asked over HTTP sixteen times; none of
that is counted.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from django.core.management import call_command
from django.db import connection
from django.db.models import Count

from bench import weeks
from bench.database import server_process
from bench.holds import granian_of
from bench.measuring import Figure, one_by_one, replayed
from bench.pages import statements_of
from bookings.availability import queries as availability
from bookings.availability.queries.candidates import maybe_free_among
from kernel.periods import Period
from labs.models import Capability, Instrument
from tests.serving import served

CANDIDATES = 1_000
HOURS = 4
SHOWN = 20
WARM_UP = 16
"""Requests before a page is measured: each of the web server's threads plans and prepares its statements anew."""

BY_RANGES = """
SELECT given.id FROM unnest(%s::bigint[]) AS given (id)
JOIN labs_opentime o ON o.instrument_id = given.id
JOIN bookings_resource r ON r.instrument_id = given.id
CROSS JOIN LATERAL (
    SELECT coalesce(range_agg(c.period), '{}') AS busy FROM bookings_occupancy c
    WHERE c.resource_id = r.id AND c.period && tstzrange(%s, %s)
) taken
WHERE EXISTS (
    SELECT FROM unnest(o.open * o.calibrated * tstzmultirange(tstzrange(%s, %s)) - o.blocked - taken.busy) AS free
    WHERE upper(free) - lower(free) >= make_interval(mins => %s)
)
"""


def measure(now: datetime, *, acts: int, instruments: int, occupancies: int) -> Iterator[str]:
    """Yield the lines of the table, once a city of that size has been made."""
    call_command("load_demo", verbosity=0)
    call_command("seed_scale", instruments=instruments, occupancies=occupancies, seed=1)
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) bookings_instrumentweek, bookings_occupancy, labs_opentime, labs_instrument")
    yield from measure_made(now, acts=acts)


def measure_made(now: datetime, *, acts: int) -> Iterator[str]:
    """Yield the lines for the city that is there."""
    server = server_process()
    yield f"{Instrument.objects.count():,} instruments"
    yield from _filter(now, acts, server)
    yield from weeks.trigger(_seeded(), now, 2 * acts)
    with served(connection.settings_dict) as address:
        web = granian_of(address)
        for name, page in _pages(now):
            yield from _page(name, page, address, acts, [*server, *web])


def _pages(now: datetime) -> Iterator[tuple[str, str]]:
    counted = Instrument.objects.values_list("category__code").annotate(many=Count("pk")).order_by("-many")
    category = min(counted, key=lambda row: abs(row[1] - CANDIDATES))[0]
    day = (now + timedelta(days=1)).date()
    free = {"free_from": day, "free_to": day + timedelta(days=13), "minutes": 60 * HOURS}
    week = {**free, "free_to": day + timedelta(days=6)}
    yield "facets with counts", _url(kind="rental")
    yield "words", _url(q="电子")
    yield "a standard, a parameter and a district in one box", _url(q="GB/T 228.1 拉伸 天河")
    if Capability.objects.exists():
        yield "capability: 50 kN at 0.5 %", _url(quantity="force", value="50", unit="kN", uncertainty="0.5 %")
    yield f"free {HOURS} h in a fortnight, category {category}", _url(kind="rental", category=category, **free)
    yield f"free {HOURS} h in a week, category {category}", _url(kind="rental", category=category, **week)
    yield f"free {HOURS} h in a fortnight, over all", _url(kind="rental", **free)
    yield "a program: free in a week, category", "/api/v1/instruments/?" + urlencode({"category": category, **week})


def _url(**asked: Any) -> str:
    return "/catalogue/?" + urlencode(asked)


def _understood(page: str, address: tuple[str, int]) -> str:
    """Return the address that a query leads to: words that mean more than words are sent on as parameters."""
    line = HTTPConnection(*address, timeout=120)
    line.request("GET", page)
    answer = line.getresponse()
    answer.read()
    return answer.headers["Location"] if answer.status == 302 else page


def _page(name: str, page: str, address: tuple[str, int], acts: int, pids: list[int]) -> Iterator[str]:
    page = _understood(page, address)
    bare = statements_of(page, min(acts, 40), pids)
    bare.name = "  its statements, bare"
    line = HTTPConnection(*address, timeout=120)

    def ask() -> None:
        line.request("GET", page, headers={"Cookie": "language=zh-hans"})
        answer = line.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{page} answered {answer.status}")

    for _ in range(WARM_UP):
        ask()
    figure = one_by_one(name, [ask] * acts, pids=pids)
    figure.statements = bare.statements
    yield f"{figure.row(bare)}   p50/p50 {figure.percentile(0.5) / bare.percentile(0.5):.1f}"
    yield bare.row()


def _seeded() -> list[int]:
    return sorted(Instrument.objects.filter(code__startswith="SC-").values_list("pk", flat=True))


def _filter(now: datetime, acts: int, server: list[int]) -> Iterator[str]:
    keys = _seeded()
    chosen = random.Random(1)
    ids = [sorted(chosen.sample(keys, min(CANDIDATES, len(keys)))) for _ in range(acts)]
    for days in (7, 14):
        within = Period(now, now + timedelta(days=days))
        asked = [[maybe_free_among(some, within=within, minutes=60 * HOURS)] for some in ids]
        replayed("", asked[:3])
        bits = replayed(
            f"free {HOURS} h in {days} days, {len(ids[0]):,} candidates: bits",
            asked,
            pids=server,
        )
        yield bits.row()
        cut = [within.start, within.end, within.start, within.end, 60 * HOURS]
        yield replayed(
            "  the same by cutting multiranges", [[(BY_RANGES, [some, *cut])] for some in ids[: acts // 2]], pids=server
        ).row(bits)
        yield _shown(ids, within, now, server).row(bits)
        maybe = set(availability.maybe_free_of(ids[0], within=within, minutes=60 * HOURS))
        exact = _judged(ids[0], within, now, most=len(ids[0]))
        yield f"  of {len(ids[0]):,} candidates {len(maybe):,} may be free, and {len(exact):,} are; lost: " + str(
            len({pk for pk, _ in exact} - maybe)
        )


def _shown(ids: list[list[int]], within: Period, now: datetime, server: list[int]) -> Figure:
    acts = [lambda some=some: _judged(some, within, now, most=SHOWN) for some in ids]
    one_by_one("", acts[:3])
    return one_by_one(f"  with {SHOWN} of them judged by the rules", acts, pids=server)


def _judged(ids: list[int], within: Period, now: datetime, *, most: int) -> list[tuple[int, datetime]]:
    return availability.free_instruments(
        ids, within=within, minutes=60 * HOURS, mode=None, member=None, now=now, most=most
    )
