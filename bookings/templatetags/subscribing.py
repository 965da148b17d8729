"""Links to feeds, for pages of steps that lie below the calendars."""

from django import template

from bookings.calendars import queries
from labs.models import Instrument

register = template.Library()


@register.simple_tag
def busy_feed_url(instrument: Instrument) -> str:
    """The address of an instrument's busy times, as calendar programs take it: one tap subscribes."""
    return queries.webcal(queries.busy_feed_url(instrument))
