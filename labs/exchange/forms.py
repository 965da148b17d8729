"""The workbook that a manager sends."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from labs.exchange.book import MOST_BYTES


class WorkbookForm(forms.Form):
    """One Excel file; what is inside is looked at afterwards."""

    workbook = forms.FileField(
        label=_("Excel file"),
        help_text=_("The file you took away, with your changes: at most 5 MB and 2,000 rows a sheet."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
    )

    def clean_workbook(self) -> Any:
        """Refuse what is too large before it is read."""
        sent = self.cleaned_data["workbook"]
        if sent.size > MOST_BYTES:
            raise forms.ValidationError(gettext("The file is larger than 5 MB. Split it, and try again."))
        return sent


class MarkForm(forms.Form):
    """The mark of what was shown."""

    mark = forms.CharField(max_length=64, widget=forms.HiddenInput)
