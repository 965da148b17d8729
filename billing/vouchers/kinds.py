"""What people are told about vouchers."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from billing.vouchers.models import ClaimBatch, Grant, VoucherApplication
from notices.kinds import Facts, Group, Kind


def grant_of(facts: Facts, now: datetime) -> Facts | None:
    """Return the voucher as it is now; nothing to write about where it is used up."""
    del now
    grant = Grant.objects.select_related("programme", "organisation").get(pk=facts["grant_id"])
    return {"grant": grant} if grant.left_fen else None


def application_of(facts: Facts, now: datetime) -> Facts:
    """Return the application with its programme and who asks."""
    del now
    applications = VoucherApplication.objects.select_related("programme", "organisation")
    shown: dict[str, Any] = {"application": applications.get(pk=facts["application_id"])}
    return shown


def claim_of(facts: Facts, now: datetime) -> Facts:
    """Return the claim with its programme."""
    del now
    shown: dict[str, Any] = {"claim": ClaimBatch.objects.select_related("programme__issuer").get(pk=facts["batch_id"])}
    return shown


KINDS = (
    Kind(
        "voucher_granted",
        Group.ORGANISATION,
        label=_("The organisation was granted a voucher"),
        sentence=_("{organisation} has a voucher of {programme}, usable until {until}."),
        gather=grant_of,
    ),
    Kind(
        "voucher_declined",
        Group.ORGANISATION,
        label=_("An application for a voucher was declined"),
        sentence=_("{organisation} was not granted a voucher of {programme}: {why}"),
        gather=application_of,
    ),
    Kind(
        "voucher_expires_soon",
        Group.ORGANISATION,
        label=_("A voucher ends soon"),
        sentence=_("The voucher of {programme} that {organisation} holds can be used until {until} only."),
        gather=grant_of,
    ),
    Kind(
        "voucher_applied",
        Group.APPROVALS,
        label=_("An organisation applies for a voucher"),
        sentence=_("{organisation} applies for a voucher of {programme}."),
        gather=application_of,
    ),
    Kind(
        "claim_refused",
        Group.APPROVALS,
        label=_("A claim for vouchers was refused"),
        sentence=_("Claim {number} of {programme} was refused, in whole or in part."),
        gather=claim_of,
    ),
)
