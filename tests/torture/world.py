"""The small world that is tortured: a lab around the clock, few instruments, many customers, tokens for all of them."""

from typing import Any

from django.utils import timezone

from accounts.models import Membership
from accounts.tokens import rules as token_rules
from tests.factories.accounts import ApiTokenFactory, LabMembershipFactory
from tests.factories.bookings import buyer
from tests.factories.labs import ALWAYS, InstrumentFactory, LabFactory, RoomFactory
from tests.torture.known import AFTER_MINUTES, GRID_MINUTES, World

HOLD_MINUTES = 1
"""Holds lapse while the world is tortured, and must block nobody from then on (BK-18)."""


def made(*, buyers: int, lab_staff: int) -> World:
    """
    Make the world in the database at hand.

    Two instruments of one unit share a room of one place, one has three units, one is approved by the lab first, and
    two more are there so that uses begin often.
    """
    now = timezone.now()
    lab = LabFactory(weekly=ALWAYS)
    room = RoomFactory(lab=lab)
    terms: dict[str, Any] = {
        "lab": lab,
        "open_time": now,
        "policy__slot_grid_min": GRID_MINUTES,
        "policy__min_minutes": GRID_MINUTES,
        "policy__max_minutes": 120,
        "policy__hold_minutes": HOLD_MINUTES,
        "policy__week_max_minutes": None,
        "policy__lead_time_min": 0,
        "policy__pre_buffer_min": 0,
        "policy__post_buffer_min": AFTER_MINUTES,
    }
    instruments = [
        InstrumentFactory(**terms, room=room),
        InstrumentFactory(**terms, room=room),
        InstrumentFactory(**terms, capacity=3),
        InstrumentFactory(**terms, policy__requires_approval=True),
        InstrumentFactory(**terms, capacity=2),
        InstrumentFactory(**terms),
    ]
    limits = {"most_bookings_ahead": 10_000, "most_holds": 10_000}
    customers = [buyer(monthly_credit_fen=10**12, **limits) for _ in range(buyers)]
    staff = [
        LabMembershipFactory(organisation=lab.organisation, role=Membership.Role.LAB_MANAGER) for _ in range(lab_staff)
    ]
    return World(
        instruments={instrument.code: instrument.capacity for instrument in instruments},
        timezone=lab.timezone,
        buyers=[_token(member) for member in customers],
        lab=[_token(member) for member in staff],
    )


def _token(member: Membership) -> str:
    text = token_rules.new_text()
    ApiTokenFactory(text=text, membership=member, token_hash=token_rules.hashed(text))
    return text
