"""What people write about vouchers; what contradicts is named beside its field."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import District, Organisation
from accounts.organisations.rules import normalised
from billing.vouchers import rules
from billing.vouchers.models import ClaimItem, Programme
from labs.models import Lab, Offering
from web.fields import PercentField, YuanField

SIZES = [(value, label) for value, label in Organisation.Size.choices if value in rules.SIZES]
CODE = RegexValidator(r"^[A-Z0-9][A-Z0-9-]*$", _("Capital letters, digits and hyphens: VP-CX-2027."))


class DayField(forms.DateField):
    """A day, chosen from a calendar."""

    def __init__(self, **how: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **how)


class OrganisationField(forms.CharField):
    """An organisation, named by its credit code, registration number or code here; a city has too many for a list."""

    def __init__(self, **how: Any) -> None:
        help_text = _("Credit code, registration number or code here.")
        super().__init__(label=_("Organisation"), max_length=60, help_text=help_text, **how)

    def clean(self, value: Any) -> Any:
        """Return the organisation."""
        written = super().clean(value)
        found = Organisation.objects.filter(
            Q(uscc=normalised(written)) | Q(code=written.upper()) | (Q(foreign_reg_no=written) & ~Q(foreign_reg_no=""))
        ).first()
        if found is None:
            raise forms.ValidationError(_("No organisation here is registered under that number."))
        return found


class ProgrammeForm(forms.Form):
    """What a programme demands and gives; amounts in yuan, the share in per cent."""

    name_zh = forms.CharField(label=_("Chinese name"), max_length=100)
    name_en = forms.CharField(label=_("English name"), max_length=100, required=False)
    terms_zh = forms.CharField(
        label=_("What it is for (Chinese)"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Organisations read it before they apply."),
    )
    terms_en = forms.CharField(
        label=_("What it is for (English)"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    kinds = forms.MultipleChoiceField(
        label=_("Kinds of service"), choices=Offering.Kind.choices, widget=forms.CheckboxSelectMultiple
    )
    sizes = forms.MultipleChoiceField(
        label=_("For organisations of size"), choices=SIZES, widget=forms.CheckboxSelectMultiple
    )
    districts = forms.ModelMultipleChoiceField(
        label=_("Districts"),
        queryset=District.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: organisations of all districts."),
    )
    labs = forms.ModelMultipleChoiceField(
        label=_("Laboratories"),
        queryset=Lab.objects.filter(is_active=True).order_by("code"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: services of all laboratories."),
    )
    valid_from = DayField(label=_("Valid from"))
    valid_to = DayField(label=_("Valid until (inclusive)"))
    cover_bp = PercentField(label=_("Share paid (%)"), min_value=0.01, max_value=100)
    per_order_cap_fen = YuanField(label=_("At most per order (¥)"), min_value=0.01)
    yearly_cap_fen = YuanField(label=_("At most per organisation and year (¥)"), min_value=0.01)
    budget_fen = YuanField(label=_("Budget (¥)"), min_value=0)
    is_stackable = forms.BooleanField(
        label=_("Can be combined with a discount"),
        required=False,
        help_text=_("Otherwise the cheaper of both is used for each order."),
    )
    urgent_eligible = forms.BooleanField(label=_("Pays the urgent surcharge too"), required=False)
    invoice_content = forms.ChoiceField(label=_("Invoices show"), choices=Programme.InvoiceContent.choices)


class NewProgrammeForm(ProgrammeForm):
    """A programme with its code and issuer, which never change."""

    code = forms.CharField(label=_("Code"), max_length=20, validators=[CODE])
    issuer = forms.ModelChoiceField(
        label=_("Issuer"),
        queryset=Organisation.objects.filter(org_type=Organisation.OrgType.GOVERNMENT).order_by("code"),
        empty_label="—",
    )

    field_order = ("code", "issuer")


class GrantForm(forms.Form):
    """How much an organisation is given, until when."""

    face = YuanField(label=_("Amount (¥)"), min_value=0.01)
    expires_on = DayField(label=_("Usable until (inclusive)"))


class IssueForm(GrantForm):
    """A grant without an application: to whom."""

    organisation = OrganisationField()

    field_order = ("organisation",)


class DecisionForm(GrantForm):
    """What is decided about an application: how much and until when, or why not."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("They read it. Needed when you decline."),
    )


class ApplyForm(forms.Form):
    """How much is asked for, and what for."""

    face = YuanField(label=_("Amount (¥)"), min_value=0.01)
    purpose = forms.CharField(
        label=_("What it is for"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Which product, which tests or instruments, until when."),
    )


class ReasonForm(forms.Form):
    """Why something is refused, or fails."""

    reason = forms.CharField(label=_("Reason"), max_length=500, required=False)


class ReimbursedForm(forms.Form):
    """What the issuer has paid: all, but the uses that are ticked, each with a reason."""

    reference = forms.CharField(
        label=_("Reference of the payment"), max_length=100, required=False, help_text=_("As the bank statement says.")
    )

    def __init__(self, *args: Any, items: list[ClaimItem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = items
        for item in items:
            self.fields[f"refused_{item.pk}"] = forms.BooleanField(required=False)
            self.fields[f"reason_{item.pk}"] = forms.CharField(
                required=False, max_length=500, widget=forms.TextInput(attrs={"placeholder": _("Reason")})
            )

    def refused(self) -> dict[int, str]:
        """Return which items are not paid, and why."""
        said = self.cleaned_data
        return {each.pk: said[f"reason_{each.pk}"] for each in self.items if said[f"refused_{each.pk}"]}


class DrawForm(forms.Form):
    """How large a share of what was used is looked at."""

    programme = forms.ModelChoiceField(
        label=_("Programme"), queryset=Programme.objects.order_by("code"), to_field_name="code", empty_label="—"
    )
    share = PercentField(
        label=_("Share (%)"), min_value=0.01, max_value=100, initial=rules.SPOT_CHECKED_BP, help_text=_("At least one.")
    )


class AffiliateForm(forms.Form):
    """Who is an affiliate, by its registration number."""

    number = forms.CharField(label=_("Credit code or registration number of the affiliate"), max_length=60, strip=True)
    note = forms.CharField(
        label=_("How you are affiliated"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"maxlength": 200}),
    )


class FoundAffiliateForm(AffiliateForm):
    """Two organisations that the platform has found to be affiliates."""

    organisation = OrganisationField()

    field_order = ("organisation", "number", "note")


class ControllerForm(forms.Form):
    """Who controls an organisation."""

    name = forms.CharField(label=_("Controller"), max_length=200)
    number = forms.CharField(
        label=_("Its credit code, or number of the identity document"),
        max_length=60,
        help_text=_("The number of a person's document is not kept, only a fingerprint of it."),
    )
