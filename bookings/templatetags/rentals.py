"""What pages about rentals say often."""

from collections.abc import Iterable
from datetime import datetime, tzinfo

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from billing.payments import queries as payments
from bookings.rentals.models import Rental
from kernel.periods import Period
from labs.models import Instrument
from web import moments
from web.codes import qr_code

register = template.Library()


@register.inclusion_tag("bookings/state.html")
def state(value: str) -> dict[str, str]:
    """Show a rental's state in words; the colour only repeats them."""
    return {"state": value, "label": str(Rental.Status(value).label)}


@register.filter
def clock(period: Period, tz: tzinfo) -> str:
    """Show a period of one day as clocks show it (09:00–11:00), for pages that name day and zone once; else in full."""
    start, end = period.start.astimezone(tz), period.end.astimezone(tz)
    return f"{start:%H:%M}–{end:%H:%M}" if start.date() == end.date() else moments.period(period, tz)


@register.simple_tag
def bank_account() -> dict[str, str]:
    """Return the account that takes bank transfers: `payee`, `bank`, `number`."""
    return dict(settings.BANK_ACCOUNT)


@register.simple_tag
def pay_reference(rental: Rental) -> str:
    """Return what belongs into the remark of a transfer that pays a rental: its code, as people read it."""
    found = payments.reference_of(rental.number)
    return found.shown if found else rental.number


@register.filter
def elapsed(since: datetime, now: datetime) -> str:
    """Show how long ago an instant was, in whole minutes."""
    return moments.length(max(0, int((now - since).total_seconds() // 60)))


@register.simple_tag
def check_in_code(rental: Rental) -> SafeString:
    """Draw the code that the desk scans: the address of its check-in page, which opens nothing to others."""
    return qr_code(settings.PLATFORM_URL.rstrip("/") + reverse("use:door", args=[rental.uuid]))


@register.filter
def materials(codes: Iterable[str]) -> str:
    """Name hazardous materials (BK-16)."""
    return gettext(", ").join(str(Instrument.Material(code).label) for code in codes)
