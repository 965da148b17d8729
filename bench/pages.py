"""The catalogue page with its free times, over the demo's 62 instruments and over thousands."""

from collections.abc import Iterator
from datetime import datetime
from http.client import HTTPConnection
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test import Client

from bench.database import server_process
from bench.holds import granian_of
from bench.measuring import Figure, Statement, one_by_one, recorded, replayed
from labs.models import Instrument
from tests.serving import served

PAGES = ("/catalogue/", "/catalogue/?q=%E7%94%B5%E5%AD%90", "/catalogue/?kind=rental&page=2")


def measure(now: datetime, *, acts: int, seconds: float, instruments: int) -> Iterator[str]:
    """Yield the lines of the table, first for the demo, then for the city at scale."""
    del now, seconds
    call_command("load_demo", verbosity=0)
    yield from _of_catalogue(acts)
    if instruments:
        call_command("seed_scale", instruments=instruments, seed=1, verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield from _of_catalogue(acts)


def _of_catalogue(acts: int) -> Iterator[str]:
    server = server_process()
    count = Instrument.objects.published().count()
    with served(connection.settings_dict) as address:
        web = granian_of(address)
        for page in PAGES:
            bare = statements_of(page, acts, server)
            bare.name = "  its statements, bare"
            line = HTTPConnection(*address, timeout=60)

            def ask(page: str = page, line: HTTPConnection = line) -> Any:
                line.request("GET", page, headers={"Cookie": "language=zh-hans"})
                answer = line.getresponse()
                answer.read()
                if answer.status != 200:
                    raise RuntimeError(f"{page} answered {answer.status}")

            for _ in range(10):
                ask()
            figure: Figure = one_by_one(f"{page[:34]} over {count:,} instruments", [ask] * acts, pids=[*server, *web])
            figure.statements = bare.statements
            yield figure.row(bare)
            yield bare.row()


def statements_of(page: str, acts: int, server: list[int]) -> Figure:
    """Send a page's statements bare, so many times, and measure."""
    log: list[list[Statement]] = []
    client = Client()
    for _ in range(acts):
        log.append([])
        with recorded(log[-1]):
            client.get(page)
    return replayed(page, log, pids=server)
