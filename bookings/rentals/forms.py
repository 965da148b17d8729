"""What a person says and agrees to: holding, paying, moving, handing over, cancelling, and after a breakdown."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from audit.requests.rules import LONGEST_KEY
from bookings.rentals.models import Rental
from kernel.money import Money
from labs.catalogue.consents import CODES
from web.fields import MomentField

DEAREST_FEN = 10**15
"""Beyond this no price is a price."""


class HoldForm(forms.Form):
    """The price that was seen and what the time is for; the key makes two clicks one request."""

    purpose = forms.CharField(label=_("What is it for?"), max_length=200, required=False)
    expected = forms.IntegerField(min_value=0, max_value=DEAREST_FEN, widget=forms.HiddenInput)
    consents = forms.MultipleChoiceField(choices=[(code, code) for code in CODES], required=False)
    key = forms.CharField(max_length=LONGEST_KEY, widget=forms.HiddenInput)

    def expected_total(self) -> Money:
        """Return the price the person saw."""
        return Money(self.cleaned_data["expected"])


class CancelForm(forms.Form):
    """The fee that was seen."""

    expected = forms.IntegerField(min_value=0, max_value=DEAREST_FEN, widget=forms.HiddenInput)

    def expected_fee(self) -> Money:
        """Return the fee the person saw."""
        return Money(self.cleaned_data["expected"])


class MoveForm(forms.Form):
    """The price of the other time that was seen, and what was agreed to; the key makes two clicks one request."""

    expected = forms.IntegerField(min_value=0, max_value=DEAREST_FEN, widget=forms.HiddenInput)
    consents = forms.MultipleChoiceField(choices=[(code, code) for code in CODES], required=False)
    key = forms.CharField(max_length=LONGEST_KEY, widget=forms.HiddenInput)

    def expected_total(self) -> Money:
        """Return the price the person saw."""
        return Money(self.cleaned_data["expected"])


class ColleagueForm(forms.Form):
    """Who comes instead."""

    to = forms.TypedChoiceField(label=_("Who comes instead"), coerce=int)

    def __init__(self, *args: Any, people: Iterable[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            (one.user_id, f"{one.user.name or one.user.email} · {one.get_role_display()}") for one in people
        ]


class UntilForm(forms.Form):
    """Until when a use goes on."""

    until = MomentField(label=_("Until"))

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].zone = zone  # type: ignore[attr-defined]  # a MomentField


class PayForm(forms.Form):
    """How it is paid."""

    pays_by = forms.ChoiceField(choices=Rental.Payment.choices)


class AbandonForm(forms.Form):
    """Whether the run was of no use."""

    unusable = forms.BooleanField(label=_("What was measured until then is of no use"), required=False)
