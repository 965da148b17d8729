"""What people write to confirm a payout, to give it up, and to take the platform's fee out of custody."""

from django import forms
from django.utils.translation import gettext_lazy as _

from web.fields import YuanField


class ConfirmForm(forms.Form):
    """Under which number the bank has paid."""

    reference = forms.CharField(label=_("Serial number of the bank"), max_length=64)


class FailForm(forms.Form):
    """Why a payout is not paid."""

    because = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea({"rows": 2}))


class WithdrawForm(forms.Form):
    """How much of its fee the platform takes out of custody, and for what."""

    amount = YuanField(label=_("Amount (¥)"))
    note = forms.CharField(label=_("Note"), max_length=300, required=False)
