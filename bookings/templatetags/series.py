"""What pages about series say often."""

from datetime import date

from django import template

from bookings.series import wording
from bookings.series.models import Series

register = template.Library()


@register.filter
def local_day(on: date) -> str:
    """Show a local date: 2026-11-25 周三."""
    return f"{on.isoformat()} {wording.weekday_name(on.weekday())}"


@register.filter
def in_words(series: Series) -> str:
    """Show a series' rule in words: 每周二、周四 09:00–12:00,共 10 次."""
    return wording.told(series.plan)
