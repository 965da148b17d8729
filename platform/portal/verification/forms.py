"""What the platform's operator decides about a licence."""

from django import forms
from django.utils.translation import gettext_lazy as _


class DecisionForm(forms.Form):
    """Carries when that was handed in which the operator looks at, so that nothing else is decided."""

    seen_at = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("They read it. Needed when you reject: say what to hand in instead."),
    )
