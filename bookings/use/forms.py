"""What the desk writes down: the counter at the start, the usage record at the end, a fault in between."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.rentals.models import UsageRecord
from labs.desk.forms.editing import rows
from web.fields import MomentField, YuanField

MOST_HOURS = 99_999_999
SHA256 = RegexValidator(r"^[0-9a-fA-F]{64}$", gettext_lazy("A SHA-256 hash is 64 digits and letters from a to f."))
CONSUMABLES, DATA_FILES = "consumables", "files"
"""The prefixes of the rows of a usage record."""
MOST_ROWS = 30
LEFT = (UsageRecord.Condition.GOOD, UsageRecord.Condition.WORN, UsageRecord.Condition.DAMAGED)
"""In what condition an instrument may be left at check-out; one that broke down interrupts the use."""


class CounterField(forms.DecimalField):
    """The reading of an hour counter."""

    def __init__(self, **how: Any) -> None:
        number = forms.NumberInput(attrs={"step": "0.01", "inputmode": "decimal"})
        super().__init__(
            **{
                "required": False, "min_value": 0, "max_value": MOST_HOURS, "max_digits": 10, "decimal_places": 2,
                "widget": number, **how,
            }
        )  # fmt: skip


class CheckInForm(forms.Form):
    """Who lets somebody in may write down what the hour counter shows."""

    counter = CounterField(label=gettext_lazy("Hour counter"), help_text=gettext_lazy("hours, where there is one"))


class UsageForm(forms.Form):
    """
    The usage record (使用记录): how far the counter ran, how many samples, in what condition the instrument was left.

    When it began and ended is what check-in and check-out say, unless they were written down late: then it is
    corrected, with the reason.
    """

    TIMES = ("started_at", "ended_at", "correction")

    counter_end = CounterField(label=gettext_lazy("Hour counter at the end"))
    samples = forms.IntegerField(label=gettext_lazy("Samples"), required=False, min_value=0, max_value=1_000_000)
    conditions = forms.CharField(
        label=gettext_lazy("Conditions"),
        help_text=gettext_lazy("temperature, humidity, programme"),
        required=False,
        max_length=300,
    )
    anomalies = forms.CharField(
        label=gettext_lazy("Anything out of the ordinary"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    condition = forms.ChoiceField(
        label=gettext_lazy("The instrument was left"),
        choices=[(one.value, one.label) for one in LEFT],
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )
    damage = forms.CharField(
        label=gettext_lazy("What is damaged"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    started_at = MomentField(label=gettext_lazy("Began at"), required=False)
    ended_at = MomentField(label=gettext_lazy("Ended at"), required=False)
    correction = forms.CharField(
        label=gettext_lazy("Why the times are corrected"),
        help_text=gettext_lazy("The customer reads it."),
        required=False,
        max_length=300,
    )

    def __init__(self, *args: Any, counter_start: Decimal | None, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("started_at", "ended_at"):
            self.fields[name].zone = zone  # type: ignore[attr-defined]  # a MomentField
        self.fields["counter_end"].required = counter_start is not None
        self.fields["condition"].choices = [  # type: ignore[attr-defined]  # a ChoiceField; said in the page's language
            (one.value, str(one.label).capitalize()) for one in LEFT
        ]
        self.counter_start = counter_start

    def clean(self) -> dict[str, Any]:
        """Refuse what contradicts itself; what contradicts the booking is the operation's to refuse."""
        data = super().clean() or {}
        last = data.get("counter_end")
        if self.counter_start is not None and last is not None and last < self.counter_start:
            self.add_error(
                "counter_end", _("A counter does not run back: it began at {start}.").format(start=self.counter_start)
            )
        if data.get("condition") == UsageRecord.Condition.DAMAGED and not data.get("damage"):
            self.add_error("damage", _("Describe the damage."))
        if (data.get("started_at") or data.get("ended_at")) and not data.get("correction"):
            self.add_error("correction", _("Please say why the times are corrected."))
        return data

    @property
    def record(self) -> list[forms.BoundField]:
        """The fields of the record itself."""
        return [field for field in self.visible_fields() if field.name not in self.TIMES]

    @property
    def times(self) -> list[forms.BoundField]:
        """The fields that correct when it began and ended."""
        return [self[name] for name in self.TIMES]

    @property
    def corrects(self) -> bool:
        """Whether any of them was filled in, or is wrong."""
        return any(field.value() or field.errors for field in self.times)


class ConsumableForm(forms.Form):
    """Something used up: it is charged."""

    name = forms.CharField(label=gettext_lazy("Consumable"), max_length=100)
    quantity = forms.IntegerField(label=gettext_lazy("Quantity used"), min_value=1, max_value=100_000)
    unit_price_fen = YuanField(label=gettext_lazy("Unit price (¥)"), max_value=1_000_000)

    def cleaned(self) -> dict[str, Any]:
        """Return the row as the record keeps it."""
        return {name: self.cleaned_data[name] for name in self.base_fields}


class DataFileForm(forms.Form):
    """A file of measured data, named by its hash: it stays with the customer."""

    name = forms.CharField(label=gettext_lazy("File"), max_length=200)
    sha256 = forms.CharField(label=gettext_lazy("SHA-256"), max_length=64, validators=[SHA256])

    def cleaned(self) -> dict[str, Any]:
        """Return the row as the record keeps it."""
        return {name: self.cleaned_data[name] for name in self.base_fields}

    def clean_sha256(self) -> str:
        """Keep hashes in small letters, so that equal ones are equal."""
        return str(self.cleaned_data["sha256"]).lower()


Consumables = rows(ConsumableForm, most=MOST_ROWS)
DataFiles = rows(DataFileForm, most=MOST_ROWS)


class FaultForm(forms.Form):
    """What broke, and when it is expected to work again."""

    fault = forms.CharField(
        label=gettext_lazy("What broke down"),
        help_text=gettext_lazy("The customer reads it."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    expected_back_at = MomentField(
        label=gettext_lazy("Expected to work again"),
        help_text=gettext_lazy(
            "Leave it empty when nobody knows. Bookings until then are told and offered alternatives."
        ),
        required=False,
    )

    def __init__(self, *args: Any, zone: ZoneInfo, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["expected_back_at"].zone = zone  # type: ignore[attr-defined]  # a MomentField
        self.now = now

    def clean_expected_back_at(self) -> datetime | None:
        """Refuse a time that is over."""
        back: datetime | None = self.cleaned_data["expected_back_at"]
        if back is not None and back <= self.now:
            raise forms.ValidationError(_("That is already over."))
        return back


class ObjectionForm(forms.Form):
    """Why the lab does not agree that a run was of no use."""

    reason = forms.CharField(
        label=gettext_lazy("Why you object"),
        help_text=gettext_lazy("The customer reads it."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Please give the reason.")},
    )
