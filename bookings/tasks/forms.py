"""How a lab says what it did about a task."""

from django import forms
from django.utils.translation import gettext_lazy as _


class CloseForm(forms.Form):
    """What was done."""

    note = forms.CharField(label=_("How it was seen to"), max_length=500)
