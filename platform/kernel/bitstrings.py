"""A string of yes and no in one column: PostgreSQL's bit(n)."""

from typing import Any

from django.db import models


class BitStringField(models.Field):  # type: ignore[type-arg]  # takes none when run
    """A `bit(length)` column; a text of 0 and 1 in Python."""

    description = "a string of yes and no"

    def __init__(self, *args: Any, length: int, **options: Any) -> None:
        self.length = length
        super().__init__(*args, **options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "length": self.length}

    def db_type(self, connection: Any) -> str:
        return f"bit({self.length})"
