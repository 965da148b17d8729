"""People told something, for tests."""

from datetime import UTC, datetime
from typing import Any

from accounts.models import Membership
from notices import facts, operations
from notices.models import Notice

MONDAY_9 = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LETTER = "portal/mail/role_changed.txt"


def told(*members: Membership, kind: str = "role_changed", **fields: Any) -> list[Notice]:
    """Tell members, each in the name of the first one's organisation, and return their notices in their order."""
    organisation = members[0].organisation
    before = set(Notice.objects.values_list("pk", flat=True))
    given = {
        "facts": {
            "organisation_id": organisation.pk,
            "organisation": facts.name(organisation.name_zh, organisation.name_en),
            "before": "viewer",
            "after": "buyer",
        },
        "link": "/organisation/",
        "letter": LETTER,
        "organisation_id": organisation.pk,
        "occurred_at": MONDAY_9,
    }
    operations.tell(users=[member.user_id for member in members], kind=kind, **{**given, **fields})
    new = {notice.user_id: notice for notice in Notice.objects.exclude(pk__in=before)}
    return [new[member.user_id] for member in members if member.user_id in new]
