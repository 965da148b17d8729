"""A certificate as a lab records it, and as it corrects it."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from labs.calibration.models import CalibrationRecord
from labs.calibration.operations import AMENDED
from labs.calibration.rules import certificate_problem

DAYS = ("calibrated_on", "valid_from", "valid_to")
SAID_OF_DAYS = {
    "valid_from": _("A certificate is valid from its calibration on, or later."),
    "valid_to": _("A certificate ends on the day it begins, or later."),
}


class CertificateForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no parameter when the program runs
    """What certificates have in common: days that fit together, and a file."""

    certificate = forms.FileField(
        label=_("Certificate file"), required=False, help_text=_("PDF, or a scan as JPEG or PNG, up to 10 MB.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in DAYS:
            if name in self.fields:
                self.fields[name].widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def clean(self) -> dict[str, Any]:
        """Compare the days."""
        cleaned = super().clean() or self.cleaned_data
        days: dict[str, Any] = {name: cleaned.get(name) or getattr(self.instance, name, None) for name in DAYS}
        if all(days.values()) and (problem := certificate_problem(**days)):
            self.add_error(problem, str(SAID_OF_DAYS[problem]))
        return cleaned

    def said(self) -> dict[str, Any]:
        """Return what was written, as the operations take it."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("seen", "certificate")}


class RecordForm(CertificateForm):
    """A certificate that is new here."""

    class Meta:
        model = CalibrationRecord
        fields = (
            "kind", "certificate_no", "method", "issued_by_zh", "issuer_accreditation", "traceable_to_zh",
            "calibrated_on", "valid_from", "valid_to", "result", "uncertainty", "corrections_zh", "confirmed_by",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["method"].help_text = gettext("For example: JJG 139-2014")
        self.fields["issuer_accreditation"].help_text = gettext("For example: CNAS L0001")
        self.fields["confirmed_by"].help_text = gettext(
            "Who checked that the result fits what the instrument is used for."
        )


class AmendForm(CertificateForm):
    """A certificate's validity, result and remarks corrected, with the reason."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason for the correction"), max_length=300, help_text=_("It stands in the history.")
    )

    class Meta:
        model = CalibrationRecord
        fields = AMENDED
