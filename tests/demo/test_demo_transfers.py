"""The demo's bank transfers are there, once, and two people have something to decide."""

from datetime import UTC, datetime

import pytest

from billing.ledger.chart import Account
from billing.ledger.queries import balance
from billing.models import BankLine
from billing.payments.invariants import PAYMENTS
from demo import people, transfers
from demo.loading import DATA
from kernel.invariants import verified

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)


def test_the_demo_tops_balances_up_and_leaves_three_transfers_to_be_decided_once() -> None:
    people.load(DATA)

    first = transfers.load(DATA, NOW)

    assert transfers.load(DATA, NOW) == first == {"bank lines": 6, "monthly statements": 0}
    assert balance(Account.PREPAID).fen == sum(transfers.TOPPED_UP)
    assert sorted(BankLine.objects.unresolved().values_list("state", flat=True)) == ["by_hand", "suspense", "suspense"]
    assert [verdict for verdict in verified(PAYMENTS, now=NOW) if verdict.count] == []


def test_money_in_suspense_that_no_line_brought_is_found() -> None:
    people.load(DATA)
    transfers.load(DATA, NOW)
    BankLine.objects.filter(state="suspense").update(state="resolved")

    found = {verdict.invariant.name for verdict in verified(PAYMENTS, now=NOW) if verdict.count}

    assert found == {"transfers_in_suspense_are_its_lines"}
