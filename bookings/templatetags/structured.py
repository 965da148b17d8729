"""Blocks of data on public pages."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from bookings.discovery.structured import as_json

register = template.Library()


@register.simple_tag
def json_ld(thing: dict[str, Any]) -> SafeString:
    """Write a thing of schema.org as JSON-LD: see Note [Data, not script]."""
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(as_json(thing)))  # noqa: S308 -- escaped by as_json
