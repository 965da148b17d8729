"""A hold as it will be written, once its wish has been judged and priced."""

from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from billing.pricing.rules import Price
from bookings.availability import queries as availability
from bookings.availability.rules import Facts, Wish
from bookings.rentals import consents, rules
from bookings.rentals.models import Rental
from labs.models import Instrument


def draft(
    *,
    number: Any,
    instrument: Instrument,
    terms: availability.Terms,
    facts: Facts,
    wish: Wish,
    price: Price,
    customer: availability.Customer,
    now: datetime,
    used_by: User | None = None,
    purpose: str = "",
    offered_until: datetime | None = None,
    rebooks: Rental | None = None,
) -> Rental:
    """
    Return a held rental that is not written yet; `number` may be the SQL that takes one.

    `facts` are those the wish was judged by: they name its operator. It is held for the policy's `hold_minutes` unless
    it is offered to somebody who waited, `offered_until` (BK-19).
    """
    return Rental(
        number=number,
        instrument=instrument,
        organisation_id=customer.organisation_id,
        placed_by_id=customer.user_id,
        used_by=used_by,
        operator_id=facts.operator_for(wish),
        mode=wish.mode,
        units=wish.units,
        period=wish.period.as_range(),
        profile=wish.profile,
        materials=list(wish.materials),
        status=rules.HELD,
        held_until=offered_until or now + timedelta(minutes=facts.policy.hold_minutes),
        purpose=purpose,
        tariff_id=terms.tariff_id,
        policy_id=terms.policy_id,
        price_lines=price.as_json(),
        priced_from=price.priced_from,
        discount=price.discount,
        total_fen=price.total.fen,
        consents=consents.kept(facts, wish, by=customer, now=now),
        rebooks=rebooks,
        is_offer=offered_until is not None,
        created_at=now,
        changed_at=now,
    )
