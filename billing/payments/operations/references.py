"""Giving out reference codes: one for each order, statement, and prepaid balance."""

from datetime import datetime

from django.db import transaction

from billing.payments import rules
from billing.payments.models import ReferenceCode


@transaction.atomic
def reference_for(
    *, purpose: str, organisation_id: int, now: datetime, number: str = "", expected_fen: int | None = None
) -> ReferenceCode:
    """
    Return the code by which a transfer is found; the first asking gives it out, at once or one after the other.

    The chance that a fresh code is taken is one in a billion: then the act is asked for again.
    """
    ReferenceCode.objects.bulk_create(
        [
            ReferenceCode(
                code=rules.new_code(),
                purpose=purpose,
                number=number,
                organisation_id=organisation_id,
                expected_fen=expected_fen,
                made_at=now,
            )
        ],
        ignore_conflicts=True,
    )
    return ReferenceCode.objects.get(purpose=purpose, number=number, organisation_id=organisation_id)


def top_up_code(*, organisation_id: int, now: datetime) -> ReferenceCode:
    """Return the code by which an organisation puts money onto its prepaid balance."""
    return reference_for(purpose=rules.TOP_UP, organisation_id=organisation_id, now=now)
