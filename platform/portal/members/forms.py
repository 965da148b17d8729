"""Whom to ask to join, and as what."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership

WHAT_ROLES_DO = {
    "owner": _("everything: profile, members, bookings, money"),
    "buyer": _("books and cancels"),
    "finance": _("sees payments and invoices"),
    "technician": _("comes to the lab, sees bookings"),
    "viewer": _("sees bookings"),
    "lab_manager": _("sets prices, hours and policies of the labs"),
    "lab_operator": _("sees who comes when, works with the instruments"),
}


def role_choices(roles: Sequence[str]) -> list[tuple[str, str]]:
    """Return the roles with what each does, for a select."""
    return [(role, f"{Membership.Role(role).label} – {WHAT_ROLES_DO[role]}") for role in roles]


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, roles: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = role_choices(roles)  # type: ignore[attr-defined]  # a choice field


class InviteForm(RoleForm):
    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    field_order = ["email", "role"]
