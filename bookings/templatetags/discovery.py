"""What the cards of the catalogue say of being put aside to be compared."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.http import urlencode

register = template.Library()
MOST_ASIDE = 4


@register.simple_tag(takes_context=True)
def put_aside(context: Mapping[str, Any], code: str) -> str:
    """Return the page's query with an instrument put aside to be compared, or taken back; the oldest makes room."""
    asked = context["request"].GET
    aside = asked.getlist("i")
    left = [one for one in aside if one != code] if code in aside else [*aside, code][-MOST_ASIDE:]
    return f"?{urlencode([*((name, asked.getlist(name)) for name in asked if name != 'i'), ('i', left)], doseq=True)}"


@register.simple_tag(takes_context=True)
def is_aside(context: Mapping[str, Any], code: str) -> bool:
    """Return whether an instrument is put aside to be compared."""
    return code in context["request"].GET.getlist("i")
