"""What templates say often: money, times in the lab's zone, icons, the organisation acted for."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from kernel.money import Money
from kernel.periods import Period
from web import moments
from web.acting import FIELD
from web.icons import ICONS

register = template.Library()


@register.filter
def money(amount: Money | int | None) -> str:
    """Show an amount, given as Money or in fen: ¥1,234.50."""
    if amount is None:
        return ""
    return str(amount if isinstance(amount, Money) else Money(amount))


@register.filter
def when(instant: datetime | None, tz: tzinfo | None = None) -> str:
    """Show an instant in the lab's zone: 2026-11-25 周三 09:00 (UTC+8)."""
    return "" if instant is None else moments.instant(instant, tz or timezone.get_current_timezone())


@register.filter
def period(value: Period | None, tz: tzinfo | None = None) -> str:
    """Show a period in the lab's zone: 2026-11-25 周三 09:00–11:00 (UTC+8)."""
    return "" if value is None else moments.period(value, tz or timezone.get_current_timezone())


@register.filter
def day(instant: datetime | None, tz: tzinfo | None = None) -> str:
    """Show the local day of an instant: 2026-11-25 周三."""
    return "" if instant is None else moments.day(instant.astimezone(tz or timezone.get_current_timezone()))


@register.filter
def minutes(number: int | None) -> str:
    """Show a length in hours and minutes: 2 小时 30 分."""
    return "" if number is None else moments.length(number)


@register.simple_tag(takes_context=True)
def acting(context: Mapping[str, Any]) -> str | SafeString:
    """Write the hidden field that says for which organisation a form was shown; stands beside the CSRF token."""
    member = context.get("member")
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, member.pk) if member else ""


@register.simple_tag
@lru_cache(512)
def icon(name: str, classes: str = "", label: str = "") -> SafeString:
    """
    Draw an icon of `web.icons`; a `label` is read aloud, without one it is decoration.

    Raises:
        KeyError: there is no such icon.
    """
    drawing = mark_safe(ICONS[name])  # noqa: S308 -- our own drawings
    said = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" class="icon {}" width="24" height="24" viewBox="0 0 24 24" fill="none"'
        ' stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" {}>{}</svg>',
        classes,
        said,
        drawing,
    )


@register.simple_tag(takes_context=True)
def query(context: Mapping[str, Any], **changes: Any) -> str:
    """Return the page's query with some values changed (None removes one): `?district=440106&page=2`."""
    parameters = context["request"].GET.copy()
    for name, value in changes.items():
        parameters.pop(name, None)
        if value is not None:
            parameters[name] = value
    return f"?{parameters.urlencode()}" if parameters else "?"
