"""What happens to API tokens."""

from dataclasses import dataclass

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiTokenMade(Event):
    token_id: int
    membership_id: int
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiTokenRevoked(Event):
    token_id: int
    membership_id: int
