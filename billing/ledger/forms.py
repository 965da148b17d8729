"""What people write to post by hand, and to decide it."""

from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from billing.ledger.chart import CHART, Account, Per
from billing.ledger.filters import account_choices
from billing.ledger.rules import Leg
from labs.models import Lab
from web.fields import YuanField

LINES = 6
"""How many lines the form has room for."""
DEBIT, CREDIT = "debit", "credit"


class UntilForm(forms.Form):
    """Up to which day the trial balance goes, that day included."""

    until = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput({"type": "date"}))


class PartyForm(forms.Form):
    """Whose sub-ledgers of an account are looked for."""

    search = forms.CharField(label=_("Name, code or number"), required=False)
    all = forms.BooleanField(label=_("Also those at nothing"), required=False)


class PostingForm(forms.Form):
    """Why something is posted by hand, and for which order."""

    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea({"rows": 2}))
    order_number = forms.CharField(label=_("Order number"), max_length=24, required=False)


class ReasonForm(forms.Form):
    """Why an entry is to be taken back."""

    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea({"rows": 2}))


class NoteForm(forms.Form):
    """Why a posting is declined."""

    note = forms.CharField(label=_("Why it is declined"), max_length=1000, required=False)


class LegForm(forms.Form):
    """
    One line: an account, its side, an amount, and whose it is.

    Whose: an organisation's or a lab's code, an order's number, a programme's number, or a provider's name, as the
    account is kept.
    """

    account = forms.ChoiceField(label=_("Ledger account"), choices=lambda: [("", "—"), *account_choices()])
    whose = forms.CharField(label=_("Whose"), max_length=40, required=False)
    debit = YuanField(label=_("Debit"), required=False)
    credit = YuanField(label=_("Credit"), required=False)

    def clean(self) -> dict[str, Any]:
        """Find whom the line is about, and on which side its amount stands."""
        given = super().clean() or {}
        account, debit, credit = given.get("account"), given.get("debit") or 0, given.get("credit") or 0
        if bool(debit) == bool(credit) and not {"debit", "credit"} & set(self.errors):
            self.add_error("debit", _("One amount, on one side."))
        if account:
            given["about"] = self._about(CHART[Account(account)].per, given.get("whose", "").strip())
        given["fen"] = debit - credit
        return given

    def _about(self, per: Per, whose: str) -> dict[str, int | str]:
        if per == Per.NOTHING:
            return {}
        found: dict[str, int | str] = {}
        if per in (Per.ORGANISATION, Per.LAB):
            table = Organisation if per == Per.ORGANISATION else Lab
            key = table._default_manager.filter(code=whose).values_list("pk", flat=True).first()
            found = {f"{per}_id": key} if key else {}
        elif per == Per.PROGRAMME:
            found = {"programme_id": int(whose)} if whose.isdecimal() and len(whose) < 19 else {}
        elif whose:
            found = {"order_number" if per == Per.ORDER else "provider": whose}
        if not found:
            self.add_error("whose", WHOSE[per])
        return found

    def leg(self, order_number: str) -> Leg:
        """Return the line; it names the order of the whole where it names none itself."""
        given = self.cleaned_data
        about = {"order_number": order_number, **given["about"]}
        return Leg(Account(given["account"]), given["fen"], **about)


WHOSE = {
    Per.ORGANISATION: _("This account is kept by organisation: give the code of one."),
    Per.LAB: _("This account is kept by lab: give the code of one."),
    Per.ORDER: _("This account is kept by order: give the number of one."),
    Per.PROGRAMME: _("This account is kept by voucher programme: give the number of one."),
    Per.PROVIDER: _("This account is kept by payment provider: give the name of one."),
}
"""What is missing where a line does not say whose it is."""

LegForms = formset_factory(LegForm, extra=LINES, max_num=LINES, validate_max=True)
