"""Which rate of VAT holds."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, TaxpayerStatus
from accounts.organisations.rules import taxpayer_type_on
from billing.pricing.models import VatRate
from kernel.refusals import Refusal


class VatRateUnknown(Refusal):
    """It is not recorded what kind of taxpayer the seller is that day, or no rate is known for that kind."""

    code = "VAT_RATE_UNKNOWN"
    message = _("No VAT rate is known for {category} sold by {seller} on {on}.")
    cure = _("Record the seller's taxpayer type, or the rate.")


def vat_rate(*, category: str, seller_id: int, on: date) -> int:
    """
    Return the VAT rate in basis points at which an organisation sells a category on a day (BL-17).

    It follows what kind of taxpayer the seller is that day, by the status recorded last until then.

    Raises:
        VatRateUnknown: no status, or no rate, is recorded for the day.
    """
    history = list(TaxpayerStatus.objects.filter(organisation_id=seller_id).values_list("valid_from", "taxpayer_type"))
    kind = taxpayer_type_on(history, on)
    found = VatRate.objects.in_force(on).filter(category=category, taxpayer_type=kind or "").first()
    if found is None:
        seller = Organisation.objects.get(pk=seller_id).name
        named = dict(VatRate.Category.choices).get(category, category)
        raise VatRateUnknown(category=str(named), seller=seller, on=on.isoformat())
    return found.rate_bp
