"""The bell of every page: how much a person has not read."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from notices import queries


def bell(request: HttpRequest) -> dict[str, Any]:
    """Return how many notices are unread, asked only where the bell is drawn, and never for strangers."""
    return {"unread_notices": SimpleLazyObject(lambda: Counted(request))}


class Counted:
    """A number of unread notices; more than 99 are not counted."""

    def __init__(self, request: HttpRequest) -> None:
        user, memberships = getattr(request, "user", None), getattr(request, "memberships", [])
        self.number = queries.unread(user, memberships) if user is not None and user.is_authenticated else 0

    def __bool__(self) -> bool:
        return self.number > 0

    def __str__(self) -> str:
        return "99+" if self.number >= queries.MOST_COUNTED else str(self.number)
