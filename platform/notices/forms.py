"""How people say when they want mail."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from notices.kinds import Group, Kind, Mail, of_group
from notices.preferring import RECOMMENDED
from notices.queries import Wanted

HOURS = [(str(hour), f"{hour:02d}:00") for hour in range(24)]
WAYS = [(RECOMMENDED, _("As recommended")), *Mail.choices]


class PreferencesForm(forms.Form):
    """When mail comes: by group, the hour of the daily mail, and the quiet hours; on the person's own clock."""

    digest_hour = forms.TypedChoiceField(label=_("Daily mail at"), choices=HOURS, coerce=int)
    has_quiet_hours = forms.BooleanField(
        label=_("Quiet hours"),
        required=False,
        help_text=_("Mails that are not urgent wait until they end. The daily mail comes at its hour all the same."),
    )
    quiet_from = forms.TypedChoiceField(label=_("From"), choices=HOURS, coerce=int)
    quiet_until = forms.TypedChoiceField(label=_("Until"), choices=HOURS, coerce=int)

    def __init__(self, data: Any = None, *, wanted: Wanted, groups: list[Group]) -> None:
        begin, end = wanted.quiet or (22, 7)
        initial = {
            "digest_hour": wanted.digest_hour,
            "has_quiet_hours": wanted.quiet is not None,
            "quiet_from": begin,
            "quiet_until": end,
            **{f"mail_{group}": wanted.mail.get(group, RECOMMENDED) for group in groups},
        }
        super().__init__(data, initial=initial)
        self.groups = groups
        for group in groups:
            self.fields[f"mail_{group}"] = forms.ChoiceField(label=group.label, choices=WAYS, required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse quiet hours that are none."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("has_quiet_hours") and cleaned.get("quiet_from") == cleaned.get("quiet_until"):
            self.add_error("quiet_until", _("Quiet hours end at another hour than they begin."))
        return cleaned

    def rows(self) -> Iterator[tuple[BoundField, list[Kind]]]:
        """Yield each group's field with the kinds that belong to it."""
        for group in self.groups:
            yield self[f"mail_{group}"], of_group(group)

    @property
    def chosen(self) -> dict[str, Any]:
        """What was chosen, as `preferring.choose` takes it."""
        cleaned = self.cleaned_data
        return {
            "mail": {str(group): cleaned[f"mail_{group}"] for group in self.groups},
            "digest_hour": cleaned["digest_hour"],
            "quiet": (cleaned["quiet_from"], cleaned["quiet_until"]) if cleaned["has_quiet_hours"] else None,
        }
