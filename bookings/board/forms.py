"""Why a lab declines or cancels."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ReasonForm(forms.Form):
    """The reason, which the customer reads."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The customer reads it."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Please give the reason.")},
    )
