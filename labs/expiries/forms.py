"""What of the list is looked at."""

from django import forms
from django.utils.translation import gettext_lazy as _

from labs.expiries.models import ExpiryNotice
from labs.expiries.queries import Expiring

OVER = "over"
WITHIN = [
    ("", _("all")),
    ("7", _("within 7 days")),
    ("30", _("within 30 days")),
    ("90", _("within 90 days")),
    (OVER, _("run out")),
]


class ExpiryFilter(forms.Form):
    """Which kind, and how soon."""

    kind = forms.ChoiceField(
        label=_("Kind"), choices=[("", _("all kinds")), *ExpiryNotice.Kind.choices], required=False
    )
    within = forms.ChoiceField(label=_("Runs out"), choices=WITHIN, required=False)

    @property
    def is_used(self) -> bool:
        """Whether anything is left out."""
        return any(self.data.get(name) for name in self.fields)

    def chosen(self, found: list[Expiring]) -> list[Expiring]:
        """Return what is asked for; what the query says wrongly is left out of account."""
        self.full_clean()
        kind, within = self.cleaned_data.get("kind", ""), self.cleaned_data.get("within", "")
        shown = [each for each in found if kind in ("", each.kind)]
        if within == OVER:
            return [each for each in shown if each.is_over]
        return [each for each in shown if not within or 0 <= each.days_left <= int(within)]
