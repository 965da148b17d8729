"""What people say about themselves."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.people.rules import TIME_ZONES


class SignUpForm(forms.Form):
    """What sign-up asks for besides an address and a password."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=100,
        help_text=_("As your colleagues and the labs know you."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def signup(self, request: HttpRequest, user: User) -> None:
        """Keep nothing more: `portal.adapter` has kept the name."""


class ProfileForm(forms.Form):
    name = forms.CharField(
        label=_("Your name"), max_length=100, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=User.Language, help_text=_("Of pages and of the mails we send you.")
    )
    timezone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("For your own lists. Times at a lab are always shown on the lab's clock."),
    )

    def __init__(self, *args: Any, current: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = TIME_ZONES if current in TIME_ZONES or not current else (current, *TIME_ZONES)
        self.fields["timezone"].choices = [(zone, zone.replace("_", " ")) for zone in offered]  # type: ignore[attr-defined]  # a choice field
