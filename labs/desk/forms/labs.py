"""What a lab writes of itself and of what it is recognised for."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.people.rules import TIME_ZONES
from labs.capabilities.quantities import QUANTITIES
from labs.catalogue import rules
from labs.catalogue.editing import labs as editing
from labs.catalogue.models import Accreditation, Cluster, Honour, Lab, MeasurementStandard, Standard, Zone
from labs.desk.forms.editing import EditForm, rows

MOST_ENTRIES = 200
SAID_OF_NUMBERS = {
    "cma_digits": _("A CMA certificate usually has twelve digits. It is kept as you wrote it; please look again."),
    "cma_field": _("Digits 5 and 6 of a CMA certificate name its field, 00 to 21. Please look again."),
    "cnas_form": _("A CNAS number usually reads CNAS L1234 or CNAS IB0123. Please look again."),
}


class LabForm(EditForm):
    """All that a lab says of itself."""

    timezone = forms.ChoiceField(label=_("Time zone"), choices=[(zone, zone) for zone in TIME_ZONES])
    lat = forms.FloatField(label=_("Latitude (WGS-84)"), required=False, min_value=-90, max_value=90)
    lon = forms.FloatField(label=_("Longitude (WGS-84)"), required=False, min_value=-180, max_value=180)
    zones = forms.ModelMultipleChoiceField(
        label=_("Zones"), queryset=Zone.objects.order_by("code"), required=False, widget=forms.CheckboxSelectMultiple
    )
    clusters = forms.ModelMultipleChoiceField(
        label=_("Industry clusters it serves"),
        queryset=Cluster.objects.order_by("code"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    cutoff_time = forms.TimeField(
        label=_("Samples count for the day until"),
        input_formats=["%H:%M", "%H:%M:%S"],
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )

    class Meta:
        model = Lab
        fields = editing.FIELDS

    GROUPS = (
        (_("What it is"), ("name_zh", "name_en", "lab_type", "fields_zh", "fields_en")),
        (_("Where it is"), ("district", "address_zh", "lat", "lon", "timezone", "zones", "clusters")),
        (_("How to reach it"), ("contact_phone", "cutoff_time")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["district"].empty_label = gettext("none")  # type: ignore[attr-defined]  # choices

    def clean(self) -> dict[str, Any]:
        """A place has both coordinates or none."""
        cleaned = super().clean() or self.cleaned_data
        if (cleaned.get("lat") is None) != (cleaned.get("lon") is None) and not {"lat", "lon"} & set(self.errors):
            self.add_error("lon", gettext("Give both coordinates, or none."))
        return cleaned


class RecognitionForm(EditForm):
    """What recognitions have in common: days that fit together."""

    BEGINS = "valid_from"

    def clean(self) -> dict[str, Any]:
        """Compare the days."""
        cleaned = super().clean() or self.cleaned_data
        begins, ends = cleaned.get(self.BEGINS), cleaned.get("valid_to")
        if begins and ends and ends < begins:
            self.add_error("valid_to", str(editing.EndsBeforeItBegins.message))
        return cleaned


class AccreditationForm(RecognitionForm):
    """An accreditation, with the file of its certificate."""

    certificate = forms.FileField(
        label=_("Certificate file"), required=False, help_text=_("PDF, or a scan as JPEG or PNG, up to 10 MB.")
    )

    class Meta:
        model = Accreditation
        fields = editing.ACCREDITATION_FIELDS

    def said(self) -> dict[str, Any]:
        """Return what was written; the file goes its own way."""
        return {name: value for name, value in super().said().items() if name != "certificate"}

    def warning(self) -> str:
        """Return what is odd about the number; it is kept all the same."""
        code = rules.accreditation_number_warning(self.cleaned_data["kind"], self.cleaned_data["number"])
        return str(SAID_OF_NUMBERS[code]) if code else ""


class HonourForm(RecognitionForm):
    """What a lab was named."""

    BEGINS = "granted_on"

    class Meta:
        model = Honour
        fields = editing.HONOUR_FIELDS


class StandardForm(RecognitionForm):
    """A measurement standard the lab was assessed for."""

    objects_zh = forms.CharField(
        label=_("What it verifies or calibrates"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One kind of instrument a line."),
    )

    class Meta:
        model = MeasurementStandard
        fields = tuple(name for name in editing.STANDARD_FIELDS if name != "objects_zh")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["objects_zh"] = "\n".join(self.instance.objects_zh or [])
        self.fields["discipline_code"].help_text = gettext("JJF 1022, for example 12 for mechanics.")

    def clean_objects_zh(self) -> list[str]:
        """Return the lines."""
        return [line.strip()[:100] for line in self.cleaned_data["objects_zh"].splitlines() if line.strip()]


FORMS: dict[str, type[RecognitionForm]] = {
    "accreditation": AccreditationForm,
    "honour": HonourForm,
    "standard": StandardForm,
}


class ScopeRow(forms.Form):
    """A line of the table of abilities (能力表)."""

    id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    object_zh = forms.CharField(label=_("Object"), max_length=200)
    parameter_zh = forms.CharField(label=_("Parameter (Chinese)"), max_length=200)
    parameter_en = forms.CharField(label=_("Parameter (English)"), max_length=200, required=False)
    standard = forms.CharField(label=_("Standard, with its year"), max_length=80, required=False)
    method = forms.CharField(label=_("Other method"), max_length=200, required=False)
    range_text = forms.CharField(label=_("Range"), max_length=200, required=False)
    limits_zh = forms.CharField(label=_("Limits"), max_length=300, required=False)
    quantity = forms.ChoiceField(label=_("Quantity"), choices=(), required=False)
    cmc = forms.CharField(label=_("Best uncertainty (CMC)"), max_length=200, required=False)
    coverage_factor = forms.DecimalField(
        label=_("Coverage factor k"), required=False, min_value=0, max_digits=4, decimal_places=2
    )
    valid_from = forms.DateField(
        label=_("Valid from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    valid_to = forms.DateField(
        label=_("Valid to"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        quantities = sorted(((each.code, each.name) for each in QUANTITIES.values()), key=lambda each: each[1])
        self.fields["quantity"].choices = [("", "–"), *quantities]  # type: ignore[attr-defined]

    def clean_standard(self) -> Standard | None:
        """Return the standard of that number, or say that it is none we know."""
        written = self.cleaned_data["standard"].strip()
        if not written:
            return None
        found = Standard.objects.filter(number_key=rules.standard_key(written)).first()
        if found is None:
            raise forms.ValidationError(
                gettext("Not among the standards of the platform: {numbers}. Write the year too.").format(
                    numbers=written
                )
            )
        return found

    def clean(self) -> dict[str, Any]:
        """A line names a standard or a method, and its days fit together."""
        cleaned = super().clean() or self.cleaned_data
        if self.errors or cleaned.get("DELETE"):
            return cleaned
        if cleaned.get("standard") is None and not cleaned.get("method"):
            self.add_error("standard", gettext("Name a standard or another method."))
        ends = cleaned.get("valid_to")
        if ends and ends < cleaned["valid_from"]:
            self.add_error("valid_to", str(editing.EndsBeforeItBegins.message))
        return cleaned

    def entry(self) -> dict[str, Any]:
        """Return the line as the operation takes it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "DELETE"}


ScopeRows = rows(ScopeRow, most=MOST_ENTRIES)


class ScopeForm(forms.Form):
    """The mark of the scope that was shown: see Note [Written over]."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)


def scope_initial(accreditation: Accreditation) -> list[dict[str, Any]]:
    """Return the rows of the scope there is."""
    return [
        {
            **{name: getattr(entry, name) for name in ScopeRow.base_fields if name != "standard"},
            "standard": entry.standard.number if entry.standard else "",
            "coverage_factor": f"{entry.coverage_factor.normalize():f}" if entry.coverage_factor is not None else "",
        }
        for entry in accreditation.scope.select_related("standard").order_by("pk")
    ]


class WithdrawForm(forms.Form):
    """Why a record is taken back."""

    reason = forms.CharField(label=_("Why it is taken back"), max_length=300)
