"""Balances are the sum of the lines, however much of them is rolled up."""

from datetime import timedelta

import pytest
from django.db import connection

from billing.ledger import operations, queries, rules
from billing.ledger.rules import Account
from billing.models import Line, Rolled, Watermark
from kernel.money import Money
from tests.factories.accounts import OrganisationFactory
from tests.factories.labs import LabFactory
from tests.factories.ledger import MONDAY_9, posted, rolled_up

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def customer():
    return OrganisationFactory()


@pytest.fixture
def lab():
    return LabFactory()


def told(sums):
    return {each.account.value: (each.debit_fen, each.credit_fen) for each in sums if each.debit_fen or each.credit_fen}


def an_order(customer, lab, number="R1", fen=10_000):
    posted("E1", rules.online_payment(fen, customer.pk, "fake"))
    posted("E3", rules.allocated(fen, customer.pk, number))
    posted("E7", rules.settled(fen, 500, lab.pk, number))


AFTER_ONE_ORDER = {
    "1012": (10_000, 0),
    "2203": (10_000, 10_000),
    "2205": (10_000, 10_000),
    "2207": (0, 9_500),
    "2221": (0, 28),
    "6001": (0, 472),
}


@pytest.mark.parametrize("rolled_after", [None, 0, 1, 2, 3])
def test_the_trial_balance_is_the_same_wherever_the_watermark_stands(customer, lab, rolled_after):
    steps = [
        lambda: posted("E1", rules.online_payment(10_000, customer.pk, "fake")),
        lambda: posted("E3", rules.allocated(10_000, customer.pk, "R1")),
        lambda: posted("E7", rules.settled(10_000, 500, lab.pk, "R1")),
    ]
    for number, step in enumerate([*steps, lambda: None]):
        if number == rolled_after:
            rolled_up()
        step()

    assert told(queries.trial_balance()) == AFTER_ONE_ORDER
    assert queries.balance(Account.LAB_PAYABLE) == queries.balance(Account.LAB_PAYABLE, lab_id=lab.pk) == Money(9_500)
    assert queries.balance(Account.ESCROW, order_number="R1") == Money(0)
    assert queries.balance(Account.PSP_CLEARING, provider="fake") == Money(10_000)
    assert queries.balance(Account.PSP_CLEARING, provider="stripe") == Money(0)


def test_what_is_rolled_up_are_the_totals_and_the_sub_ledgers(customer, lab):
    an_order(customer, lab)

    assert rolled_up() == 8
    assert rolled_up() == 0
    assert set(Rolled.objects.values_list("account", "party", "debit_fen", "credit_fen")) == {
        *((account, "", *sides) for account, sides in AFTER_ONE_ORDER.items()),
        ("1012", "fake", 10_000, 0),
        ("2203", str(customer.pk), 10_000, 10_000),
        ("2205", "R1", 10_000, 10_000),
        ("2207", str(lab.pk), 0, 9_500),
    }
    assert Watermark.objects.get().rolled_at == MONDAY_9


def test_the_trial_balance_of_an_earlier_instant_leaves_out_what_happened_since(customer, lab):
    an_order(customer, lab)
    posted("E2", rules.bank_transfer(700, customer.pk), at=MONDAY_9 + timedelta(hours=1))
    rolled_up()
    posted("E14", rules.fee_taken(500), at=MONDAY_9 + timedelta(hours=2))

    assert told(queries.trial_balance(until=MONDAY_9 + timedelta(hours=1))) == AFTER_ONE_ORDER
    assert told(queries.trial_balance(until=MONDAY_9)) == {}
    assert told(queries.trial_balance())["1002"] == (700, 500)


def test_a_sub_ledger_lists_whose_the_money_is(customer, lab):
    other = OrganisationFactory()
    an_order(customer, lab)
    posted("E2", rules.bank_transfer(300, customer.pk))
    rolled_up()
    posted("E2", rules.bank_transfer(700, customer.pk))
    posted("E2", rules.bank_transfer(50, other.pk))

    assert {each.party: each.own.fen for each in queries.sub_ledger(Account.ADVANCES)} == {
        str(customer.pk): 1_000,
        str(other.pk): 50,
    }
    assert queries.sub_ledger(Account.ESCROW, open_only=True) == []
    assert [each.party for each in queries.sub_ledger(Account.ESCROW)] == ["R1"]


def test_a_balance_is_asked_by_what_the_account_is_kept_by(customer):
    with pytest.raises(ValueError, match="2203 is not kept by lab_id"):
        queries.balance(Account.ADVANCES, lab_id=1)
    with pytest.raises(ValueError, match="1002 is not kept by organisation_id"):
        queries.balance(Account.CUSTODY_BANK, organisation_id=customer.pk)


@pytest.mark.parametrize("roll", [True, False])
def test_bl_35_what_is_owed_to_others_is_there(customer, lab, roll):
    another = LabFactory()

    def whole():
        if roll:
            rolled_up()
        return queries.client_money()

    assert (whole().held, whole().owed, whole().is_whole) == (Money(0), Money(0), True)
    an_order(customer, lab)
    assert (whole().held, whole().owed, whole().over) == (Money(10_000), Money(9_500), Money(500))

    # A lab that owes makes up for no other: what it owes does not lessen what is owed.
    posted("E11", rules.payout(300, another.pk))
    assert (whole().held, whole().owed, whole().owed_by_labs_fen) == (Money(9_700), Money(9_500), 300)

    posted("E14", rules.fee_taken(500))
    assert (whole().over, whole().is_whole) == (Money(-300), False)


def test_sums_of_another_cluster_are_not_believed_and_are_rolled_up_anew(customer, lab):
    """A restored dump brings a watermark that this cluster's transactions have not reached."""
    an_order(customer, lab)
    rolled_up()
    Rolled.objects.update(debit_fen=1, credit_fen=1)
    Watermark.objects.update(posted_before="9000000000000000000")

    assert told(queries.trial_balance()) == AFTER_ONE_ORDER
    assert queries.balance(Account.LAB_PAYABLE, lab_id=lab.pk) == Money(9_500)
    assert [each.own.fen for each in queries.sub_ledger(Account.LAB_PAYABLE)] == [9_500]
    assert queries.client_money().over == Money(500)

    assert rolled_up() == 8
    assert told(queries.trial_balance()) == AFTER_ONE_ORDER
    assert Rolled.objects.get(account="2207", party="").credit_fen == 9_500

    Rolled.objects.update(debit_fen=1, credit_fen=1)
    Watermark.objects.update(cluster=1)  # it has the number of a transaction that is past here
    assert rolled_up() == 8
    assert told(queries.trial_balance()) == AFTER_ONE_ORDER


def test_lines_and_their_orders_are_found_from_a_figure(customer, lab):
    an_order(customer, lab)
    entry = posted("E9", rules.cancelled(500, 200, lab.pk, customer.pk, "R2"), order_number="R2")

    lines = queries.lines_of(Account.LAB_PAYABLE, str(lab.pk))
    assert [(line.fen, line.order_number, line.entry.event) for line in lines] == [
        (-200, "R2", "E9"),
        (-9_500, "R1", "E7"),
    ]
    assert list(queries.entries_of_order("R2")) == [entry]
    assert queries.parties(Account.ADVANCES, [str(customer.pk)])[str(customer.pk)].name == customer.name
    assert queries.named(Account.LAB_PAYABLE, lab.name_zh) == [str(lab.pk)]
    assert Line.objects.count() == 11


def test_the_statements_read_few_lines_when_there_are_many(customer):
    """The plan goes by the index of the watermark, not through all lines."""
    operations.post_many(
        rules.Happened(event_id=f"t:{number}", event="E2", legs=rules.bank_transfer(1, customer.pk), at=MONDAY_9)
        for number in range(20_000)
    )
    rolled_up()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE billing_line, billing_entry, billing_rolled, billing_watermark")
        cursor.execute("EXPLAIN " + queries.sums.TRIAL_BALANCE, {"accounts": ["1002"], "until": None})
        plan = "\n".join(row for (row,) in cursor.fetchall())

    assert "ledger_line_by_transaction" in plan
    assert "Seq Scan on billing_line" not in plan
