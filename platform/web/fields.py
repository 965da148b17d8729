"""Fields in which people write yuan, percent and the lab's clock, where the platform keeps fen, bp and instants."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _

CENT = Decimal("0.01")
LAST_YEAR = 2199
"""Beyond, a date is a slip of the pen."""
MOMENT = "%Y-%m-%dT%H:%M"


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


class HoursField(forms.DecimalField):
    """A length written in hours and kept in minutes."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**{"decimal_places": 2, "max_digits": 6, "min_value": 0, **how})

    def prepare_value(self, value: Any) -> Any:
        """Show minutes as hours."""
        return f"{value / 60:g}" if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        """Return the minutes, or None where nothing was written."""
        hours = super().clean(value)
        return None if hours is None else round(hours * 60)


class MomentField(forms.DateTimeField):
    """A moment written on the lab's clock, whatever zone the platform's pages are in; the form sets `zone`."""

    zone: ZoneInfo

    def __init__(self, **how: Any) -> None:
        formats = [MOMENT, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT)
        super().__init__(**{"input_formats": formats, "widget": widget, **how})

    def clean(self, value: Any) -> datetime | None:
        """Return the instant that the lab's clock shows so, or None where nothing was written."""
        written: datetime | None = super().clean(value)
        if written is None:
            return None
        if written.year > LAST_YEAR:
            raise forms.ValidationError(_("Choose a day before {year}.").format(year=LAST_YEAR + 1))
        return written.replace(tzinfo=self.zone)

    def prepare_value(self, value: Any) -> Any:
        """Show an instant on the lab's clock."""
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value.astimezone(self.zone).replace(tzinfo=None)
        return value
