"""What a lab's managers are told of what runs out."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from labs.expiries import queries
from labs.expiries.models import ExpiryNotice
from notices.kinds import Facts, Group, Kind

MOST_LINES = 40
"""So many things stand in a letter; the page has them all."""


def still_ending(facts: Facts, now: datetime) -> Facts | None:
    """Return what the letter lists: what was noticed and not renewed since; None when nothing is left of it."""
    noticed = ExpiryNotice.objects.filter(pk__in=facts["notice_ids"])
    keys = set(noticed.values_list("kind", "thing_id", "ends_on"))
    found = queries.ending(now=now, organisation_id=facts["organisation_id"])
    things = [each for each in found if each.key in keys]
    if not things:
        return None
    shown: dict[str, Any] = {
        "organisation": Organisation.objects.get(pk=facts["organisation_id"]),
        "things": things[:MOST_LINES],
        "number": len(things),
        "more": max(0, len(things) - MOST_LINES),
    }
    return shown


KINDS = (
    Kind(
        "expiries_noticed",
        Group.CERTIFICATES,
        label=_("Something runs out soon"),
        sentence=_("At {organisation} these run out soon: {number}."),
        gather=still_ending,
    ),
)
