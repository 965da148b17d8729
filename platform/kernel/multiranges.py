"""Several stretches of time in one column: PostgreSQL's tstzmultirange."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from psycopg.types.multirange import TimestamptzMultirange
from psycopg.types.range import TimestamptzRange

from kernel.periods import Period


def as_multirange(periods: Iterable[Period]) -> TimestamptzMultirange:
    """Return the periods as PostgreSQL writes them."""
    return TimestamptzMultirange([TimestamptzRange(period.start, period.end, "[)") for period in periods])


def as_periods(value: Iterable[Any]) -> list[Period]:
    """Read a bounded multirange into periods, in order."""
    return [Period(part.lower, part.upper) for part in value]


class MultirangeField(models.Field):  # type: ignore[type-arg]  # takes none when run
    """A `tstzmultirange` column; periods in Python, joined and ordered by PostgreSQL."""

    description = "stretches of time"

    def db_type(self, connection: Any) -> str:
        return "tstzmultirange"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> list[Period] | None:
        return None if value is None else as_periods(value)

    def get_prep_value(self, value: Any) -> Any:
        if value is None or hasattr(value, "resolve_expression") or isinstance(value, TimestamptzMultirange):
            return value
        return as_multirange(value)
