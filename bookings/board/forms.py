"""Why a lab declines or cancels, where it moves a booking to, and what it answers."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bookings.board.reasons import TEMPLATES
from bookings.rentals.models import Rental
from kernel.periods import Period
from labs.models import Instrument
from web.fields import MomentField


class ReasonForm(forms.Form):
    """The reason, which the customer reads."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The customer reads it."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Please give the reason.")},
    )


class MoveForm(ReasonForm):
    """Another time, or another instrument of the same category; whether the customer has agreed to it."""

    instrument = forms.ChoiceField(label=_("Instrument"))
    start = MomentField(label=_("From"))
    end = MomentField(label=_("To"))
    consent = forms.BooleanField(
        label=_("The customer has agreed"),
        help_text=_("Otherwise the customer is asked, and the booking stays where it is until the answer."),
        required=False,
    )
    field_order = ("instrument", "start", "end", "reason", "consent")

    def __init__(self, *args: Any, rental: Rental, instruments: Iterable[Instrument], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instruments = {one.code: one for one in instruments}
        named = [(code, f"{one.name} {code}") for code, one in self.instruments.items()]
        self.fields["instrument"].choices = named  # type: ignore[attr-defined]  # a ChoiceField
        if len(named) == 1:
            self.fields["instrument"].widget = forms.HiddenInput()
        for name in ("start", "end"):
            self.fields[name].zone = rental.instrument.lab.tz  # type: ignore[attr-defined]  # a MomentField

    def clean(self) -> dict[str, Any]:
        """Ask for an end after the start."""
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and start >= end:
            self.add_error("end", gettext("It must end after it begins."))
        return cleaned

    def period(self) -> Period:
        """Return the time that was asked for."""
        return Period(self.cleaned_data["start"], self.cleaned_data["end"])

    def chosen(self) -> Instrument:
        """Return the instrument that was chosen."""
        return self.instruments[self.cleaned_data["instrument"]]


class ExtendForm(forms.Form):
    """Until when a use that is under way goes on."""

    end = MomentField(label=_("To"))

    def __init__(self, *args: Any, rental: Rental, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["end"].zone = rental.instrument.lab.tz  # type: ignore[attr-defined]  # a MomentField


class NumbersField(forms.Field):
    """Numbers of bookings, as many as were ticked."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[str]:
        """Return the numbers that were sent."""
        return [str(each) for each in value or ()]


class AnswerForm(forms.Form):
    """The lab's answer to one booking or several: yes, or no with a reason, written or out of those ready."""

    APPROVE, REJECT = "approve", "reject"

    act = forms.ChoiceField(choices=[(APPROVE, APPROVE), (REJECT, REJECT)])
    number = NumbersField(error_messages={"required": _("Choose at least one booking.")})
    template = forms.ChoiceField(
        label=_("Reason"),
        required=False,
        choices=[("", _("in your own words")), *((code, text) for code, text in TEMPLATES.items())],
    )
    reason = forms.CharField(
        label=_("In your own words"),
        help_text=_("The customer reads it. Only for declining."),
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for a reason where the answer is no."""
        cleaned = super().clean() or self.cleaned_data
        says_no = cleaned.get("act") == self.REJECT
        if says_no and not cleaned.get("template") and not cleaned.get("reason", "").strip():
            self.add_error("reason", gettext("Please give the reason."))
        return cleaned
