"""The open catalogue as files that are written while they are read: JSON, and CSV by table."""

import csv
import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from bookings.discovery.structured import absolute
from bookings.publishing import queries, rules
from web.tables import DANGEROUS


def as_json(*, today: date, now: datetime) -> Iterator[str]:
    """Return the whole catalogue as one JSON document, piece by piece."""
    head = {
        "schema": absolute(reverse("publishing:schema")),
        "licence": settings.OPEN_DATA_LICENCE,
        "licence_url": settings.OPEN_DATA_LICENCE_URL,
        "source": settings.PLATFORM_URL,
        "as_of": today.isoformat(),
    }
    yield json.dumps(head, ensure_ascii=False)[:-1]
    for table in rules.TABLES:
        yield f',\n"{table}": ['
        for number, row in enumerate(queries.rows(table, today=today, now=now)):
            yield ("," if number else "") + "\n" + json.dumps(row, ensure_ascii=False)
        yield "\n]"
    yield "\n}\n"


class Echo:
    """A file that hands on each line instead of keeping it."""

    def write(self, line: str) -> str:
        """Return the line."""
        return line


def as_csv(table: str, *, today: date, now: datetime) -> Iterator[str]:
    """Return one table as CSV: lists with semicolons, objects as JSON; a spreadsheet reads no text as a formula."""
    fields = [field.name for field in rules.TABLES[table]]
    writer = csv.writer(Echo())
    yield "\N{ZERO WIDTH NO-BREAK SPACE}" + writer.writerow(fields)
    for row in queries.rows(table, today=today, now=now):
        yield writer.writerow([_cell(row[name]) for name in fields])


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return _cell(
            json.dumps(value, ensure_ascii=False) if value and isinstance(value[0], dict) else "; ".join(value)
        )
    if isinstance(value, str) and value.startswith(DANGEROUS):
        return f"'{value}"
    return value
