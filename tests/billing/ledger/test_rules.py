"""Each business event as its legs (E1 to E14), to the fen."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.ledger import rules
from billing.ledger.rules import CHART, EVENTS, Account, Leg, Per, Type

ORG, LAB, PROGRAMME, ORDER = 7, 3, 5, "R20261124000001"

EVENT_TABLE = [
    ("E1", rules.online_payment(100, ORG, "stripe"), [("1012", "stripe", 100), ("2203", "7", -100)]),
    ("E2 matched", rules.bank_transfer(100, ORG), [("1002", "", 100), ("2203", "7", -100)]),
    ("E2 unmatched", rules.unmatched_transfer(100), [("1002", "", 100), ("2299", "", -100)]),
    ("E2b", rules.suspense_resolved(100, ORG), [("2299", "", 100), ("2203", "7", -100)]),
    ("E3", rules.allocated(100, ORG, ORDER), [("2203", "7", 100), ("2205", ORDER, -100)]),
    ("E3b balance", rules.from_balance(100, ORG, ORDER), [("2204", "7", 100), ("2205", ORDER, -100)]),
    ("E3b credit", rules.on_credit(100, ORG, ORDER), [("1122", "7", 100), ("2205", ORDER, -100)]),
    ("E3d", rules.opposite(rules.allocated(100, ORG, ORDER)), [("2203", "7", -100), ("2205", ORDER, 100)]),
    ("E4 from advances", rules.put_on_balance(100, ORG), [("2203", "7", 100), ("2204", "7", -100)]),
    ("E8a of advances", rules.advance_owed_back(100, ORG, ORDER), [("2203", "7", 100), ("2208", "7", -100)]),
    ("E3c", rules.credit_paid(100, ORG), [("2203", "7", 100), ("1122", "7", -100)]),
    (
        "E4 provider",
        rules.topped_up(100, ORG, Account.PSP_CLEARING, "fake"),
        [("1012", "fake", 100), ("2204", "7", -100)],
    ),
    ("E4 bank", rules.topped_up(100, ORG, Account.CUSTODY_BANK), [("1002", "", 100), ("2204", "7", -100)]),
    (
        "E5 paid online",
        rules.deposit_paid(100, ORG, ORDER, Account.PSP_CLEARING, "fake"),
        [("1012", "fake", 100), ("2206", ORDER, -100)],
    ),
    ("E5 paid", rules.deposit_paid(100, ORG, ORDER, Account.CUSTODY_BANK), [("1002", "", 100), ("2206", ORDER, -100)]),
    ("E5 returned", rules.deposit_returned(100, ORG, ORDER), [("2206", ORDER, 100), ("2208", "7", -100)]),
    ("E5 deducted", rules.deposit_deducted(100, ORG, ORDER, LAB), [("2206", ORDER, 100), ("2207", "3", -100)]),
    ("E6", rules.voucher_consumed(100, PROGRAMME, ORDER), [("1123", "5", 100), ("2205", ORDER, -100)]),
    ("E6b", rules.programme_reimbursed(100, PROGRAMME), [("1002", "", 100), ("1123", "5", -100)]),
    (
        "E7",
        rules.settled(69_300, 500, LAB, ORDER),  # the worked example BL-12: F = 34.65, Fn = 32.69, Ft = 1.96
        [("2205", ORDER, 69_300), ("2207", "3", -65_835), ("6001", "", -3_269), ("2221", "", -196)],
    ),
    (
        "E7 fee of half a fen",
        rules.settled(10, 500, LAB, ORDER),
        [("2205", ORDER, 10), ("2207", "3", -9), ("6001", "", -1)],
    ),
    ("E7 without a fee", rules.settled(100, 0, LAB, ORDER), [("2205", ORDER, 100), ("2207", "3", -100)]),
    ("E8a", rules.refund_owed(100, ORG, ORDER), [("2205", ORDER, 100), ("2208", "7", -100)]),
    ("E8b bank", rules.refund_paid(100, ORG, Account.CUSTODY_BANK), [("2208", "7", 100), ("1002", "", -100)]),
    (
        "E8b provider",
        rules.refund_paid(100, ORG, Account.PSP_CLEARING, "fake"),
        [("2208", "7", 100), ("1012", "fake", -100)],
    ),
    ("E8b balance", rules.refund_paid(100, ORG, Account.PREPAID), [("2208", "7", 100), ("2204", "7", -100)]),
    ("E8b credit", rules.refund_paid(100, ORG, Account.RECEIVABLE), [("2208", "7", 100), ("1122", "7", -100)]),
    (
        "E9",
        rules.cancelled(100, 30, LAB, ORG, ORDER),
        [("2205", ORDER, 100), ("2207", "3", -30), ("2208", "7", -70)],
    ),
    ("E9 free", rules.cancelled(100, 0, LAB, ORG, ORDER), [("2205", ORDER, 100), ("2208", "7", -100)]),
    ("E9 all kept", rules.cancelled(100, 100, LAB, ORG, ORDER), [("2205", ORDER, 100), ("2207", "3", -100)]),
    (
        "E10 not reimbursed",
        rules.refunded_after_settlement(7_000, 3_000, 500, LAB, ORG, PROGRAMME),
        [("2207", "3", 9_500), ("6001", "", 472), ("2221", "", 28), ("2208", "7", -7_000), ("1123", "5", -3_000)],
    ),
    (
        "E10 reimbursed",
        rules.refunded_after_settlement(7_000, 3_000, 500, LAB, ORG, PROGRAMME, reimbursed=True),
        [("2207", "3", 9_500), ("6001", "", 472), ("2221", "", 28), ("2208", "7", -7_000), ("2209", "5", -3_000)],
    ),
    (
        "E10 without a voucher",
        rules.refunded_after_settlement(7_000, 0, 350, LAB, ORG),
        [("2207", "3", 6_650), ("6001", "", 330), ("2221", "", 20), ("2208", "7", -7_000)],
    ),
    ("E11", rules.payout(100, LAB), [("2207", "3", 100), ("1002", "", -100)]),
    (
        "E12",
        rules.provider_payout(100, 3, "stripe"),
        [("1002", "", 97), ("6601", "", 3), ("1012", "stripe", -100)],
    ),
    ("E12 free", rules.provider_payout(100, 0, "stripe"), [("1002", "", 100), ("1012", "stripe", -100)]),
    ("E12b", rules.custody_made_whole(3), [("1002", "", 3), ("1001", "", -3)]),
    ("E13 opened", rules.dispute_opened(100, "stripe"), [("1131", "", 100), ("1012", "stripe", -100)]),
    ("E13 lost by the platform", rules.dispute_lost(100), [("6602", "", 100), ("1131", "", -100)]),
    ("E13 lost by the lab", rules.dispute_lost(100, LAB), [("2207", "3", 100), ("1131", "", -100)]),
    ("E13 won", rules.dispute_won(100, "stripe"), [("1131", "", -100), ("1012", "stripe", 100)]),
    ("E14", rules.fee_taken(100), [("1001", "", 100), ("1002", "", -100)]),
]


@pytest.mark.parametrize(("legs", "expected"), [row[1:] for row in EVENT_TABLE], ids=[row[0] for row in EVENT_TABLE])
def test_an_event_has_the_legs_of_the_table(legs, expected):
    assert [(leg.account.value, leg.party, leg.fen) for leg in legs] == expected


def test_the_table_of_this_test_has_every_event():
    assert {name.split()[0] for name, _, _ in EVENT_TABLE} == set(EVENTS) - {rules.BY_HAND, rules.REVERSAL}


def test_the_chart_is_that_of_the_requirements():
    assert {account.value: (kept.type.value, kept.per.value) for account, kept in CHART.items()} == {
        "1001": ("asset", ""),
        "1002": ("asset", ""),
        "1012": ("asset", "provider"),
        "1122": ("asset", "organisation"),
        "1123": ("asset", "programme"),
        "1131": ("asset", ""),
        "2203": ("liability", "organisation"),
        "2204": ("liability", "organisation"),
        "2205": ("liability", "order"),
        "2206": ("liability", "order"),
        "2207": ("liability", "lab"),
        "2208": ("liability", "organisation"),
        "2209": ("liability", "programme"),
        "2221": ("liability", ""),
        "2299": ("liability", ""),
        "6001": ("income", ""),
        "6601": ("expense", ""),
        "6602": ("expense", ""),
    }
    assert all(kept.name_zh and kept.name_en for kept in CHART.values())
    assert [kind.sign for kind in Type] == [1, -1, -1, 1]


REFUSED = [
    lambda: rules.online_payment(0, ORG, "fake"),
    lambda: rules.online_payment(-1, ORG, "fake"),
    lambda: rules.online_payment(1, ORG, ""),
    lambda: rules.allocated(1, ORG, ""),
    lambda: rules.topped_up(1, ORG, Account.OWN_BANK),
    lambda: rules.topped_up(1, ORG, Account.PSP_CLEARING),
    lambda: rules.refund_paid(1, ORG, Account.ESCROW),
    lambda: rules.settled(0, 500, LAB, ORDER),
    lambda: rules.settled(100, 10_001, LAB, ORDER),
    lambda: rules.settled(100, -1, LAB, ORDER),
    lambda: rules.cancelled(100, 101, LAB, ORG, ORDER),
    lambda: rules.cancelled(100, -1, LAB, ORG, ORDER),
    lambda: rules.cancelled(0, 0, LAB, ORG, ORDER),
    lambda: rules.refunded_after_settlement(0, 0, 0, LAB, ORG),
    lambda: rules.refunded_after_settlement(100, -1, 0, LAB, ORG),
    lambda: rules.refunded_after_settlement(100, 0, 101, LAB, ORG),
    lambda: rules.refunded_after_settlement(50, 50, 0, LAB, ORG),  # a voucher of no programme
    lambda: rules.provider_payout(100, 101, "stripe"),
    lambda: Leg(Account.CUSTODY_BANK, 0),
    lambda: Leg(Account.LAB_PAYABLE, 1),
    lambda: rules.balanced([Leg(Account.CUSTODY_BANK, 1)]),
    lambda: rules.balanced([Leg(Account.CUSTODY_BANK, 1), Leg(Account.SUSPENSE, -2)]),
]  # fmt: skip


@pytest.mark.parametrize("building", REFUSED)
def test_what_no_event_can_be_is_a_fault(building):
    with pytest.raises(ValueError, match=r"."):
        building()


def test_what_an_account_is_kept_by_is_named_by_its_leg():
    for account, kept in CHART.items():
        if kept.per == Per.NOTHING:
            assert Leg(account, 1).party == ""
        else:
            with pytest.raises(ValueError, match=kept.per.value):
                Leg(account, 1)


@given(gross=st.integers(1, 10**12), fee_bp=st.integers(0, 10_000))
def test_a_settlement_gives_the_lab_all_but_the_fee_whose_tax_is_six_percent(gross, fee_bp):
    sums = defaultdict(int)
    for leg in rules.settled(gross, fee_bp, LAB, ORDER):
        sums[leg.account] += leg.fen

    fee = -sums[Account.FEE_INCOME] - sums[Account.OUTPUT_VAT]
    assert sum(sums.values()) == 0
    assert abs(fee * 10_000 - gross * fee_bp) <= 5_000
    assert abs(-sums[Account.FEE_INCOME] * 106 - fee * 100) <= 53


@given(own=st.integers(0, 10**9), voucher=st.integers(0, 10**9), share=st.integers(0, 10_000), reimbursed=st.booleans())
def test_a_refund_after_settlement_undoes_the_settlement_in_proportion(own, voucher, share, reimbursed):
    if not own + voucher:
        return
    fee_back = (own + voucher) * share // 10_000
    legs = rules.refunded_after_settlement(own, voucher, fee_back, LAB, ORG, PROGRAMME, reimbursed=reimbursed)

    assert sum(leg.fen for leg in legs) == 0
    assert -sum(leg.fen for leg in legs if leg.account == Account.REFUNDS_PAYABLE) == own
