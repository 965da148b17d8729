"""A list of the books as a file: CSV, XLSX, or JSON with plain names and whole fen."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse
from django.utils import timezone

from web import tables

JSON = "json"


def asked_for(fmt: str) -> bool:
    """Whether a query asks for the list as a file."""
    return fmt == JSON or tables.asked_for(fmt)


def answer(fmt: str, *, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """Answer with the rows; `columns` are the names for programs with the headings for people."""
    if fmt != JSON:
        return tables.answer(fmt, name=name, columns=list(columns.values()), rows=rows)
    told = [dict(zip(columns, row, strict=True)) for row in rows]
    content = json.dumps(told, ensure_ascii=False, cls=DjangoJSONEncoder, indent=1)
    response = HttpResponse(content, content_type="application/json")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.json"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def local(instant: Any) -> Any:
    """Return an instant on the clock of the page, as spreadsheets show it."""
    return timezone.localtime(instant)
