"""
What happens in the demo's coming fortnight: rentals placed through the platform's own operations, as people would.

They are made once, on a database without rentals; what people do afterwards is theirs.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from accounts.models import Membership, Organisation, User
from bookings.availability import queries as availability
from bookings.availability import rules
from bookings.models import Rental
from bookings.rentals import operations as rentals
from kernel.periods import Period
from kernel.refusals import Refusal
from labs.models import Instrument
from notices import operations as notices
from notices.models import Notice

SEED = 20261124
AHEAD = timedelta(days=10)
CREDIT_FEN = 30_000_000
"""The monthly account of the demo's other customers: enough for what they book here."""

READ_AFTER = timedelta(days=1)
"""What people were told longer ago than that they have read."""

PURPOSES = ("新产品来料检验", "型式试验前摸底", "供应商比对", "工艺改进验证", "出口订单送检前自测", "研发样品表征")
LENGTHS = (60, 120, 120, 180, 240, 480)
WANTED_AN_INSTRUMENT = (0, 1, 1, 2, 2, 3)
ON_SHOW = "buyer@sme.example"
"""Whose own bookings are there from the beginning: one confirmed, one waiting for the lab."""

BOOKED_ON_SHOW = ("TH-006", "TH-001")


def load(folder: Path, now: datetime) -> dict[str, int]:
    """Place the demo's rentals where there are none yet, and return how many there are."""
    del folder  # made up here, from the instruments' own rules
    if not Rental.objects.exists():
        dice = random.Random(SEED)  # noqa: S311 -- the same demo for everyone
        _place_all(dice, now)
    return {"rentals": Rental.objects.count()}


@transaction.atomic
def _place_all(dice: random.Random, now: datetime) -> None:
    customers = buyers()
    instruments = list(Instrument.objects.bookable_by(None).select_related("lab").order_by("code"))
    within = Period(now, now + AHEAD)
    for member, instrument, asked_at in _wishes(dice, customers, instruments, now):
        terms = availability.terms([instrument.pk], within=within, member=member, now=asked_at).get(instrument.pk)
        if terms is not None and (wish := _chosen(dice, terms.facts, within, asked_at)):
            _place(dice, member, instrument, wish, asked_at, now)
    notices.mark_read(notices=Notice.objects.filter(occurred_at__lt=now - READ_AFTER), now=now)


def _wishes(
    dice: random.Random, buyers: list[Membership], instruments: list[Instrument], now: datetime
) -> Iterator[tuple[Membership, Instrument, datetime]]:
    """Yield who wants which instrument, and when they asked: in the last two days, so that some notice is given."""
    on_show = next(member for member in buyers if member.user.email == ON_SHOW)
    yield from ((on_show, each, now) for each in instruments if each.code in BOOKED_ON_SHOW)
    for instrument in instruments:
        for _ in range(dice.choice(WANTED_AN_INSTRUMENT)):
            yield dice.choice(buyers), instrument, now - timedelta(minutes=dice.randint(40, 2 * 24 * 60))


def _chosen(dice: random.Random, facts: rules.Facts, within: Period, asked_at: datetime) -> rules.Wish | None:
    """Return a wish that fits the instrument's rules, or None where it finds no free time."""
    mode = rules.ASSISTED if rules.ASSISTED in facts.modes else rules.SELF
    policy = facts.policy
    minutes = max(policy.min_minutes, min(dice.choice(LENGTHS), policy.max_minutes))
    minutes = -(-minutes // policy.slot_grid_min) * policy.slot_grid_min
    starts = list(rules.starts(facts, within=within, minutes=minutes, mode=mode, units=1, now=asked_at))
    if not starts:
        return None
    return rules.Wish(period=Period.starting(dice.choice(starts), minutes), mode=mode)


def _place(
    dice: random.Random,
    member: Membership,
    instrument: Instrument,
    wish: rules.Wish,
    asked_at: datetime,
    now: datetime,
) -> None:
    """Hold, have approved where the lab wants to, and confirm; a few wait for the lab, a few are cancelled."""
    try:
        rental = rentals.place_hold(
            instrument=instrument,
            period=wish.period,
            mode=wish.mode,
            purpose=dice.choice(PURPOSES),
            by=member,
            now=asked_at,
        )
    except Refusal:
        return  # another wish of the demo was first
    if rental.policy.requires_approval:
        rental = rentals.submit_for_approval(rental=rental, by=member, now=asked_at)
        if rental.held_until is not None and rental.held_until > now and dice.random() < 0.5:
            return
        rental = rentals.approve(rental=rental, by=manager_of(instrument), now=asked_at)
    rental = rentals.confirm_on_account(rental=rental, by=member, now=asked_at)
    if dice.random() < 0.06 and member.user.email != ON_SHOW:
        rentals.cancel(rental=rental, by=member, now=now)


def buyers() -> list[Membership]:
    """Return one buyer of each customer; whoever has no log-in of their own gets one nobody can use."""
    customers = Organisation.objects.filter(roles__contains=[Organisation.Role.CUSTOMER], verification="verified")
    customers.filter(monthly_credit_fen=0).update(monthly_credit_fen=CREDIT_FEN)
    members = []
    for customer in customers.order_by("code"):
        member = Membership.objects.filter(organisation=customer, role__in=("buyer", "owner")).order_by("pk").first()
        members.append(member or _member_of(customer, f"buyer-{customer.code.lower()}@example.com", "buyer"))
    return members


def manager_of(instrument: Instrument) -> Membership:
    """Return a manager of the instrument's lab; a lab without one gets one nobody can use."""
    owner = instrument.lab.organisation
    member = Membership.objects.filter(organisation=owner, role__in=("lab_manager", "owner")).order_by("pk").first()
    return member or _member_of(owner, f"manager-{owner.code.lower()}@example.com", "lab_manager")


def _member_of(organisation: Organisation, email: str, role: str) -> Membership:
    user, _ = User.objects.get_or_create(email=email, defaults={"name": f"{organisation.name_zh}预约员"})
    return Membership.objects.create(user=user, organisation=organisation, role=role)
