"""What the menu of the lab's desk counts."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils import timezone

from bookings.board import queries as board
from bookings.foresight.queries import conflicts

register = template.Library()


@register.simple_tag(takes_context=True)
def approvals_waiting(context: Mapping[str, Any]) -> int:
    """Return how many bookings wait for the lab's answer."""
    member = context.get("member")
    return board.number_waiting(member, timezone.now()) if member else 0  # noqa: TID251 -- a tag is an edge of the page


@register.simple_tag(takes_context=True)
def conflicts_waiting(context: Mapping[str, Any]) -> int:
    """Return how many bookings need another time."""
    member = context.get("member")
    return conflicts.number_of(member, timezone.now()) if member else 0  # noqa: TID251 -- a tag is an edge of the page
