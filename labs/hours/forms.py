"""What a manager writes about hours: the week, one date, an outage; checked beside the fields."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from labs.catalogue.models import Instrument, Lab
from labs.hours import rules
from labs.hours.models import OpeningWindow, Outage
from web.fields import LAST_YEAR, MomentField

type LocalDate = date
WINDOWS = 3
"""Windows of a day that a form has room for; more are kept and shown where a day has them."""


class ClockField(forms.TimeField):
    """A clock time of one day, kept in minutes from midnight."""

    def __init__(self, **how: Any) -> None:
        widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        super().__init__(**{"required": False, "widget": widget, "input_formats": ["%H:%M", "%H:%M:%S"], **how})

    def clean(self, value: Any) -> int | None:
        """Return the minutes from midnight, or None where nothing was written."""
        written: time | None = super().clean(value)
        return None if written is None else written.hour * 60 + written.minute


def as_clock(minute: int) -> time:
    """Return minutes from midnight as a form shows them; the end of the day is 00:00."""
    return time(minute % rules.MINUTES_A_DAY // 60, minute % 60)


class WindowsForm(forms.Form):
    """Rows of windows: `<prefix>_<n>_opens` and `<prefix>_<n>_closes`; a closing at 00:00 is the end of the day."""

    def add_windows(self, prefix: str, label: str, windows: Sequence[Sequence[int]] = ()) -> None:
        """Add the fields of a row, with room for one window more than there are."""
        for place in range(max(WINDOWS, len(windows) + 1)):
            given = windows[place] if place < len(windows) else None
            for end, (name, said) in enumerate(
                (("opens", gettext("{day}: opens")), ("closes", gettext("{day}: closes")))
            ):
                field = ClockField(label=said.format(day=label), initial=as_clock(given[end]) if given else None)
                field.widget.attrs["aria-label"] = f"{said.format(day=label)} ({place + 1})"
                self.fields[f"{prefix}_{place}_{name}"] = field

    def pairs(self, prefix: str) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return the fields of a row in pairs, as they are drawn."""
        places = [
            name.split("_")[1] for name in self.fields if name.startswith(f"{prefix}_") and name.endswith("_opens")
        ]
        return [(self[f"{prefix}_{place}_opens"], self[f"{prefix}_{place}_closes"]) for place in places]

    def clean_windows(self, prefix: str) -> tuple[rules.Window, ...]:
        """Return the windows of a row; what is wrong is said beside its first field."""
        found: list[rules.Window] = []
        first = f"{prefix}_0_opens"
        for opens_field, closes_field in self.pairs(prefix):
            opens, closes = self.cleaned_data.get(opens_field.name), self.cleaned_data.get(closes_field.name)
            if opens is None and closes is None:
                continue
            if opens is None or closes is None:
                wrong = opens_field if opens is None else closes_field
                if wrong.name not in self.errors:
                    self.add_error(wrong.name, gettext("A window needs both its times."))
                continue
            if closes == 0:
                closes = rules.MINUTES_A_DAY
            if opens >= closes:
                self.add_error(closes_field.name, gettext("A window must end after it begins."))
                continue
            found.append((opens, closes))
        if rules.window_problem(found) == "overlap":
            self.add_error(first, gettext("Two windows overlap."))
        return rules.joined(found)


@dataclass(frozen=True, slots=True)
class DayRow:
    """A row of the week's form."""

    day: int
    label: str
    pairs: list[tuple[forms.BoundField, forms.BoundField]]

    @property
    def errors(self) -> list[str]:
        """What is wrong in the row."""
        return [str(error) for pair in self.pairs for field in pair for error in field.errors]


class WeekForm(WindowsForm):
    """A lab's week, its holidays, and its policy for make-up workdays (BK-3)."""

    makeup_policy = forms.ChoiceField(
        label=_("On make-up workdays the lab keeps"), choices=Lab.MakeupPolicy, widget=forms.RadioSelect
    )
    seen = forms.CharField(max_length=32, widget=forms.HiddenInput)

    def __init__(self, *args: Any, week: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day, label in OpeningWindow.Day.choices:
            self.add_windows(f"d{day}", str(label).capitalize(), week[str(day)])

    def rows(self) -> list[DayRow]:
        """Return the days as they are drawn."""
        return [DayRow(day, str(label), self.pairs(f"d{day}")) for day, label in OpeningWindow.Day.choices]

    def clean(self) -> dict[str, Any]:
        """Put the windows together, by day."""
        cleaned = super().clean() or self.cleaned_data
        cleaned["weekly"] = {day: self.clean_windows(f"d{day}") for day in OpeningWindow.Day.values}
        return cleaned


class WhoseForm(forms.Form):
    """Something that is said of a lab, or of one of its instruments."""

    whose = forms.ChoiceField(label=_("For"), required=False)

    def __init__(self, *args: Any, lab: Lab, instruments: Iterable[Instrument], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lab = lab
        self.instruments = {instrument.code: instrument for instrument in instruments}
        named = [(code, f"{instrument.name} {code}") for code, instrument in self.instruments.items()]
        self.fields["whose"].choices = [("", gettext("the whole lab")), *named]  # type: ignore[attr-defined]  # choices

    def of(self) -> Lab | Instrument:
        """Return the lab or the instrument that is meant."""
        return self.instruments.get(self.cleaned_data["whose"], self.lab)


class Reasons(forms.Form):
    """A reason in two languages, which customers read."""

    reason_zh = forms.CharField(label=_("Reason (Chinese)"), max_length=200, required=False)
    reason_en = forms.CharField(label=_("Reason (English)"), max_length=200, required=False)


class ExceptionForm(WhoseForm, Reasons, WindowsForm):
    """Other hours on one date; no windows mean closed."""

    date = forms.DateField(label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, today: LocalDate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.add_windows("w", gettext("Open on that day"))
        self.fields["date"].widget.attrs["min"] = f"{today:%Y-%m-%d}"

    def clean_date(self) -> LocalDate:
        """Ask for a day that is not over."""
        day: LocalDate = self.cleaned_data["date"]
        if day < self.today:
            raise forms.ValidationError(gettext("That day has passed."))
        if day.year > LAST_YEAR:
            raise forms.ValidationError(gettext("Choose a day before {year}.").format(year=LAST_YEAR + 1))
        return day

    def clean(self) -> dict[str, Any]:
        """Put the windows together."""
        cleaned = super().clean() or self.cleaned_data
        cleaned["windows"] = self.clean_windows("w")
        return cleaned

    def windows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return the pairs of fields as they are drawn."""
        return self.pairs("w")


class OutageForm(WhoseForm, Reasons):
    """A closure, a maintenance or a calibration: from when to when, of all units or of some (BK-8)."""

    kind = forms.ChoiceField(label=_("What"), choices=Outage.Kind)
    start = MomentField(label=_("From"))
    end = MomentField(label=_("To"))
    units = forms.IntegerField(
        label=_("Units that are out"),
        min_value=1,
        max_value=32_767,
        required=False,
        help_text=_("Of an instrument with several units. Empty: all."),
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.order_fields(["whose", "kind", "start", "end", "units", "reason_zh", "reason_en"])
        for name in ("start", "end"):
            self.fields[name].zone = self.lab.tz  # type: ignore[attr-defined]  # a MomentField
        if not any(instrument.capacity > 1 for instrument in self.instruments.values()):
            self.fields["units"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """Compare the ends, and the units with what there is."""
        cleaned = super().clean() or self.cleaned_data
        start, end, units = cleaned.get("start"), cleaned.get("end"), cleaned.get("units")
        if start and end and end <= start:
            self.add_error("end", gettext("An outage must end after it begins."))
        elif end and end <= self.now:
            self.add_error("end", gettext("That time has passed."))
        if units and not cleaned.get("whose"):
            self.add_error("units", gettext("Choose the instrument whose units are out."))
        return cleaned


class MonthForm(forms.Form):
    """Which month is looked at, and whose."""

    month = forms.CharField(required=False)
    instrument = forms.CharField(required=False, max_length=40)


def month_of(text: str, today: date) -> date:
    """Return the first day of a month given as 2026-11, or of the current one."""
    try:
        first = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 -- a month has no zone
    except ValueError:
        return today.replace(day=1)
    return first if 2000 < first.year < LAST_YEAR else today.replace(day=1)
