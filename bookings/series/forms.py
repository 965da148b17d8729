"""What a person chooses for a series, and agrees to; the rule is put together from plain choices."""

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from audit.requests.rules import LONGEST_KEY
from bookings.discovery.wishes import YEARS
from bookings.discovery.wording import length
from bookings.rentals.models import Rental
from bookings.series import rules, wording
from bookings.series.models import Series
from bookings.series.operations import Change
from bookings.series.queries import Dated
from bookings.series.rules import Plan, Rule, Weekday
from kernel.money import Money
from labs.catalogue.consents import CODES
from labs.models import Instrument

LONGEST = 366 * 24 * 60
"""No length beyond a year is looked at (minutes)."""
LONGEST_SHOWN = 20_000
DEAREST_FEN = 10**15
"""Beyond this no sum is a sum."""
DAILY, WEEKLY, MONTHLY, MONTHLY_WEEKDAY = "daily", "weekly", "monthly", "monthly_weekday"
COUNT, UNTIL = "count", "until"
ENDS = [(COUNT, _("after a number of times")), (UNTIL, _("on a date"))]
FIELD_OF = {"FREQ": "freq", "INTERVAL": "interval", "BYDAY": "weekdays", "COUNT": "count", "UNTIL": "until"}
"""Which field a part of a rule was chosen in."""
LAST_WEEK = 5
"""A fifth weekday of a month is meant as its last."""


class Choices(forms.CheckboxSelectMultiple):
    """Choices side by side."""

    def __init__(self) -> None:
        super().__init__(attrs={"class": "form-check-input"})


class EndFields(forms.Form):
    """How a series ends: after a number of times, or on a date."""

    ends = forms.ChoiceField(
        label=_("It ends"), choices=ENDS, widget=forms.RadioSelect(attrs={"class": "form-check-input"})
    )
    count = forms.IntegerField(label=_("Number of times"), required=False, min_value=1, max_value=rules.MOST_DATES)
    until = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the end that was chosen, and leave the other out."""
        data = super().clean() or {}
        wanted = data.get("ends")
        if wanted in (COUNT, UNTIL) and not data.get(wanted) and wanted not in self.errors:
            self.add_error(wanted, forms.Field.default_error_messages["required"])
        for name in (COUNT, UNTIL):
            if name != wanted:
                data[name] = None
        return data


class PlanForm(EndFields):
    """
    What is wanted again and again on one instrument; `plan()` once it is valid.

    What the booking rules say of each date is not its business.
    """

    date = forms.DateField(
        label=_("First day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )
    start = forms.TimeField(
        label=_("Start"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        input_formats=["%H:%M", "%H:%M:%S"],
    )
    minutes = forms.IntegerField(label=_("Length"), min_value=1, max_value=LONGEST, widget=forms.Select)
    mode = forms.ChoiceField(label=_("How it is operated"), choices=Rental.Mode.choices, widget=forms.Select)
    freq = forms.ChoiceField(label=_("It comes again"), widget=forms.Select)
    interval = forms.IntegerField(label=_("Every so many"), min_value=1, max_value=99, initial=1)
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On these days of the week"), required=False, coerce=int, widget=Choices
    )
    units = forms.IntegerField(label=_("Positions"), required=False, min_value=1)
    profile = forms.CharField(label=_("Condition"), required=False, max_length=200)
    materials = forms.MultipleChoiceField(
        label=_("Hazardous materials you bring"), required=False, choices=Instrument.Material.choices, widget=Choices
    )
    used_by = forms.TypedChoiceField(label=_("Who will use it"), required=False, coerce=int, empty_value=None)
    purpose = forms.CharField(label=_("What is it for?"), max_length=200, required=False)
    policy = forms.ChoiceField(
        label=_("Dates that cannot be booked"),
        choices=Series.Policy.choices,
        initial=rules.SKIP_CONFLICTS,
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )
    then = forms.ChoiceField(
        label=_("What is done with the dates"),
        choices=[
            (rules.CONFIRM, _("booked at once, on the monthly account")),
            (rules.HOLD, _("only held, to be confirmed together")),
        ],
        initial=rules.CONFIRM,
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )

    field_order = (
        "date", "start", "minutes", "mode", "units", "profile", "materials", "used_by", "freq", "interval", "weekdays",
        "ends", "count", "until", "purpose", "policy", "then",
    )  # fmt: skip

    def __init__(
        self,
        *args: Any,
        instrument: Instrument,
        lengths: list[int],
        modes: list[str],
        colleagues: Sequence[tuple[int, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        chosen = self["minutes"].value()
        offered = {*lengths, int(chosen)} if str(chosen or "").isdigit() and int(chosen) <= LONGEST else set(lengths)
        self.fields["minutes"].widget.choices = [(one, length(one)) for one in sorted(offered)]
        self._choose_from("mode", [(mode, Rental.Mode(mode).label) for mode in modes])
        self._choose_from("weekdays", [(day, wording.weekday_name(day)) for day in range(7)])
        self._choose_from("freq", _frequencies(self.first_day))
        self._choose_from("used_by", list(colleagues))
        if len(colleagues) < 2:
            del self.fields["used_by"]
        if instrument.capacity == 1:
            del self.fields["units"]
        if not instrument.shared_condition_profile:
            del self.fields["profile"]
        if not instrument.materials_allowed:
            del self.fields["materials"]

    def _choose_from(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    @property
    def first_day(self) -> datetime.date | None:
        """The first day that is being chosen, where it is one."""
        try:
            return self.fields["date"].clean(self["date"].value())  # type: ignore[no-any-return]
        except forms.ValidationError:
            return None

    def clean_date(self) -> datetime.date:
        """Refuse days that no calendar shows; reckoning with them would leave the calendar."""
        day: datetime.date = self.cleaned_data["date"]
        if day.year not in YEARS:
            raise forms.ValidationError(_("Please choose a day near today."))
        return day

    def clean(self) -> dict[str, Any]:
        """Put the rule together; what is wrong with it is told beside the choice it came from."""
        data = super().clean()
        if self.errors:
            return data
        day: datetime.date = data["date"]
        rule = Rule(
            freq={DAILY: rules.DAILY, WEEKLY: rules.WEEKLY}.get(data["freq"], rules.MONTHLY),
            interval=data["interval"],
            by_day=_by_day(data["freq"], data["weekdays"], day),
            count=data["count"],
            until=data["until"],
        )
        try:
            rule.dates(day)
        except rules.RuleWrong as refusal:
            self.add_error(FIELD_OF.get(refusal.facts["part"]), str(refusal))
        data["rule"] = rule
        return data

    def plan(self) -> Plan:
        """Return what is wanted."""
        data = self.cleaned_data
        return Plan(
            rule=data["rule"],
            first_on=data["date"],
            starts_at=data["start"],
            minutes=data["minutes"],
            mode=data["mode"],
            units=data.get("units") or 1,
            profile=data.get("profile", ""),
            materials=tuple(data.get("materials", ())),
        )


def _by_day(freq: str, weekdays: list[int], day: datetime.date) -> tuple[Weekday, ...]:
    if freq == MONTHLY_WEEKDAY:
        return (Weekday(day.weekday(), nth_of(day)),)
    return tuple(sorted(Weekday(each) for each in weekdays)) if freq in (DAILY, WEEKLY) else ()


def nth_of(day: datetime.date) -> int:
    """Return the how-many-th of its weekday a day is in its month; a fifth is the last."""
    nth = (day.day - 1) // 7 + 1
    return -1 if nth == LAST_WEEK else nth


def _frequencies(day: datetime.date | None) -> list[tuple[str, Any]]:
    """Return how it may come again, the monthly ways as the first day has them."""
    monthly: Any = _("every month")
    weekday: Any = _("every month, on the weekday")
    if day is not None:
        monthly = wording.days_told(Rule(rules.MONTHLY), day)
        weekday = wording.days_told(Rule(rules.MONTHLY, by_day=_by_day(MONTHLY_WEEKDAY, [], day)), day)
    return [(DAILY, _("every day")), (WEEKLY, _("every week")), (MONTHLY, monthly), (MONTHLY_WEEKDAY, weekday)]


class AgreedForm(forms.Form):
    """What was shown and agreed to; the key makes two clicks one request."""

    shown = forms.CharField(max_length=LONGEST_SHOWN, widget=forms.HiddenInput)
    consents = forms.MultipleChoiceField(choices=[(code, code) for code in CODES], required=False)
    key = forms.CharField(max_length=LONGEST_KEY, widget=forms.HiddenInput)


class WhichForm(forms.Form):
    """Which dates of a series an act is about."""

    which = forms.ChoiceField(
        label=_("Which dates"),
        choices=[(rules.THIS, _("this one")), (rules.FOLLOWING, _("this and the following")), (rules.ALL, _("all"))],
        initial=rules.ALL,
    )
    on = forms.TypedChoiceField(
        label=_("Seen from the date"), required=False, coerce=datetime.date.fromisoformat, empty_value=None
    )

    def __init__(self, *args: Any, dates: Iterable[Dated], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        booked = [(one.on.isoformat(), _named(one)) for one in dates if one.rental]
        self.fields["on"].choices = [("", "—"), *booked]  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        """Ask from which date, where it is not all of them."""
        data = super().clean() or {}
        if data.get("which") in (rules.THIS, rules.FOLLOWING) and not data.get("on"):
            self.add_error("on", _("Please choose the date."))
        return data


def _named(one: Dated) -> str:
    """Return a date of a series as it is chosen: the local day, and what it is now."""
    return f"{one.on.isoformat()} {wording.weekday_name(one.on.weekday())} · {one.state_label}"


class MoveForm(WhichForm):
    """Where dates go: another time of day, length or mode, and so many days later or earlier; and what was shown."""

    starts_at = forms.TimeField(
        label=_("Start"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        input_formats=["%H:%M", "%H:%M:%S"],
    )
    minutes = forms.IntegerField(label=_("Length"), min_value=1, max_value=LONGEST, widget=forms.Select)
    mode = forms.ChoiceField(label=_("How it is operated"), widget=forms.Select)
    days = forms.TypedChoiceField(label=_("Moved by"), coerce=int, initial=0, widget=forms.Select)
    policy = forms.ChoiceField(
        label=_("Dates that cannot be moved"),
        choices=[
            (rules.SKIP_CONFLICTS, _("stay where they are")),
            (rules.ALL_OR_NOTHING, _("then none is moved")),
        ],
        initial=rules.SKIP_CONFLICTS,
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )
    shown = forms.CharField(max_length=LONGEST_SHOWN, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, lengths: list[int], modes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        minutes = sorted({*lengths, self.initial.get("minutes") or lengths[0]})
        self.fields["minutes"].widget.choices = [(one, length(one)) for one in minutes]
        offered = dict.fromkeys([*modes, self.initial.get("mode") or modes[0]])
        self.fields["mode"].choices = [(mode, Rental.Mode(mode).label) for mode in offered]  # type: ignore[attr-defined]
        self.fields["days"].choices = [(days, shift_told(days)) for days in range(-6, 7)]  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        """Return which dates go where, as the operation asks it."""
        data = self.cleaned_data
        change = Change(data["starts_at"], data["minutes"], data["mode"], data["days"])
        return {"which": data["which"], "on": data["on"], "change": change}


def shift_told(days: int) -> str:
    """Return a shift by days in words."""
    if not days:
        return str(_("the same day"))
    if days > 0:
        return ngettext("{number} day later", "{number} days later", days).format(number=days)
    return ngettext("{number} day earlier", "{number} days earlier", -days).format(number=-days)


class ExtendForm(EndFields):
    """Until when a series goes on, and what was shown of that."""

    shown = forms.CharField(max_length=LONGEST_SHOWN, required=False, widget=forms.HiddenInput)
    consents = forms.MultipleChoiceField(choices=[(code, code) for code in CODES], required=False)

    @staticmethod
    def proposed(series: Series) -> dict[str, Any]:
        """Return how the series ends now."""
        rule = series.plan.rule
        return {"ends": COUNT if rule.until is None else UNTIL, "count": rule.count, "until": rule.until}


class CancelForm(WhichForm):
    """The dates, and the sum of fees that was seen."""

    expected = forms.IntegerField(min_value=0, max_value=DEAREST_FEN, widget=forms.HiddenInput)

    def expected_fee(self) -> Money:
        """Return the sum the person saw."""
        return Money(self.cleaned_data["expected"])


class LabCancelForm(WhichForm):
    """The dates that a lab calls off, and why."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class AnswerForm(forms.Form):
    """The dates that a lab answers to, by the numbers of their rentals; none means all."""

    numbers = forms.MultipleChoiceField(required=False)
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)

    def __init__(self, *args: Any, waiting: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["numbers"].choices = [(number, number) for number in waiting]  # type: ignore[attr-defined]
