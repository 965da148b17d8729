"""What a person agrees to when they hold, confirm or cancel a rental."""

from django import forms
from django.utils.translation import gettext_lazy as _

from audit.requests.rules import LONGEST_KEY
from kernel.money import Money
from labs.catalogue.consents import CODES

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
