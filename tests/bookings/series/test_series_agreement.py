"""What is shown of a series is what booking it does: date by date, in every world (BK-21, BK-25)."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.rentals import operations as rentals
from bookings.series import operations, rules
from bookings.series.previewing import preview
from bookings.series.rules import Plan, Rule, Weekday
from kernel.periods import Period
from kernel.refusals import Refusal
from tests.factories.bookings import MONDAY_9, buyer
from tests.factories.labs import InstrumentFactory, LabFactory, OutageFactory

pytestmark = pytest.mark.django_db

FIRST = date(2026, 11, 23)


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Any]:
    """An instrument with its limits, a customer with theirs, others' bookings, and a series that is wanted."""
    freq = draw(st.sampled_from([rules.DAILY, rules.WEEKLY]))
    days = tuple(sorted(Weekday(day) for day in draw(st.sets(st.integers(0, 6), max_size=4))))
    return {
        "rule": Rule(freq, draw(st.integers(1, 2)), days, draw(st.integers(1, 8)), None),
        "at": time(draw(st.sampled_from([7, 9, 11, 16]))),
        "minutes": draw(st.sampled_from([60, 120, 300, 1440, 2160])),
        "mode": draw(st.sampled_from(["self", "assisted"])),
        "capacity": draw(st.integers(1, 2)),
        "always": draw(st.booleans()),
        "span_closed": draw(st.booleans()),
        "policy": {
            "max_minutes": draw(st.sampled_from([240, 2880])),
            "pre_buffer_min": draw(st.sampled_from([0, 30])),
            "post_buffer_min": draw(st.sampled_from([0, 30])),
            "lead_time_min": draw(st.sampled_from([0, 2880])),
            "advance_days": draw(st.sampled_from([5, 60])),
            "sme_reserve_bp": draw(st.sampled_from([0, 5_000, 9_000])),
            "week_max_minutes": draw(st.sampled_from([None, 200, 600])),
            "requires_approval": draw(st.booleans()),
        },
        "setup": draw(st.sampled_from([0, 8_000])),
        "customer": {
            "size": draw(st.sampled_from(["small", "large"])),
            "most_bookings_ahead": draw(st.integers(1, 8)),
            "most_holds": draw(st.integers(1, 3)),
        },
        "others": draw(st.lists(st.tuples(st.integers(0, 10), st.integers(0, 9), st.integers(1, 3)), max_size=4)),
        "outage": draw(st.none() | st.integers(0, 10)),
        "then": draw(st.sampled_from([rules.CONFIRM, rules.HOLD])),
    }


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(world=worlds())
def test_every_date_that_is_shown_bookable_is_booked_at_that_price_and_no_other(world: dict[str, Any]) -> None:
    with transaction.atomic():
        check(world)
        transaction.set_rollback(True)


def check(world: dict[str, Any]) -> None:
    weekly = dict.fromkeys(range(5 + 2 * world["always"]), ((0, 1440),) if world["always"] else ((480, 1080),))
    instrument = InstrumentFactory(
        lab=LabFactory(weekly=weekly),
        capacity=world["capacity"],
        span_closed=world["span_closed"],
        tariff__setup_fee_fen=world["setup"],
        **{f"policy__{name}": value for name, value in world["policy"].items()},
    )
    if world["outage"] is not None:
        begins = MONDAY_9 + timedelta(days=world["outage"])
        OutageFactory(instrument=instrument, period=(begins, begins + timedelta(hours=6)))
    for day, hour, length in world["others"]:
        begins = MONDAY_9 + timedelta(days=day, hours=hour)
        try:
            rentals.place_hold(
                instrument=instrument,
                period=Period(begins, begins + timedelta(hours=length)),
                mode="self",
                by=buyer(),
                now=MONDAY_9,
            )
        except Refusal:
            continue
    member = buyer(**world["customer"])
    plan = Plan(world["rule"], FIRST, world["at"], world["minutes"], world["mode"])

    seen = preview(instrument=instrument, plan=plan, member=member, now=MONDAY_9, holds=world["then"] == rules.HOLD)
    try:
        series = operations.book(
            instrument=instrument,
            plan=plan,
            policy=rules.SKIP_CONFLICTS,
            then=world["then"],
            shown=seen.shown,
            by=member,
            now=MONDAY_9,
        )
    except operations.NoDateLeft:
        assert not seen.bookable
        return
    shown = {one.on: one for one in seen.dates}
    assert {each.on for each in series.dates.all()} == set(shown)
    for each in series.dates.all():
        price = shown[each.on].price
        if each.rental is None:
            assert price is None
            assert each.skipped["code"] == shown[each.on].refusals[0].code
        else:
            assert price is not None
            assert each.rental.total_fen == price.total.fen
    try_the_rest(world, series, member, instrument, plan)


def try_the_rest(world: dict[str, Any], series: Any, member: Any, instrument: Any, plan: Plan) -> None:
    """What was refused is refused by a single booking, too, as things stand now; but a hold needs no approval yet."""
    if world["then"] == rules.HOLD:
        return
    for each in series.dates.filter(rental__isnull=True).exclude(skipped__code=rentals.ApprovalTooLate.code):
        with pytest.raises(Refusal):
            rentals.place_hold(
                instrument=instrument,
                period=plan.period(each.on, instrument.lab.tz),
                mode=world["mode"],
                by=member,
                now=MONDAY_9,
            )
