"""The choice of a time on the lab's clock, and of its details: how it is operated, how many, by whom, with what."""

import datetime
from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.availability.rules import Facts, Wish
from bookings.discovery import rules
from bookings.discovery.wishes import YEARS
from bookings.discovery.wording import MODES, length
from kernel.periods import Period
from labs.models import Instrument

LONGEST = 366 * 24 * 60
"""No length beyond a year is looked at (minutes)."""


def modes_of(modes: Iterable[str]) -> list[str]:
    """Return the modes of use in the order they are offered."""
    offered = set(modes)
    return [mode for mode in MODES if mode in offered]


class TimeForm(forms.Form):
    """
    A time on one instrument; `period()` once it is valid.

    What the booking rules say of the time is not its business: it only reads a local day, a clock and a length. The
    start may be missing while a person still looks at a day.
    """

    date = forms.DateField(
        label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), input_formats=["%Y-%m-%d"]
    )
    start = forms.TimeField(
        label=_("Start"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        input_formats=["%H:%M", "%H:%M:%S"],
    )
    minutes = forms.IntegerField(label=_("Length"), min_value=1, max_value=LONGEST, widget=forms.Select)

    def __init__(
        self,
        *args: Any,
        facts: Facts,
        first: datetime.date,
        last: datetime.date,
        longest: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.zone: ZoneInfo = facts.zone
        policy, minutes = facts.policy, self.fields["minutes"]
        most = min(policy.max_minutes, longest or policy.max_minutes)
        offered = rules.lengths(grid=policy.slot_grid_min, least=policy.min_minutes, most=most)
        chosen = self.data.get("minutes") if self.is_bound else None
        if chosen and str(chosen).isdigit() and 0 < int(chosen) <= LONGEST:
            offered = sorted({*offered, int(chosen)})
        minutes.widget.choices = [(one, length(one)) for one in offered]
        self.fields["date"].widget.attrs.update({"min": first.isoformat(), "max": last.isoformat()})
        self.fields["start"].widget.attrs["step"] = str(policy.slot_grid_min * 60)

    def clean_date(self) -> datetime.date:
        """Refuse days that no calendar shows; reckoning with them would leave the calendar."""
        day: datetime.date = self.cleaned_data["date"]
        if day.year not in YEARS:
            raise forms.ValidationError(_("Please choose a day near today."))
        return day

    def clean(self) -> dict[str, Any]:
        """Put day and clock together, in the lab's zone; a time that its clock skips or shows twice is asked again."""
        data = super().clean() or {}
        day, clock = data.get("date"), data.get("start")
        if isinstance(day, datetime.date) and isinstance(clock, datetime.time):
            instant = _instant(day, clock, self.zone)
            if instant is None:
                self.add_error("start", _("The lab's clock does not show this time exactly once on that day."))
            else:
                data["starts_at"] = instant
        return data

    def period(self) -> Period | None:
        """Return the time wanted, or None while no start is chosen."""
        starts_at: datetime.datetime | None = self.cleaned_data.get("starts_at")
        return None if starts_at is None else Period.starting(starts_at, self.cleaned_data["minutes"])


class WishForm(TimeForm):
    """A time wanted on one instrument, and the details of its use; `wish()` once it is valid."""

    mode = forms.ChoiceField(
        label=_("How it is operated"), widget=forms.RadioSelect(attrs={"class": "form-check-input"})
    )
    units = forms.IntegerField(label=_("How many positions"), required=False, min_value=1)
    profile = forms.CharField(
        label=_("Condition"),
        help_text=_("The instrument runs one condition for all who share it; name yours, such as 85 °C / 85 %."),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    used_by = forms.TypedChoiceField(label=_("Who will use it"), required=False, coerce=int, empty_value=None)
    materials = forms.MultipleChoiceField(
        label=_("Hazardous materials you bring"),
        required=False,
        choices=Instrument.Material.choices,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )

    def __init__(
        self,
        *args: Any,
        facts: Facts,
        instrument: Instrument,
        colleagues: Sequence[tuple[int, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, facts=facts, **kwargs)
        self._offer_details(instrument, colleagues)
        modes = modes_of(facts.modes)
        mode = self.fields["mode"]
        mode.choices = [(one, MODES[one]) for one in modes]  # type: ignore[attr-defined]  # a ChoiceField
        if len(modes) == 1:
            mode.widget = forms.HiddenInput()
            self.initial.setdefault("mode", modes[0])

    def _offer_details(self, instrument: Instrument, colleagues: Sequence[tuple[int, str]]) -> None:
        """Ask only what this instrument, and this organisation, leave open."""
        fields = self.fields
        if instrument.capacity > 1:
            fields["units"].widget.attrs["max"] = str(instrument.capacity)
            fields["units"].help_text = _("of {capacity}").format(capacity=instrument.capacity)
        else:
            del fields["units"]
        if not instrument.shared_condition_profile:
            del fields["profile"]
        if len(colleagues) > 1:
            fields["used_by"].choices = colleagues  # type: ignore[attr-defined]  # a ChoiceField
        else:
            del fields["used_by"]
        allowed = set(instrument.materials_allowed)
        fields["materials"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            (code, label if code in allowed else _("{material}: not allowed here").format(material=label))
            for code, label in Instrument.Material.choices
        ]

    @property
    def modes(self) -> list[tuple[str, str]]:
        """The modes of use that are offered, in words."""
        choices: list[tuple[str, str]] = self.fields["mode"].choices  # type: ignore[attr-defined]  # a ChoiceField
        return choices

    @property
    def only_mode(self) -> str:
        """The one way it is operated, in words, where there is no choice."""
        return str(self.modes[0][1])

    def wish(self) -> Wish | None:
        """Return what is wanted, or None while no start is chosen."""
        period = self.period()
        return None if period is None else Wish(period, self.cleaned_data["mode"], **self.details())

    def details(self) -> dict[str, Any]:
        """Return what beside time and mode the rules ask of a wish."""
        return {
            "units": self.cleaned_data.get("units") or 1,
            "profile": self.cleaned_data.get("profile", ""),
            "materials": tuple(self.cleaned_data.get("materials", ())),
        }


def _instant(day: datetime.date, clock: datetime.time, zone: ZoneInfo) -> datetime.datetime | None:
    """Return the instant of a local time (UTC), or None where the clock skips it or shows it twice (BK-22)."""
    first = datetime.datetime.combine(day, clock.replace(second=0, microsecond=0), zone)
    again = first.replace(fold=1)
    return first.astimezone(datetime.UTC) if first.utcoffset() == again.utcoffset() else None
