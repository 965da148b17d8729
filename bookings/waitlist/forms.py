"""What a person says when they begin to wait, or wait for another time."""

import datetime
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.availability.rules import Facts
from bookings.discovery import rules
from bookings.discovery.filters import LONGEST_MINUTES
from bookings.discovery.forms import modes_of
from bookings.discovery.wishes import YEARS
from bookings.discovery.wording import MODES, length
from kernel.money import Money
from kernel.periods import Period
from labs.catalogue.consents import NOT_TRACEABLE, Consent
from labs.models import Instrument

WRITTEN = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S")
"""How browsers write a local date and time."""


class MomentOnClock(forms.DateTimeField):
    """A local date and time, read on the clock of `zone`; one that the clock skips or shows twice is asked again."""

    zone: ZoneInfo

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "900"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, **kwargs)

    def to_python(self, value: Any) -> datetime.datetime | None:
        """Read the moment; aware, in UTC (BK-22)."""
        if value in self.empty_values:
            return None
        local = self._local(str(value))
        if local.year not in YEARS:
            raise forms.ValidationError(_("Please choose a day near today."))
        first = local.replace(tzinfo=self.zone)
        if first.utcoffset() != first.replace(fold=1).utcoffset():
            raise forms.ValidationError(_("The lab's clock does not show this time exactly once on that day."))
        return first.astimezone(datetime.UTC)

    def _local(self, text: str) -> datetime.datetime:
        for form in WRITTEN:
            try:
                return datetime.datetime.strptime(text.strip(), form)  # noqa: DTZ007 -- the zone is the lab's, above
            except ValueError:
                continue
        raise forms.ValidationError(self.error_messages["invalid"], code="invalid")

    def prepare_value(self, value: Any) -> Any:
        """Show an instant on the zone's clock."""
        return value.astimezone(self.zone).replace(tzinfo=None) if isinstance(value, datetime.datetime) else value


class WindowForm(forms.Form):
    """From when until when a time will do, on the clock of a zone."""

    since = MomentOnClock(label=_("From"))
    until = MomentOnClock(label=_("Until"), help_text=_("The whole use ends by then."))

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("since", "until"):
            self.fields[name].zone = zone  # type: ignore[attr-defined]  # a MomentOnClock

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the start."""
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and since >= until:
            self.add_error("until", _("The end must come after the start."))
        return data

    def window(self) -> Period:
        """The validated window."""
        return Period(self.cleaned_data["since"], self.cleaned_data["until"])


class JoinForm(WindowForm):
    """
    A wish: inside which window, how long, in which mode, at most at what price.

    `facts` are those of the one instrument that is waited for: then only what it offers can be chosen.
    """

    minutes = forms.IntegerField(
        label=_("Length (minutes)"), min_value=1, max_value=LONGEST_MINUTES, help_text=_("How long you need it.")
    )
    mode = forms.ChoiceField(label=_("How it is operated"), required=False)
    units = forms.IntegerField(label=_("How many"), min_value=1, max_value=1000, initial=1, required=False)
    max_price = forms.DecimalField(
        label=_("Price at most (¥)"),
        min_value=0,
        max_value=10**9,
        decimal_places=2,
        required=False,
        help_text=_("For the whole use, tax included. What costs more is not offered to you."),
    )
    purpose = forms.CharField(label=_("What it is for"), max_length=200, required=False)
    profile = forms.CharField(
        label=_("Condition"),
        max_length=200,
        required=False,
        help_text=_("Temperature, humidity and so on, where several share one run."),
    )
    materials = forms.MultipleChoiceField(
        label=_("Hazardous materials you bring"),
        choices=Instrument.Material.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    agreed = forms.MultipleChoiceField(
        label=_("You agree beforehand"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(
        self, *args: Any, facts: Facts | None, instrument: Instrument | None, capacity: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offered = modes_of(facts.modes) if facts else list(MODES)
        mode = self.fields["mode"]
        choices = [(one, MODES[one]) for one in offered]
        mode.choices = choices if len(choices) == 1 else [("", _("Either way")), *choices]  # type: ignore[attr-defined]
        if facts is not None:
            policy = facts.policy
            lengths = rules.lengths(grid=policy.slot_grid_min, least=policy.min_minutes, most=policy.max_minutes)
            self._choose_length(lengths)
        if capacity == 1:
            del self.fields["units"]
        if instrument is not None and not instrument.shared_condition_profile:
            del self.fields["profile"]
        if instrument is not None and not instrument.materials_allowed:
            del self.fields["materials"]
        elif instrument is not None:
            allowed = [one for one in Instrument.Material.choices if one[0] in instrument.materials_allowed]
            self.fields["materials"].choices = allowed  # type: ignore[attr-defined]  # a ChoiceField
        if instrument is not None and instrument.requires_calibration:
            del self.fields["agreed"]
        else:
            consent = Consent(NOT_TRACEABLE)
            self.fields["agreed"].choices = [(consent.code, consent.sentence)]  # type: ignore[attr-defined]

    def _choose_length(self, offered: Iterable[int]) -> None:
        asked = str((self.data if self.is_bound else self.initial).get("minutes") or "")
        lengths = {*offered, *([int(asked)] if asked.isdecimal() and 0 < int(asked) <= LONGEST_MINUTES else [])}
        widget = forms.Select(choices=[(one, length(one)) for one in sorted(lengths)])
        self.fields["minutes"].widget = widget
        self.fields["minutes"].label = _("Length")

    def most(self) -> Money | None:
        """The most it may cost."""
        yuan: Decimal | None = self.cleaned_data["max_price"]
        return None if yuan is None else Money(int(yuan * 100))
