"""How an order's money is divided (BL-20, BL-22, BL-23)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.bills import rules
from billing.bills.rules import Paid
from kernel.money import Money


@pytest.mark.parametrize(
    ("by_ladder", "own", "fee"),
    [(0, 69_300, 0), (20_790, 69_300, 20_790), (69_300, 41_580, 41_580), (69_300, 0, 0)],
)
def test_a_cancellation_costs_by_the_ladder_but_never_more_than_the_customers_own_money_bl_20(by_ladder, own, fee):
    assert rules.fee_of_cancelling(by_ladder=Money(by_ladder), own=Money(own)) == Money(fee)


def test_a_refund_is_divided_like_what_is_left_of_the_order_and_rounded_half_up_bl_22():
    assert rules.refund_parts(refund=Money(100), total_left=Money(1_000), voucher_left=Money(405)) == (
        Money(59),
        Money(41),
    )


@pytest.mark.parametrize("refund", [0, -1, 1_001])
def test_no_more_than_is_left_and_no_less_than_a_fen_goes_back(refund):
    with pytest.raises(ValueError, match="cannot go back"):
        rules.refund_parts(refund=Money(refund), total_left=Money(1_000), voucher_left=Money(0))


@given(
    total=st.integers(1, 10**9),
    share=st.integers(0, 10_000),
    cuts=st.lists(st.integers(1, 10**8), max_size=8),
)
def test_refund_after_refund_the_last_takes_exactly_what_is_left_of_both_bl_22(total, share, cuts):
    voucher = total * share // 10_000
    left, voucher_left, own_back, voucher_back = total, voucher, 0, 0
    for cut in [*cuts, total]:
        refund = min(cut, left)
        if not refund:
            continue
        own, part = rules.refund_parts(refund=Money(refund), total_left=Money(left), voucher_left=Money(voucher_left))
        assert 0 <= part.fen <= voucher_left
        assert 0 <= own.fen <= left - voucher_left
        own_back, voucher_back = own_back + own.fen, voucher_back + part.fen
        left, voucher_left = left - refund, voucher_left - part.fen

    assert (own_back, voucher_back, left, voucher_left) == (total - voucher, voucher, 0, 0)


def test_money_goes_back_to_the_newest_payment_first_and_never_above_what_it_has_left_bl_22():
    paid = [Paid(key=1, left_fen=500), Paid(key=2, left_fen=0), Paid(key=3, left_fen=200)]

    assert rules.newest_first(paid, 250) == [(3, 200), (1, 50)]


def test_no_more_goes_back_than_was_paid_bl_22():
    with pytest.raises(ValueError, match="more than was paid"):
        rules.newest_first([Paid(key=1, left_fen=500)], 501)


@pytest.mark.parametrize(
    ("refund", "charged", "returned", "back"),
    [(10_000, 3_465, 0, 500), (69_300, 3_465, 0, 3_465), (69_300, 3_465, 3_000, 465), (9, 100, 0, 0), (10, 100, 0, 1)],
)
def test_the_platform_gives_its_fee_back_in_proportion_and_never_more_than_it_took_bl_23(
    refund, charged, returned, back
):
    assert rules.fee_back(refund=Money(refund), charged=Money(charged), returned=Money(returned)) == Money(back)
