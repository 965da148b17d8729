"""What an instrument measures, as a lab writes it: rows of parameters, rows of capabilities."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kernel.refusals import Refusal
from labs.capabilities import rules
from labs.capabilities.models import Capability
from labs.catalogue.models import Parameter
from labs.desk.forms.editing import rows

MOST_ROWS = 60
FIELDS = {"value": "stated_low", "value_to": "stated_high"}
"""The refusals name the fields of a wish; here they are those of what is stated."""


class ParameterRow(forms.Form):
    """A parameter, as the data sheet says."""

    id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name_zh = forms.CharField(label=_("Parameter (Chinese)"), max_length=100)
    name_en = forms.CharField(label=_("Parameter (English)"), max_length=100, required=False)
    range = forms.CharField(label=_("Range"), max_length=100, required=False)
    unit = forms.CharField(label=_("Unit"), max_length=40, required=False)
    accuracy = forms.CharField(label=_("Accuracy or uncertainty"), max_length=100, required=False)


class CapabilityRow(forms.Form):
    """A capability in numbers that compare."""

    quantity = forms.ChoiceField(label=_("Quantity"), choices=())
    stated_low = forms.DecimalField(label=_("From"), required=False)
    stated_high = forms.DecimalField(label=_("To"), required=False)
    unit = forms.CharField(label=_("Unit"), max_length=24)
    uncertainty = forms.CharField(
        label=_("Uncertainty or error"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "±0.5 %, (0.5+L/300) µm"}),
    )
    uncertainty_kind = forms.ChoiceField(label=_("What that is"), choices=(), required=False)
    coverage_factor = forms.DecimalField(
        label=_("Coverage factor k"), required=False, min_value=Decimal("0.01"), max_digits=4, decimal_places=2
    )
    of_parameter = forms.CharField(label=_("Of the parameter"), max_length=100, required=False)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        quantities = sorted(((each.code, each.name) for each in rules.QUANTITIES.values()), key=lambda each: each[1])
        self.fields["quantity"].choices = [("", "…"), *quantities]  # type: ignore[attr-defined]
        kinds = [("", gettext("as written")), *Capability.UncertaintyKind.choices]
        self.fields["uncertainty_kind"].choices = kinds  # type: ignore[attr-defined]
        self.fields["of_parameter"].widget.attrs["list"] = "parameter-names"
        self.fields["unit"].widget.attrs["list"] = "usual-units"

    def clean(self) -> dict[str, Any]:
        """Work out the numbers that compare, and say beside the field where that fails."""
        cleaned = super().clean() or self.cleaned_data
        self.understood: rules.Capable | None = None
        if self.errors or cleaned.get("DELETE") or not self.has_changed():
            return cleaned
        try:
            self.understood = rules.capable(
                quantity=cleaned["quantity"],
                low=cleaned["stated_low"],
                high=cleaned["stated_high"],
                unit=cleaned["unit"],
                uncertainty=cleaned["uncertainty"],
                kind=cleaned["uncertainty_kind"],
                coverage_factor=cleaned["coverage_factor"],
            )
        except rules.ValueUnreadable:
            self.add_error("stated_low", gettext("Give at least one end of the range."))
        except Refusal as refusal:
            field = str(getattr(refusal, "field", ""))
            self.add_error(FIELDS.get(field, field if field in self.fields else None), str(refusal))
        return cleaned


ParameterRows = rows(ParameterRow, most=MOST_ROWS)
CapabilityRows = rows(CapabilityRow, most=MOST_ROWS)


class AbilitiesForm(forms.Form):
    """The mark of what was shown: see Note [Written over]."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)


def parameter_initial(parameters: Sequence[Parameter]) -> list[dict[str, Any]]:
    """Return the rows of the parameters there are."""
    names = ("id", *[name for name in ParameterRow.base_fields if name != "id"])
    return [{name: getattr(row, name) for name in names} for row in parameters]


def capability_initial(capabilities: Sequence[Capability]) -> list[dict[str, Any]]:
    """Return the rows of the capabilities there are."""
    names = [name for name in CapabilityRow.base_fields if name != "of_parameter"]
    return [
        {
            **{name: _shown(getattr(row, name)) for name in names},
            "of_parameter": row.parameter.name_zh if row.parameter else "",
        }
        for row in capabilities
    ]


def _shown(value: Any) -> Any:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def matched(parameters: Any, capabilities: Any) -> list[dict[str, Any]]:
    """
    Return the capabilities that are kept, each with the place of its parameter among those that are kept.

    Adds an error to a row that names a parameter there is none of.
    """
    named: dict[str, int] = {}
    for place, form in enumerate(parameters.kept()):
        for name in (form.cleaned_data["name_zh"], form.cleaned_data["name_en"]):
            named.setdefault(name.strip().casefold(), place)
    found = []
    for form in capabilities.kept():
        said = {name: value for name, value in form.cleaned_data.items() if name not in ("DELETE", "of_parameter")}
        name = form.cleaned_data["of_parameter"].strip().casefold()
        if name and name not in named:
            form.add_error("of_parameter", gettext("None of the parameters above is called so."))
        found.append({**said, "parameter": named.get(name) if name else None})
    return found
