"""What an organisation says about itself, as typed."""

from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import District, Organisation, TaxpayerStatus
from accounts.organisations.rules import HOME_COUNTRY, has_credit_code
from accounts.people.rules import TIME_ZONES
from portal.organisations import countries

FEN = 100


class IdentityForm(forms.Form):
    """What identifies an organisation: asked at registration, and again when it is edited."""

    country = forms.ChoiceField(label=_("Country or region"), choices=countries.choices, initial=HOME_COUNTRY)
    uscc = forms.CharField(
        label=_("Unified social credit code"),
        max_length=60,
        required=False,
        help_text=_("The 18 characters on the business licence; spaces and hyphens do not matter."),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "hx-get": reverse_lazy("portal:check"),
                "hx-trigger": "input changed delay:250ms",
                "hx-target": "#uscc-check",
                "hx-swap": "outerHTML",
                "hx-sync": "this:replace",
            }
        ),
    )
    foreign_reg_no = forms.CharField(
        label=_("Registration number there"),
        max_length=50,
        required=False,
        help_text=_("For organisations outside mainland China: the number in the register of that place."),
    )
    name_zh = forms.CharField(
        label=_("Name"),
        max_length=200,
        help_text=_("In full, as on the licence."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    name_en = forms.CharField(label=_("English name"), max_length=200, required=False)
    org_type = forms.ChoiceField(label=_("Kind of organisation"), choices=Organisation.OrgType)
    district = forms.ModelChoiceField(
        label=_("District"),
        queryset=District.objects.all(),
        required=False,
        empty_label=_("Not in Guangzhou"),
    )

    @property
    def is_abroad(self) -> bool:
        """Whether the country chosen so far has no credit codes."""
        return not has_credit_code(str(self["country"].value() or HOME_COUNTRY))


class OrganisationForm(IdentityForm):
    """The whole profile."""

    size = forms.ChoiceField(
        label=_("Size"),
        choices=Organisation.Size,
        help_text=_("By the national standard for your industry. Micro, small and medium ones get SME prices."),
    )
    employees = forms.IntegerField(label=_("Employees"), min_value=0, max_value=10_000_000, required=False)
    annual_revenue = forms.DecimalField(
        label=_("Annual revenue in yuan"), min_value=0, max_digits=16, decimal_places=2, required=False
    )
    industry = forms.CharField(label=_("Industry"), max_length=100, required=False)
    email = forms.EmailField(label=_("E-mail address of the organisation"), required=False)
    phone = forms.CharField(
        label=_("Phone"), max_length=30, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    timezone = forms.ChoiceField(label=_("Time zone"), choices=[(zone, zone) for zone in TIME_ZONES])

    invoice_title = forms.CharField(
        label=_("Invoice title"), max_length=200, required=False, help_text=_("Usually the organisation's name.")
    )
    invoice_address = forms.CharField(label=_("Address on invoices"), max_length=200, required=False)
    invoice_phone = forms.CharField(label=_("Phone on invoices"), max_length=30, required=False)
    bank_name = forms.CharField(label=_("Bank"), max_length=100, required=False)
    bank_account = forms.CharField(label=_("Bank account"), max_length=40, required=False)

    def changes(self) -> dict[str, Any]:
        """Return what was typed, as the operation takes it: revenue in fen."""
        said = dict(self.cleaned_data)
        revenue = said.pop("annual_revenue")
        return {**said, "annual_revenue_fen": None if revenue is None else int(revenue * FEN)}


def said_by(organisation: Organisation) -> dict[str, Any]:
    """Return what an organisation says now, as the form shows it."""
    fields = [name for name in OrganisationForm.base_fields if hasattr(organisation, name)]
    revenue = organisation.annual_revenue_fen
    return {name: getattr(organisation, name) for name in fields} | {
        "uscc": organisation.uscc or "",
        "annual_revenue": None if revenue is None else f"{revenue / FEN:.2f}",
    }


class TaxpayerForm(forms.Form):
    taxpayer_type = forms.ChoiceField(label=_("Taxpayer type"), choices=TaxpayerStatus.TaxpayerType)
    valid_from = forms.DateField(
        label=_("Valid from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class LicenceForm(forms.Form):
    licence = forms.FileField(
        label=_("Business licence"),
        help_text=_("A photo or scan as PNG, JPEG or PDF, 5 MB at most. Name and code must be readable."),
        widget=forms.ClearableFileInput(attrs={"accept": "image/png,image/jpeg,application/pdf"}),
        max_length=200,
    )
