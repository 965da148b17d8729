"""What pages about rentals say often."""

from django import template

from bookings.rentals.models import Rental

register = template.Library()


@register.inclusion_tag("bookings/state.html")
def state(value: str) -> dict[str, str]:
    """Show a rental's state in words; the colour only repeats them."""
    return {"state": value, "label": str(Rental.Status(value).label)}
