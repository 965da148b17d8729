"""Fields in which people write yuan and percent, where the platform keeps whole fen and basis points."""

from decimal import Decimal
from typing import Any

from django import forms

CENT = Decimal("0.01")


class HundredthsField(forms.DecimalField):
    """A number of two decimals kept as a whole number of hundredths; `min_value` and `max_value` are as written."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**{"min_value": 0, "max_digits": 12, "decimal_places": 2, **how})

    def clean(self, value: Any) -> Any:
        """Return the whole hundredths of what was written, or None where nothing was."""
        written = super().clean(value)
        return None if written is None else int(written * 100)

    def prepare_value(self, value: Any) -> Any:
        """Show what is kept, given as a whole number, as it is written; what a person wrote stays as it is."""
        if isinstance(value, int) and not isinstance(value, bool):
            written = Decimal(value) / 100
            return written.to_integral_value() if written == written.to_integral_value() else written.quantize(CENT)
        return value


class YuanField(HundredthsField):
    """An amount written in yuan and kept in fen."""


class PercentField(HundredthsField):
    """A part written in percent and kept in basis points."""
