"""Why a lab often declines, in words ready to be sent; the customer reads them in their own language."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.models import User

TEMPLATES = {
    "sample": _("The sample or the material does not suit this instrument."),
    "unqualified": _("Who is to operate it is not qualified for it. Please book it with an operator, or a training."),
    "purpose": _("Please tell us more about the purpose and the conditions, and ask again."),
    "staff": _("Nobody of our staff can attend at that time. Please choose another."),
    "maintenance": _("The instrument needs maintenance at that time. Please choose another."),
    "own_use": _("We need the instrument ourselves at that time. Please choose another."),
}
"""Reasons by their code, in the order they are offered."""


def reason_for(reader: User, *, template: str, more: str) -> str:
    """Return the reason as its reader will read it: the template in their language, then what was added."""
    with override(reader.language):
        begins = str(TEMPLATES[template]) if template in TEMPLATES else ""
    return " ".join(part for part in (begins, more.strip()) if part)[:300]
