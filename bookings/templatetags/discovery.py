"""What the cards of the catalogue say of being put aside to be compared."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()
MOST_ASIDE = 4


@register.simple_tag(takes_context=True)
def put_aside(context: Mapping[str, Any], code: str) -> str:
    """Return the page's query with an instrument put aside to be compared, or taken back; the oldest makes room."""
    query = context["request"].GET.copy()
    aside = query.getlist("i")
    query.setlist("i", [one for one in aside if one != code] if code in aside else [*aside, code][-MOST_ASIDE:])
    return f"?{query.urlencode()}" if query else "?"


@register.simple_tag(takes_context=True)
def is_aside(context: Mapping[str, Any], code: str) -> bool:
    """Return whether an instrument is put aside to be compared."""
    return code in context["request"].GET.getlist("i")
