"""What a voucher pays, for whom and until when: tables of cases (BL-9, BL-13, BL-14, BL-16, BL-20)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.vouchers.rules import (
    Bound,
    Limits,
    Obstacle,
    Party,
    Terms,
    are_affiliated,
    cover,
    drawn,
    eligible_amount,
    expiry_after_restoring,
    may_hold,
    may_pay,
    warning_due,
    without_discount_is_cheaper,
)
from kernel.money import Money

PLENTY = Limits(4_000, 10**9, 10**9, 10**9, 10**9)


def limits(**changed: int) -> Limits:
    names = ("cover_bp", "per_order_fen", "grant_left_fen", "year_left_fen", "budget_left_fen")
    return Limits(**{name: changed.get(name, getattr(PLENTY, name)) for name in names})


@pytest.mark.parametrize(
    ("eligible", "limited", "fen", "bound"),
    [
        (69_300, limits(), 27_720, Bound.COVER),
        (99_999, limits(), 39_999, Bound.COVER),  # 39999.6 is floored, not rounded
        (1, limits(), 0, Bound.COVER),
        (69_300, limits(cover_bp=10_000), 69_300, Bound.COVER),
        (69_300, limits(cover_bp=3_333), 23_097, Bound.COVER),
        (10_000_000, limits(per_order_fen=3_000_000), 3_000_000, Bound.PER_ORDER),
        (69_300, limits(grant_left_fen=20_000), 20_000, Bound.GRANT),
        (69_300, limits(year_left_fen=10_000), 10_000, Bound.YEAR),
        (69_300, limits(budget_left_fen=1), 1, Bound.BUDGET),
        (69_300, limits(budget_left_fen=0), 0, Bound.BUDGET),
        (69_300, limits(year_left_fen=-5), 0, Bound.YEAR),  # a cap that was lowered
        (69_300, limits(grant_left_fen=27_720, budget_left_fen=27_720), 27_720, Bound.COVER),
        (0, limits(), 0, Bound.COVER),
    ],
)
def test_bl_14_a_voucher_pays_the_floor_of_the_least_of_its_limits(
    eligible: int, limited: Limits, fen: int, bound: Bound
) -> None:
    found = cover(Money(eligible), limited)

    assert (found.amount, found.eligible, found.bound) == (Money(fen), Money(eligible), bound)


@given(
    eligible=st.integers(0, 10**10),
    bp=st.integers(1, 10_000),
    caps=st.tuples(*[st.integers(0, 10**10)] * 4),
)
def test_bl_14_no_limit_is_ever_passed_and_one_of_them_is_reached(
    eligible: int, bp: int, caps: tuple[int, int, int, int]
) -> None:
    paid = cover(Money(eligible), Limits(bp, *caps)).amount.fen

    assert 0 <= paid <= min(eligible, *caps)
    assert paid in (*caps, eligible * bp // 10_000)


@pytest.mark.parametrize(
    ("kind", "urgent_eligible", "counts"),
    [
        ("usage", False, True),
        ("minimum", False, True),
        ("setup", False, True),
        ("test", False, True),
        ("operator", False, False),
        ("overtime", False, False),
        ("consumable", False, False),
        ("travel", True, False),
        ("urgent", False, False),
        ("urgent", True, True),
    ],
)
def test_bl_14_and_bl_9_say_which_lines_a_voucher_pays(kind: str, urgent_eligible: bool, counts: bool) -> None:
    lines = [{"kind": "usage", "amount_fen": 100}, {"kind": kind, "amount_fen": 7}]

    assert eligible_amount(lines, urgent_eligible=urgent_eligible) == Money(107 if counts else 100)


@pytest.mark.parametrize(
    ("listed", "voucher", "discounted", "with_voucher"),
    [
        (77_000, 30_800, 69_300, True),  # 46200 < 69300
        (77_000, 7_700, 69_300, False),  # the same: the voucher is kept for later
        (77_000, 7_701, 69_300, True),
        (77_000, 5_000, 69_300, False),
        (77_000, 0, 77_000, False),
    ],
)
def test_bl_14_a_voucher_that_excludes_a_discount_is_used_where_one_pays_less_oneself(
    listed: int, voucher: int, discounted: int, with_voucher: bool
) -> None:
    found = without_discount_is_cheaper(
        listed=Money(listed), voucher_on_listed=Money(voucher), discounted=Money(discounted)
    )

    assert found is with_voucher


TERMS = Terms(
    kinds=frozenset({"rental"}),
    sizes=frozenset({"micro", "small"}),
    districts=frozenset({"440111"}),
    labs=frozenset({7}),
    valid_from=date(2026, 3, 1),
    valid_to=date(2026, 12, 31),
)
CUSTOMER = Party(1, registration="A", size="small", district="440111")
SELLER = Party(2, registration="B", size="na", district="440106")
WHERE = {
    "kind": "rental",
    "lab_id": 7,
    "seller": SELLER,
    "affiliated": False,
    "today": date(2026, 11, 23),
    "service_on": date(2026, 11, 27),
    "usable_until": date(2026, 12, 31),
}


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, []),
        ({"today": date(2026, 12, 31), "service_on": date(2026, 12, 31)}, []),  # the last day counts
        ({"service_on": date(2027, 1, 1)}, [Obstacle.OVER_AT_SERVICE]),
        ({"today": date(2027, 1, 1), "service_on": date(2027, 1, 2)}, [Obstacle.OVER]),
        ({"usable_until": date(2027, 1, 31), "service_on": date(2027, 1, 30)}, []),  # a lab's cancellation
        ({"today": date(2026, 2, 28)}, [Obstacle.NOT_YET]),
        ({"kind": "testing"}, [Obstacle.KIND]),
        ({"lab_id": 8}, [Obstacle.LAB]),
        ({"affiliated": True}, [Obstacle.AFFILIATED]),
        ({"seller": Party(1)}, [Obstacle.AFFILIATED]),
        ({"kind": "testing", "lab_id": 8}, [Obstacle.KIND, Obstacle.LAB]),
    ],
)
def test_bl_13_and_bl_16_say_which_order_a_voucher_pays(changed: dict[str, object], found: list[Obstacle]) -> None:
    assert may_pay(TERMS, CUSTOMER, **(WHERE | changed)) == found  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("customer", "found"),
    [
        (Party(1, size="medium", district="440111"), [Obstacle.SIZE]),
        (Party(1, size="small", district="440106"), [Obstacle.DISTRICT]),
        (Party(1, size="small", district="440111", is_verified=False), [Obstacle.NOT_VERIFIED]),
        (Party(1, size="large", is_verified=False), [Obstacle.NOT_VERIFIED, Obstacle.SIZE, Obstacle.DISTRICT]),
    ],
)
def test_bl_13_says_who_may_have_a_voucher_and_use_it(customer: Party, found: list[Obstacle]) -> None:
    assert may_hold(TERMS, customer, today=date(2026, 11, 23)) == found
    assert may_pay(TERMS, customer, **WHERE) == found  # type: ignore[arg-type]


def test_bl_13_a_programme_without_districts_or_labs_is_for_all_of_them() -> None:
    anywhere = Terms(
        kinds=TERMS.kinds,
        sizes=TERMS.sizes,
        districts=frozenset(),
        labs=frozenset(),
        valid_from=TERMS.valid_from,
        valid_to=TERMS.valid_to,
    )

    assert may_pay(anywhere, Party(1, size="small", district="440118"), **(WHERE | {"lab_id": 99})) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("today", "is_open", "found"),
    [
        (date(2026, 1, 1), True, []),  # given before it begins
        (date(2026, 12, 31), True, []),
        (date(2027, 1, 1), True, [Obstacle.OVER]),
        (date(2026, 11, 23), False, [Obstacle.CLOSED]),
    ],
)
def test_a_voucher_is_given_while_its_programme_is_open_and_not_over(
    today: date, is_open: bool, found: list[Obstacle]
) -> None:
    terms = Terms(TERMS.kinds, TERMS.sizes, TERMS.districts, TERMS.labs, TERMS.valid_from, TERMS.valid_to, is_open)

    assert may_hold(terms, CUSTOMER, today=today) == found


@pytest.mark.parametrize(
    ("customer", "seller", "together"),
    [
        (Party(1, "A"), Party(2, "B"), False),
        (Party(1, "A"), Party(1, "A"), True),
        (Party(1, "A", controller="X"), Party(2, "B", controller="X"), True),
        (Party(1, "A", controller="X"), Party(2, "B", controller="Y"), False),
        (Party(1, "A", controller="B"), Party(2, "B"), True),  # the lab's owner controls the customer
        (Party(1, "A"), Party(2, "B", controller="A"), True),  # and the other way round
        (Party(1, ""), Party(2, "", controller=""), False),
    ],
)
def test_who_is_controlled_by_the_same_belongs_together(customer: Party, seller: Party, together: bool) -> None:
    assert are_affiliated(customer, seller) is together


@pytest.mark.parametrize(
    ("expires", "by_lab", "until"),
    [
        (date(2026, 12, 31), True, date(2026, 12, 31)),  # 38 days are left anyway
        (date(2026, 11, 30), True, date(2026, 12, 23)),
        (date(2026, 11, 1), True, date(2026, 12, 23)),
        (date(2026, 11, 30), False, date(2026, 11, 30)),
    ],
)
def test_bl_16_a_voucher_lasts_thirty_days_more_at_least_where_the_lab_cancelled(
    expires: date, by_lab: bool, until: date
) -> None:
    assert expiry_after_restoring(expires, by_lab=by_lab, today=date(2026, 11, 23)) == until


@pytest.mark.parametrize(
    ("days_left", "warned", "due"),
    [
        (31, None, None),
        (30, None, 30),
        (29, 30, None),
        (8, 30, None),
        (7, 30, 7),
        (0, 30, 7),
        (5, None, 7),  # issued late: one warning, not two
        (5, 7, None),
        (-1, 30, None),
    ],
)
def test_whoever_has_some_left_is_warned_thirty_and_seven_days_before(
    days_left: int, warned: int | None, due: int | None
) -> None:
    today = date(2026, 11, 23)

    assert warning_due(expires_on=today + timedelta(days=days_left), today=today, warned_days=warned) == due


def test_a_spot_check_draws_a_share_rounded_up_and_the_same_again() -> None:
    keys = list(range(100, 141))

    first = drawn(keys, share_bp=500, seed="VP 2026")

    assert len(first) == 3  # 41 x 5 % = 2.05
    assert first == sorted(first)
    assert drawn(keys, share_bp=500, seed="VP 2026") == first
    assert drawn(keys, share_bp=500, seed="another") != first
    assert drawn([1], share_bp=1, seed="x") == [1]
