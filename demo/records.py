"""Records of the demo's data files, read field by field: whatever is wrong is named by file, record and field."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, Model, OneToOneField

from demo.people import RecordWrongError

Found = TypeVar("Found")
WHOLE = "all of it"


class Record:
    """One record: its fields by kind, each checked when it is taken."""

    def __init__(self, file: str, name: str, fields: Mapping[str, Any], inside: str = "") -> None:
        self.file, self.name, self.fields, self.inside = file, name, fields, inside

    def wrong(self, field: str, why: str) -> RecordWrongError:
        """Return the error that names a field of this record."""
        return RecordWrongError(self.file, self.name, f"{self.inside}{field}", why)

    def take(self, field: str, kind: type[Found]) -> Found:
        """Return a field that must be there, of a kind."""
        if field not in self.fields:
            raise self.wrong(field, "is missing")
        value = self.fields[field]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.wrong(field, f"{value!r} is no {kind.__name__}")
        return value

    def text(self, field: str, otherwise: str | None = None) -> str:
        """Return a text; with `otherwise`, it may be missing or null."""
        if otherwise is not None and self.fields.get(field) is None:
            return otherwise
        return self.take(field, str)

    def number(self, field: str) -> float:
        """Return a number, whole or not."""
        return float(self.take(field, (int, float)))  # type: ignore[arg-type]  # either will do

    def decimal(self, field: str) -> Decimal | None:
        """Return a number written as a text, exactly; None where it is missing or null."""
        if self.fields.get(field) is None:
            return None
        text = self.take(field, str)
        try:
            return Decimal(text)
        except ArithmeticError as error:
            raise self.wrong(field, f"{text!r} is no number") from error

    def day_or_none(self, field: str) -> date | None:
        """Return a date; None where it is missing or null."""
        return None if self.fields.get(field) is None else self.day(field)

    def day(self, field: str) -> date:
        """Return a date."""
        text = self.take(field, str)
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise self.wrong(field, f"{text!r} is no date") from error

    def minute(self, field: str, text: Any) -> int:
        """Return the minute of the day that a clock shows; 24:00 is its end."""
        try:
            return 1440 if text == "24:00" else _minutes(time.fromisoformat(text))
        except (TypeError, ValueError) as error:
            raise self.wrong(field, f"{text!r} is no time of day") from error

    def choice(self, field: str, choices: Iterable[str]) -> str:
        """Return a text that is one of the choices."""
        value, known = self.take(field, str), list(choices)
        if value not in known:
            raise self.wrong(field, f"{value!r} is none of {', '.join(known)}")
        return value

    def one_of(self, field: str, known: Mapping[str, Found]) -> Found:
        """Return what a code refers to."""
        code = self.take(field, str)
        if code not in known:
            raise self.wrong(field, f"there is no {code}")
        return known[code]

    def each_of(self, field: str, known: Mapping[str, Found]) -> list[Found]:
        """Return what a list of codes refers to."""
        for code in self.take(field, list):
            if code not in known:
                raise self.wrong(field, f"there is no {code}")
        return [known[code] for code in self.fields[field]]

    def record(self, field: str) -> "Record":
        """Return a record inside this one."""
        return Record(self.file, self.name, self.take(field, dict), f"{self.inside}{field}.")

    def records(self, field: str) -> "Iterator[Record]":
        """Yield the records of a list inside this one."""
        for position, inner in enumerate(self.take(field, list)):
            if not isinstance(inner, dict):
                raise self.wrong(f"{field}.{position}", "is no record")
            yield Record(self.file, self.name, inner, f"{self.inside}{field}.{position}.")

    def checked(self, row: "Row", **fields: str) -> "Row":
        """Return a row whose own fields are right; `fields` name the record's field where it is called otherwise."""
        references = {each.name for each in row._meta.fields if isinstance(each, (ForeignKey, OneToOneField))}
        try:
            row.clean_fields(exclude=references)
        except ValidationError as error:
            field, whys = next(iter(error.message_dict.items()))
            raise self.wrong(fields.get(field, field), " ".join(whys)) from error
        return row


Row = TypeVar("Row", bound=Model)


def read(folder: Path, file: str, key: str) -> list[Record]:
    """Return the records of a file, in order; each key once."""
    given = read_whole(folder, file)
    if not isinstance(given, list):
        raise RecordWrongError(file, "the file", WHOLE, "is no list of records")
    found: dict[str, Record] = {}
    for position, fields in enumerate(given, start=1):
        if not isinstance(fields, dict):
            raise RecordWrongError(file, f"record {position}", WHOLE, "is no record")
        name = fields.get(key)
        if not isinstance(name, str) or not name:
            raise RecordWrongError(file, f"record {position}", key, "is missing")
        if name in found:
            raise RecordWrongError(file, name, key, "comes twice")
        found[name] = Record(file, name, fields)
    return list(found.values())


def read_whole(folder: Path, file: str) -> Any:
    """Return what a file holds."""
    try:
        return json.loads((folder / file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RecordWrongError(file, "the file", WHOLE, str(error)) from error


def upsert(rows: Iterable[Model], *, by: tuple[str, ...] = ("code",), leave: tuple[str, ...] = ()) -> None:
    """Write rows by their key, all columns but the key and those that people may have changed meanwhile."""
    found = list(rows)
    if not found:
        return
    model = type(found[0])
    columns = [
        each.name
        for each in model._meta.concrete_fields
        if not each.primary_key and not each.generated and each.name not in (*by, *leave)
    ]
    model._default_manager.bulk_create(found, update_conflicts=True, unique_fields=by, update_fields=columns)


def joined(through: Any, one: str, other: str, wanted: Mapping[int, Iterable[Model]]) -> None:
    """
    Make a relation what the data say, with no row taken out that is to stay.

    `one` is the column of what the data speak of, by key, `other` that of what belongs to it.
    """
    pairs = {(key, row.pk) for key, rows in wanted.items() for row in rows}
    known = through.objects.filter(**{f"{one}__in": list(wanted)})
    gone = [pk for pk, key, its in known.values_list("pk", one, other) if (key, its) not in pairs]
    if gone:
        through.objects.filter(pk__in=gone).delete()
    rows = [through(**{one: key, other: its}) for key, its in sorted(pairs)]
    through.objects.bulk_create(rows, ignore_conflicts=True)


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute
