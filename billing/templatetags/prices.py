"""What pages say of prices."""

from collections.abc import Mapping
from typing import Any

from django import template

from billing.pricing import wording

register = template.Library()


@register.filter
def price_basis(priced_from: Mapping[str, Any] | None) -> list[str]:
    """Say in sentences which time a frozen price counts, and why so much of it."""
    return wording.basis_told(priced_from)
