"""
What a voucher pays (创新券、质量券), for whom and until when: BL-13 to BL-16, pure.

A voucher is a means of payment, never a price cut (BL-15): totals, tax, the platform's fee and what the lab earns are
those of the whole amount. Amounts are whole fen with tax included, percentages basis points, days those of Guangzhou.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from kernel.money import BASIS_POINTS, Money

ZONE = ZoneInfo("Asia/Shanghai")
"""Programmes are the city's: their days begin and end in Guangzhou."""

KINDS = ("rental", "testing", "calibration", "verification", "agent_inspection")
SIZES = ("micro", "small", "medium", "large")

ELIGIBLE = frozenset({"usage", "minimum", "setup", "test"})
"""BL-14: the kinds of lines a voucher pays by default; never the operator, overtime, consumables, travel or damage."""
URGENT = "urgent"
"""BL-9: the surcharge for haste, paid by a voucher only where the programme says so."""

LONGER_BY_LAB = timedelta(days=30)
"""BL-16: so long at least a voucher can be used after a lab has cancelled."""
WARNED_BEFORE = (30, 7)
"""So many days before a grant ends whoever still has some of it is told."""
SPOT_CHECKED_BP = 500
"""So large a share of what was consumed is looked at by somebody, unless another is asked for."""

RESERVED, CONSUMED, RELEASED, RETURNED, REIMBURSED = "reserved", "consumed", "released", "returned", "reimbursed"
LIVE = (RESERVED, CONSUMED, REIMBURSED)
"""States of a redemption that count against budget, grant and yearly cap."""
SETTLED = (CONSUMED, REIMBURSED)


def local_day(at: datetime) -> date:
    """Return the day it is in Guangzhou."""
    return at.astimezone(ZONE).date()


# --- How much (BL-14) ------------------------------------------------------------------------------------------------


class Bound(StrEnum):
    """What a voucher's amount ends at, in the order in which they are told."""

    COVER = "cover"
    PER_ORDER = "per_order"
    GRANT = "grant"
    YEAR = "year"
    BUDGET = "budget"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a voucher may pay at most: fen, and the share of the eligible amount in basis points."""

    cover_bp: int
    per_order_fen: int
    grant_left_fen: int
    year_left_fen: int
    budget_left_fen: int


@dataclass(frozen=True, slots=True)
class Cover:
    """What a voucher pays of an order, of which amount, and what it ended at."""

    amount: Money
    eligible: Money
    bound: Bound


def eligible_amount(lines: Iterable[Mapping[str, Any]], *, urgent_eligible: bool) -> Money:
    """
    Return the sum of the lines that a voucher may pay; lines as they are frozen: `kind` and `amount_fen`.

    The urgent surcharge counts only where the programme says so (BL-9).
    """
    kinds = ELIGIBLE | {URGENT} if urgent_eligible else ELIGIBLE
    return Money(sum(line["amount_fen"] for line in lines if line["kind"] in kinds))


def cover(eligible: Money, limits: Limits) -> Cover:
    """
    Return what a voucher pays (BL-14): the floor of the least of its limits, and never less than nothing.

    Where two limits are equal the first in the order of `Bound` is told.
    """
    at_most = {
        Bound.COVER: eligible.fen * limits.cover_bp // BASIS_POINTS,
        Bound.PER_ORDER: limits.per_order_fen,
        Bound.GRANT: limits.grant_left_fen,
        Bound.YEAR: limits.year_left_fen,
        Bound.BUDGET: limits.budget_left_fen,
    }
    bound = min(at_most, key=lambda each: at_most[each])
    return Cover(amount=Money(max(at_most[bound], 0)), eligible=eligible, bound=bound)


def without_discount_is_cheaper(*, listed: Money, voucher_on_listed: Money, discounted: Money) -> bool:
    """
    Whether an order is paid with a voucher that cannot be combined with a discount (BL-14).

    `listed` is the total without discount, of which the voucher would pay a part; `discounted` is the total with the
    discount and without voucher. Where the customer's own payment is the same, the discount is taken and the voucher
    is kept for later.
    """
    return listed - voucher_on_listed < discounted


# --- For whom and when (BL-13, BL-16, anti-abuse) --------------------------------------------------------------------


class Obstacle(StrEnum):
    """Why a voucher cannot be used for an order, or given to an organisation; told in this order."""

    CLOSED = "closed"
    NOT_YET = "not_yet"
    OVER = "over"
    OVER_AT_SERVICE = "over_at_service"
    KIND = "kind"
    NOT_VERIFIED = "not_verified"
    SIZE = "size"
    DISTRICT = "district"
    LAB = "lab"
    AFFILIATED = "affiliated"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a programme demands; empty sets of districts or labs mean any."""

    kinds: frozenset[str]
    sizes: frozenset[str]
    districts: frozenset[str]
    labs: frozenset[int]
    valid_from: date
    valid_to: date
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation, as far as vouchers ask: who it is, its size, its district, who controls it."""

    organisation_id: int
    registration: str = ""
    size: str = ""
    district: str = ""
    is_verified: bool = True
    controller: str = ""


def may_hold(terms: Terms, customer: Party, *, today: date) -> list[Obstacle]:
    """Return why an organisation cannot be given a voucher of a programme today; nothing where it can (BL-13)."""
    found = [] if terms.is_open else [Obstacle.CLOSED]
    if today > terms.valid_to:
        found.append(Obstacle.OVER)
    return found + _of_customer(terms, customer)


def _of_customer(terms: Terms, customer: Party) -> list[Obstacle]:
    found = [] if customer.is_verified else [Obstacle.NOT_VERIFIED]
    if customer.size not in terms.sizes:
        found.append(Obstacle.SIZE)
    if terms.districts and customer.district not in terms.districts:
        found.append(Obstacle.DISTRICT)
    return found


def may_pay(
    terms: Terms,
    customer: Party,
    *,
    kind: str,
    lab_id: int,
    seller: Party,
    affiliated: bool,
    today: date,
    service_on: date,
    usable_until: date,
) -> list[Obstacle]:
    """
    Return why a voucher cannot pay an order; nothing where it can.

    It is asked when the order is held, and about the day the service starts (BL-16). `usable_until` is the last day
    of the grant: within the programme's own days, but for what a lab's cancellation added.
    """
    found = [] if terms.is_open else [Obstacle.CLOSED]
    if min(today, service_on) < terms.valid_from:
        found.append(Obstacle.NOT_YET)
    if today > usable_until:
        found.append(Obstacle.OVER)
    elif service_on > usable_until:
        found.append(Obstacle.OVER_AT_SERVICE)
    if kind not in terms.kinds:
        found.append(Obstacle.KIND)
    found += _of_customer(terms, customer)
    if terms.labs and lab_id not in terms.labs:
        found.append(Obstacle.LAB)
    if affiliated or are_affiliated(customer, seller):
        found.append(Obstacle.AFFILIATED)
    return found


def are_affiliated(customer: Party, seller: Party) -> bool:
    """
    Whether both sides are one: the same organisation, the same controller, or one controlling the other.

    Affiliations that were declared are asked for beside this: see `Affiliation`.
    """
    if customer.organisation_id == seller.organisation_id:
        return True
    controllers = {each for each in (customer.controller, seller.controller) if each}
    same = bool(customer.controller) and customer.controller == seller.controller
    return same or bool(controllers & {each for each in (customer.registration, seller.registration) if each})


# --- Life (BL-16) -----------------------------------------------------------------------------------------------------


def expiry_after_restoring(expires_on: date, *, by_lab: bool, today: date) -> date:
    """Return until when a grant can be used once a cancellation gave its value back: longer when the lab cancelled."""
    return max(expires_on, today + LONGER_BY_LAB) if by_lab else expires_on


def warning_due(*, expires_on: date, today: date, warned_days: int | None) -> int | None:
    """
    Return which warning is due before a grant ends, as its number of days (30 or 7); None where none is.

    Each is given once; one that came late (the grant was issued 5 days before its end) stands for those before it.
    """
    left = (expires_on - today).days
    if left < 0:
        return None
    due = [days for days in WARNED_BEFORE if left <= days and (warned_days is None or days < warned_days)]
    return min(due) if due else None


def drawn[Key](keys: Sequence[Key], *, share_bp: int, seed: str) -> list[Key]:
    """
    Return which of the keys are looked at in a spot-check: a share of them, rounded up, by lot.

    The same seed draws the same ones: who doubts a draw can repeat it.
    """
    number = -(-len(keys) * share_bp // BASIS_POINTS)
    return sorted(Random(seed).sample(list(keys), number), key=list(keys).index)  # noqa: S311 -- a lot to be repeated
