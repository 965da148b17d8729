"""
Rows of several tables read straight into their models, for the few statements on every request's way.

Note [Rows by hand]
    Such a statement is written once, its columns come from the models, and what it returns is read into them: the ORM
    spends several times the CPU of the database on building the same statement anew at each call.
"""

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import Any

from django.db import connection, models


class Joined:
    """Tables joined under aliases, with all their columns in the order they are named."""

    def __init__(self, **tables: type[models.Model]) -> None:
        self.tables = tables

    @cached_property
    def columns(self) -> str:
        """The columns of all tables, for the SELECT list."""
        return ", ".join(
            f"{alias}.{connection.ops.quote_name(str(field.column))}"
            for alias, model in self.tables.items()
            for field in model._meta.concrete_fields
        )

    @cached_property
    def _places(self) -> list[tuple[type[models.Model], list[str], slice]]:
        placed, begin = [], 0
        for model in self.tables.values():
            names = [field.attname for field in model._meta.concrete_fields]
            placed.append((model, names, slice(begin, begin + len(names))))
            begin += len(names)
        return placed

    @cached_property
    def _converted(self) -> list[tuple[int, Callable[[Any], Any]]]:
        """What is not read as the database gives it: where, and how it is converted."""
        fields = [field for model in self.tables.values() for field in model._meta.concrete_fields]
        return [
            (place, partial(field.from_db_value, expression=None, connection=connection))
            for place, field in enumerate(fields)
            if hasattr(field, "from_db_value")
        ]

    def read(self, row: Sequence[Any]) -> list[Any]:
        """Return the objects of a row, one of each table in their order."""
        values = list(row)
        for place, convert in self._converted:
            values[place] = convert(values[place])
        return [model.from_db(connection.alias, names, values[where]) for model, names, where in self._places]
