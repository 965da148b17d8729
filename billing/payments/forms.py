"""What people write to import, resolve, and send back."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from billing.payments.models import Resolution

LARGEST = 5 * 1024 * 1024
"""No bank writes a longer file for a day or a month."""


class UploadForm(forms.Form):
    """The file of a bank."""

    file = forms.FileField(
        label=_("The bank's file (CSV)"),
        help_text=_("UTF-8 or GBK, as the bank gives it. It is shown first, and counts only once it is imported."),
        widget=forms.FileInput({"accept": ".csv,.txt,text/csv"}),
    )

    def clean_file(self) -> Any:
        """Refuse what is no such file by its size."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(_("The file is larger than 5 MB."))
        return file


class ResolveForm(forms.Form):
    """What becomes of money in suspense, and why."""

    kind = forms.ChoiceField(label=_("What becomes of it"), choices=Resolution.Kind)
    number = forms.CharField(
        label=_("Reference code, or number of the order or statement"), max_length=40, required=False
    )
    organisation = forms.CharField(
        label=_("Code of the organisation"),
        max_length=20,
        required=False,
        help_text=_("For the prepaid balance."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea({"rows": 2}))

    def clean_organisation(self) -> Organisation | None:
        """Return the organisation of a code."""
        code = self.cleaned_data["organisation"].strip()
        found = Organisation.objects.filter(code__iexact=code).first() if code else None
        if code and found is None:
            raise forms.ValidationError(_("There is no organisation with this code."))
        return found


class DecideForm(forms.Form):
    """Why a proposal is declined."""

    note = forms.CharField(label=_("Why it is turned down"), max_length=500, required=False)


class SentForm(forms.Form):
    """By which payment a refund was sent, or why it failed."""

    reference = forms.CharField(label=_("Serial number of the payment"), max_length=64, required=False)
    because = forms.CharField(label=_("Why it failed"), max_length=300, required=False)
