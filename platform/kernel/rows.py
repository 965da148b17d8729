"""
Rows of several tables read straight into their models, for the few statements on every request's way.

Note [Rows by hand]
    Such a statement is written once, its columns come from the models, and what it returns is read into them: the ORM
    spends several times the CPU of the database on building the same statement anew at each call.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db import connection, models


class Joined:
    """
    Tables joined under aliases, with all their columns in the order they are named.

    Raises:
        TypeError: a model has a field that is not read as the database gives it.
    """

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
            fields = list(model._meta.concrete_fields)
            converted = [field.name for field in fields if hasattr(field, "from_db_value")]
            if converted:
                raise TypeError(f"{model.__name__}.{converted[0]} cannot be read by hand")
            placed.append((model, [field.attname for field in fields], slice(begin, begin + len(fields))))
            begin += len(fields)
        return placed

    def read(self, row: Sequence[Any]) -> list[Any]:
        """Return the objects of a row, one of each table in their order."""
        return [model.from_db(connection.alias, names, row[where]) for model, names, where in self._places]
