"""What the changes of hours have in common: whose they are, whom they touch, what their events say."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from accounts.models import Membership
from labs.catalogue.models import Instrument, Lab


def owner(of: Lab | Instrument) -> tuple[Lab | None, Instrument | None]:
    """Return the lab or the instrument, and None for the other."""
    return (of, None) if isinstance(of, Lab) else (None, of)


def touched_by(of: Lab | Instrument) -> Iterable[Instrument]:
    """Return the instruments whose open time follows from it."""
    return of.instruments.all() if isinstance(of, Lab) else [of]


def told(by: Membership | None, now: datetime) -> dict[str, Any]:
    """Return what every event says: when, by whom, for whom."""
    return {
        "occurred_at": now,
        "actor_id": by.user_id if by else None,
        "organisation_id": by.organisation_id if by else None,
    }
