"""What people write about invoices; what the rules refuse is named beside its field."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.invoices import rules
from billing.invoices.models import CreditNote, Invoice
from kernel.refusals import Refusal
from kernel.uploads import DOCUMENTS, LARGEST_DOCUMENT, Upload, document
from web.fields import YuanField


class KeptFileField(forms.FileField):
    """A PDF or a scan, read as it may be kept."""

    def __init__(self, **how: Any) -> None:
        accept = ",".join(f".{kind}" for kind in DOCUMENTS)
        widget = forms.ClearableFileInput(attrs={"accept": accept})
        super().__init__(label=_("File (PDF or scan)"), required=False, widget=widget, **how)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the file as it may be kept, or None where none was chosen."""
        chosen = super().clean(data, initial)
        if not chosen:
            return None
        try:
            kept: Upload = document(chosen.read(LARGEST_DOCUMENT + 1))
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return kept


class DayField(forms.DateField):
    """A day, chosen from a calendar."""

    def __init__(self, **how: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **how)


class NumberField(forms.CharField):
    """The number of an invoice; twenty digits are checked where its day is known."""

    def __init__(self, **how: Any) -> None:
        help_text = _("20 digits, as it stands on the electronic invoice.")
        widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(label=_("Invoice number"), max_length=30, help_text=help_text, widget=widget, **how)


class AskForm(forms.Form):
    """Which invoice, and whom it is made out to."""

    kind = forms.ChoiceField(label=_("Kind of invoice"), choices=Invoice.Kind.choices, widget=forms.RadioSelect)
    name = forms.CharField(label=_("Invoice title"), max_length=200, required=False)
    tax_id = forms.CharField(label=_("Tax id (unified social credit code)"), max_length=30, required=False)
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=30, required=False)
    bank = forms.CharField(label=_("Bank"), max_length=100, required=False)
    account = forms.CharField(label=_("Bank account"), max_length=40, required=False)
    remarks = forms.CharField(label=_("Remarks"), max_length=200, required=False)

    def buyer(self) -> rules.Party:
        """Return the buyer's block as it was written."""
        said = self.cleaned_data
        return rules.Party(
            name=said["name"],
            tax_id=said["tax_id"],
            address=said["address"],
            phone=said["phone"],
            bank=said["bank"],
            account=said["account"],
        )


class IssueForm(forms.Form):
    """The invoice that came back."""

    number = NumberField()
    issued_on = DayField(label=_("Invoice date"))
    issuer_name = forms.CharField(label=_("Written by"), max_length=50)
    file = KeptFileField()


class ReasonForm(forms.Form):
    """Why something is not done."""

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class ItemForm(forms.Form):
    """How a lab names what it sells."""

    short_name = forms.CharField(label=_("short name of the tax category"), max_length=30)
    name = forms.CharField(label=_("name of the item"), max_length=60)
    code = forms.CharField(
        label=_("code of the tax category"), max_length=25, required=False, help_text=_("19 digits.")
    )


class CreditForm(forms.Form):
    """What is taken back of an invoice, and why."""

    reason = forms.ChoiceField(label=_("Reason"), choices=CreditNote.Reason.choices)
    fen = YuanField(
        label=_("Amount, tax included (¥)"),
        required=False,
        help_text=_("Empty: all that is left. Only a broken-off service or an allowance takes back a part."),
    )
    words = forms.CharField(label=_("Note"), max_length=300, required=False)


class ConfirmationForm(forms.Form):
    """The confirmation form of a credit note."""

    confirmation_number = forms.CharField(label=_("Number of the confirmation form"), max_length=40)
    confirmation = forms.ChoiceField(label=_("It is"), choices=CreditNote.Confirmation.choices[1:])


class WriteForm(forms.Form):
    """The credit note that came back."""

    number = NumberField()
    issued_on = DayField(label=_("Invoice date"))
    file = KeptFileField()
