"""What a lab writes of a service."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from labs.catalogue import rules
from labs.catalogue.editing import offerings as editing
from labs.catalogue.models import Instrument, Lab, Offering, Standard
from labs.desk.forms.editing import EditForm, labelled, rows
from labs.desk.forms.instruments import CODE
from web.fields import PercentField, YuanField

MOST_ROWS = 8
MOST_STANDARDS = 30
LANGUAGES = (("zh", _("Chinese")), ("en", _("English")))
CLASSES = (("critical", _("AQL, critical defects")), ("major", _("AQL, major")), ("minor", _("AQL, minor")))
TAXES = (
    ("testing_service", _("Testing or technical service")),
    ("rental_assisted", _("Rental with the lab's operator")),
    ("rental_self", _("Rental operated by oneself")),
)
MONEY = {
    "unit_price_fen": _("Unit price (¥, tax included)"),
    "day_rate_fen": _("Rate per person and day (¥)"),
    "trip_fee_fen": _("Fee per trip (¥)"),
    "zone_fee_fen": _("Fee for farther districts (¥)"),
}


class NewServiceForm(forms.Form):
    """The first that is said of a service; the rest is written on its page."""

    lab = forms.ModelChoiceField(label=_("Lab"), queryset=Lab.objects.none(), empty_label=None)
    kind = forms.ChoiceField(label=_("Kind of service"), choices=())
    code = forms.RegexField(
        CODE,
        label=_("Code"),
        max_length=39,
        help_text=_("Letters, digits and hyphens; it stands in the address, and is never changed."),
        error_messages={"invalid": _("Use letters, digits and hyphens only.")},
    )
    name_zh = forms.CharField(label=_("Chinese name"), max_length=200)
    name_en = forms.CharField(label=_("English name"), max_length=200, required=False)

    def __init__(self, *args: Any, labs: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lab"].queryset = labs  # type: ignore[attr-defined]  # choices
        kinds = [each for each in Offering.Kind.choices if each[0] != Offering.Kind.RENTAL]
        self.fields["kind"].choices = labelled(kinds)  # type: ignore[attr-defined]  # choices


class StandardsField(forms.CharField):
    """Numbers of standards, one a line or with commas, however they are written; each must be one of the catalogue."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**{"required": False, "widget": forms.Textarea(attrs={"rows": 3}), **how})

    def clean(self, value: Any) -> list[Standard]:
        """Return the standards, or say which number is none we know."""
        text = str(super().clean(value) or "")
        written = [part.strip() for line in text.splitlines() for part in line.replace("，", ",").split(",")]
        numbers = [part for part in written if part][:MOST_STANDARDS]
        keys = {rules.standard_key(each): each for each in numbers}
        found = {each.number_key: each for each in Standard.objects.filter(number_key__in=keys)}
        unknown = [each for key, each in keys.items() if key not in found]
        if unknown:
            raise forms.ValidationError(
                gettext("Not among the standards of the platform: {numbers}. Write the year too.").format(
                    numbers=", ".join(unknown)
                )
            )
        return [found[key] for key in keys]


class ServiceForm(EditForm):
    """All that is said of a service; which fields there are follows from its kind."""

    standards = StandardsField(
        label=_("Standards and methods"),
        help_text=_("One number a line, with its year: GB/T 228.1-2021. However you write it, it is recognised."),
    )
    instruments = forms.ModelMultipleChoiceField(
        label=_("Instruments it needs"),
        queryset=Instrument.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    report_languages = forms.MultipleChoiceField(
        label=_("Languages of the report"), choices=LANGUAGES, required=False, widget=forms.CheckboxSelectMultiple
    )

    tax_category = forms.ChoiceField(label=_("Tax category"), choices=TAXES)

    class Meta:
        model = Offering
        fields = sorted(
            {name for kind, names in editing.FIELDS.items() if kind != "rental" for name in names}
            - {"tiers", "urgent_options", "aql", "report_languages"}
        )

    GROUPS = (
        (_("What it is"), ("name_zh", "name_en", "keywords", "parameter_zh", "parameter_en", "form", "provider",
                           "host_workstation")),
        (_("Method and recognition"), ("standards", "cma_in_scope", "cnas_in_scope", "mandatory", "subcontracting")),
        (_("Sample"), ("sample_requirement_zh", "sample_requirement_en", "sample_quantity", "sample_form_zh",
                       "sample_storage_zh", "return_policy")),
        (_("Plan of the inspection"), ("inspection_level", "aql_critical", "aql_major", "aql_minor")),
        (_("Price and time"), ("unit_price_fen", "price_unit_zh", "min_qty", "day_rate_fen", "trip_fee_fen",
                               "zone_fee_fen", "turnaround_workdays", "report_languages", "tax_category")),
        (_("Done with"), ("instruments",)),
    )  # fmt: skip

    def __init__(self, *args: Any, lab: Lab, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.instance.kind
        kept = {*editing.FIELDS[kind], "standards", "instruments", "seen"}
        for name in [each for each in self.fields if each not in kept]:
            del self.fields[name]
        for name, label in MONEY.items():
            if name in self.fields:
                self.fields[name] = YuanField(label=label, required=False)
        mine = Instrument.objects.filter(lab=lab).exclude(status=Instrument.Status.RETIRED).order_by("code", "pk")
        self.fields["instruments"].queryset = mine  # type: ignore[attr-defined]  # choices
        self.fields["price_unit_zh"].help_text = gettext("What the price is for: 元/样, 元/项, 元/件, 元/台, 元/批.")
        if "provider" in self.fields:
            self.fields["provider"].queryset = Organisation.objects.order_by("name_zh", "pk")  # type: ignore[attr-defined]
            self.fields["provider"].empty_label = gettext("the lab itself")  # type: ignore[attr-defined]
            for code, label in CLASSES:
                written = (self.instance.aql or {}).get(code, "")
                self.fields[f"aql_{code}"] = forms.CharField(label=label, max_length=8, required=False, initial=written)

    @property
    def is_compulsory(self) -> bool:
        """Whether it is ticked as compulsory verification."""
        return bool(self.cleaned_data.get("mandatory"))

    def clean(self) -> dict[str, Any]:
        """Take an empty amount as none; compulsory verification is free."""
        cleaned = super().clean() or self.cleaned_data
        for name in MONEY:
            if name in self.fields and name not in self.errors:
                cleaned[name] = cleaned.get(name) or 0
        if cleaned.get("mandatory") and cleaned.get("unit_price_fen"):
            self.add_error("unit_price_fen", str(editing.CompulsoryVerificationIsFree.message))
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        """The database says what must hold of the row; what the form says is said beside its fields."""
        return {*super()._get_validation_exclusions(), "unit_price_fen", "mandatory"}  # type: ignore[misc]

    def said(self) -> dict[str, Any]:
        """Return what was written, as the operation takes it."""
        said = super().said()
        if "aql_critical" in said:
            by_class = {code: said.pop(f"aql_{code}").strip() for code, _label in CLASSES}
            said["aql"] = {code: value for code, value in by_class.items() if value}
        return said


class TierRow(forms.Form):
    """From this quantity on, this part of the price."""

    min_qty = forms.IntegerField(label=_("From a quantity of"), min_value=2, max_value=1_000_000)
    price_bp = PercentField(label=_("Part of the unit price (%)"), max_value=100, max_digits=5)

    def row(self) -> dict[str, int]:
        """Return the row as an offering keeps it."""
        return {"min_qty": self.cleaned_data["min_qty"], "price_bp": self.cleaned_data["price_bp"]}


class UrgentRow(forms.Form):
    """Done within so many workdays, for so much more."""

    workdays = forms.IntegerField(label=_("Within workdays"), min_value=0, max_value=365)
    surcharge_bp = PercentField(label=_("Surcharge (%)"), max_value=1_000, max_digits=6)

    def row(self) -> dict[str, int]:
        """Return the row as an offering keeps it."""
        return {"workdays": self.cleaned_data["workdays"], "surcharge_bp": self.cleaned_data["surcharge_bp"]}


TierRows = rows(TierRow, most=MOST_ROWS)
UrgentRows = rows(UrgentRow, most=MOST_ROWS)


def listed(formset: Any, key: str) -> list[dict[str, int]]:
    """
    Return the rows that are kept, in order, the same `key` once only.

    Adds an error to a row that says again what another one says.
    """
    found: dict[int, dict[str, int]] = {}
    for form in formset.kept():
        row = form.row()
        if row[key] in found:
            form.add_error(key, gettext("Another row says this already."))
        found[row[key]] = row
    return [found[each] for each in sorted(found)]


def initial(offering: Offering, seen: str) -> dict[str, Any]:
    """Return what the form of a service shows first."""
    return {
        "seen": seen,
        "standards": "\n".join(each.number for each in offering.standards.order_by("number")),
        "instruments": list(offering.instruments.values_list("pk", flat=True)),
        "report_languages": offering.report_languages,
    }


class ServiceFilter(forms.Form):
    """Which services of the desk's list are shown."""

    q = forms.CharField(label=_("Name, parameter or code"), max_length=80, required=False)
    lab = forms.ChoiceField(label=_("Lab"), required=False)
    kind = forms.ChoiceField(label=_("Kind of service"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)

    def __init__(self, *args: Any, labs: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [each for each in Offering.Kind.choices if each[0] != Offering.Kind.RENTAL]
        every = {
            "lab": [("", gettext("All labs")), *labs],
            "kind": [("", gettext("All kinds")), *labelled(kinds)],
            "state": [("", gettext("Any state")), *labelled(Offering.State.choices)],
        }
        for name, choices in every.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # choices
