"""What the platform's finance people are told about the books."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from billing.ledger.models import Posting
from billing.ledger.wording import CHECKS
from notices.kinds import Facts, Group, Kind


def posting_of(facts: Facts, now: datetime) -> Facts | None:
    """Return the proposal while it waits."""
    del now
    found = Posting.objects.waiting().select_related("proposed_by").filter(pk=facts["posting_id"]).first()
    shown: dict[str, Any] = {"posting": found}
    return shown if found else None


def decided(facts: Facts, now: datetime) -> Facts:
    """Return the proposal as it was decided."""
    del now
    shown: dict[str, Any] = {"posting": Posting.objects.select_related("decided_by").get(pk=facts["posting_id"])}
    return shown


def checks_of(facts: Facts, now: datetime) -> Facts:
    """Return what does not hold, in words."""
    del now
    shown: dict[str, Any] = {"checks": [CHECKS[name] for name in facts["broken"] if name in CHECKS]}
    return shown


KINDS = (
    Kind(
        "posting_proposed",
        Group.APPROVALS,
        label=_("A posting by hand waits for a second person"),
        sentence=_("{person} proposes a posting by hand: {reason}"),
        gather=posting_of,
    ),
    Kind(
        "posting_decided",
        Group.APPROVALS,
        label=_("A posting by hand is decided"),
        sentence=_("{person} has decided your posting by hand: {reason}"),
        gather=decided,
    ),
    Kind(
        "books_found_wrong",
        Group.APPROVALS,
        label=_("The check of the books found a fault"),
        sentence=_("The check of the books found rules that do not hold: {number}."),
        is_urgent=True,
        must_mail=True,
        gather=checks_of,
    ),
)
