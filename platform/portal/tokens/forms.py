"""What a token is for, and how long."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken

DAYS = [("30", _("30 days")), ("90", _("90 days")), ("365", _("One year")), ("", _("Until it is revoked"))]


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("What will use it"),
        max_length=100,
        help_text=_("Say the name of the program, so that you know it again in this list."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=ApiToken.Scope,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )
    days = forms.ChoiceField(label=_("How long"), choices=DAYS, required=False, initial="90")
