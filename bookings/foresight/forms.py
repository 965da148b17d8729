"""What a person has seen of the bookings before they close the time, and how an outage is changed."""

import hashlib
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from bookings.rentals.models import Rental
from kernel.periods import Period
from labs.hours.views import MOST_INSTRUMENTS
from labs.models import Instrument, Lab, Outage
from web.fields import MomentField

CONFIRMED = "confirmed"


class SeenForm(forms.Form):
    """The mark of the bookings that were shown when the change was confirmed."""

    confirmed = forms.CharField(max_length=32, required=False, widget=forms.HiddenInput)


def mark_of(rentals: Iterable[Rental]) -> str:
    """Return a short mark of some bookings: another when one comes or goes, so that none is closed upon unseen."""
    numbers = ",".join(sorted(rental.number for rental in rentals))
    return hashlib.sha256(numbers.encode()).hexdigest()[:16]


class ChangeOutageForm(forms.Form):
    """From when to when an outage is, and of how many units."""

    start = MomentField(label=_("From"))
    end = MomentField(label=_("To"))
    units = forms.IntegerField(
        label=_("Units that are out"),
        min_value=1,
        max_value=32_767,
        required=False,
        help_text=_("Of an instrument with several units. Empty: all."),
    )

    def __init__(self, *args: Any, lab: Lab, outage: Outage, **kwargs: Any) -> None:
        whole = outage.stretch
        first = {"start": whole.start.astimezone(lab.tz), "end": whole.end.astimezone(lab.tz), "units": outage.units}
        super().__init__(*args, **{"initial": first, **kwargs})
        for name in ("start", "end"):
            self.fields[name].zone = lab.tz  # type: ignore[attr-defined]  # a MomentField
        if outage.instrument is None or outage.instrument.capacity == 1:
            self.fields["units"].widget = forms.HiddenInput()


class WhatIfForm(forms.Form):
    """What would be closed, and when."""

    whose = forms.ChoiceField(label=_("What would be closed"))
    start = MomentField(label=_("From"))
    end = MomentField(label=_("To"))

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labs = list(Lab.objects.operated_by(member).order_by("code", "pk"))
        rows = Instrument.objects.operated_by(member).exclude(status=Instrument.Status.RETIRED)
        instruments = list(rows.select_related("lab").order_by("code", "pk")[:MOST_INSTRUMENTS])
        self.known: dict[str, Lab | Instrument] = {f"lab:{lab.code}": lab for lab in labs}
        self.known |= {one.code: one for one in instruments}
        self.fields["whose"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            (_("The whole lab"), [(f"lab:{lab.code}", lab.name) for lab in labs]),
            (_("Instruments"), [(one.code, f"{one.name} {one.code}") for one in instruments]),
        ]
        for name in ("start", "end"):
            self.fields[name].zone = member.organisation.tz  # type: ignore[attr-defined]  # a MomentField

    def clean(self) -> dict[str, Any]:
        """Ask for an end after the start."""
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and start >= end:
            self.add_error("end", gettext("It must end after it begins."))
        return cleaned

    def of(self) -> Lab | Instrument:
        """Return the lab or the instrument that is meant."""
        return self.known[self.cleaned_data["whose"]]

    def period(self) -> Period:
        """Return the time that is meant."""
        return Period(self.cleaned_data["start"], self.cleaned_data["end"])
