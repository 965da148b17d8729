"""What pages of vouchers share: lists as files, and refusals beside the form they belong to."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from billing.vouchers import rules
from billing.vouchers.models import Redemption
from kernel.refusals import Refusal, Refusals


def add_refusal(form: forms.Form, refusal: Refusal) -> None:
    """Put a refusal beside the field it speaks of, with what would make it pass; several at the top of the form."""
    for each in refusal.refusals if isinstance(refusal, Refusals) else [refusal]:
        field = getattr(each, "field", None)
        said = f"{each} {each.remedy}".strip()
        form.add_error(_field_of(form, field), said)


def _field_of(form: forms.Form, field: str | None) -> str | None:
    """Return the form's field of a name, whatever unit its name ends in; None where it has none."""
    if field is None:
        return None
    return next((name for name in form.fields if name in (field, f"{field}_fen", f"{field}_bp")), None)


def redemption_columns(*, with_customer: bool) -> list[str]:
    """Return the headings of exported uses."""
    customer = [_("Organisation")] if with_customer else []
    return [
        _("Order number"), *customer, _("Programme"), _("Laboratory"), _("Kind of service"), _("Service on"),
        _("State"), _("Eligible amount (¥)"), _("Paid by voucher (¥)"), _("Taken back (¥)"), _("Limited by"),
        _("Reserved at"), _("Used at"),
    ]  # fmt: skip


def redemption_row(used: Redemption, *, with_customer: bool) -> list[Any]:
    """Return a use as a line of the exported list; times are those of Guangzhou."""
    customer = [used.organisation.name] if with_customer else []
    return [
        used.order_number,
        *customer,
        used.programme.name,
        used.lab.name,
        str(used.get_kind_display()),
        used.service_on,
        str(used.get_state_display()),
        used.eligible_fen / 100,
        used.held.fen / 100,
        used.returned_fen / 100,
        str(used.get_bound_display()),
        used.reserved_at.astimezone(rules.ZONE),
        used.consumed_at.astimezone(rules.ZONE) if used.consumed_at else "",
    ]
