"""What is written by hand about a bill's money."""

from django import forms
from django.utils.translation import gettext_lazy as _


class RefundForm(forms.Form):
    """How much of a settled order goes back, in yuan, and why."""

    amount = forms.DecimalField(label=_("Amount (¥)"), min_value=0, decimal_places=2, max_digits=12)
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))

    def fen(self) -> int:
        """The amount in fen."""
        return int(self.cleaned_data["amount"] * 100)


class DecisionForm(forms.Form):
    """Yes or no, and what is said with it."""

    approved = forms.TypedChoiceField(choices=[("yes", "yes"), ("no", "no")], coerce=lambda given: given == "yes")
    answer = forms.CharField(label=_("Answer"), max_length=300, required=False)
