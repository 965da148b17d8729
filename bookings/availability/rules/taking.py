"""The facts once a wish is booked: what the same customer books next in one go is judged by them (BK-21)."""

from dataclasses import replace
from datetime import datetime

from bookings.availability.rules.facts import Facts, Quota, Taken, Use, Wish
from labs.catalogue.rules import normalised

ANY_UNIT = 0
"""Capacity is a count (BK-6): which unit it will be does not matter."""


def taking(facts: Facts, wish: Wish, now: datetime, *, is_held: bool) -> Facts:
    """
    Return the facts with a wish taken that every rule lets pass: its units, place, operator, and share of the quotas.

    `is_held`: it stays a hold, and counts as one (BK-12); else it is confirmed or sent for approval at once.
    """
    operator, presence = facts.operator_for(wish), facts.presence(wish.period)
    mine = Taken(ANY_UNIT, facts.occupied(wish.period))
    return replace(
        facts,
        supplies=tuple(
            replace(supply, taken=(*supply.taken, *[mine] * (1 if supply.is_room else wish.units)))
            for supply in facts.supplies
        ),
        operators=tuple(
            replace(one, busy=(*one.busy, *presence)) if one.key == operator else one for one in facts.operators
        ),
        uses=(*facts.uses, Use(wish.period, wish.period, wish.units, normalised(wish.profile), facts.is_sme)),
        quota=None if facts.quota is None else _counted(facts.quota, facts, wish, now, is_held=is_held),
    )


def _counted(quota: Quota, facts: Facts, wish: Wish, now: datetime, *, is_held: bool) -> Quota:
    spent = quota.spent if facts.is_unattended(wish.period) else (*quota.spent, wish.period)
    return replace(quota, ahead=quota.ahead + (wish.period.start > now), holds=quota.holds + is_held, spent=spent)
