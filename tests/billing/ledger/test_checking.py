"""The nightly check finds what is wrong with the books, made by means that no operation has."""

import pytest
from django.db import connection

from billing.ledger import jobs, operations, rules
from billing.ledger.invariants import LEDGER
from billing.ledger.wording import CHECKS
from billing.models import Rolled, Watermark
from kernel.invariants import verified
from notices.models import Notice
from tests.factories.accounts import PlatformMembershipFactory
from tests.factories.labs import LabFactory
from tests.factories.ledger import MONDAY_9, posted

pytestmark = pytest.mark.django_db


def sql(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def unguarded(statement, *parameters):
    """What whoever owns the tables can do: put the triggers off."""
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("ALTER TABLE billing_entry DISABLE TRIGGER USER")
    sql("ALTER TABLE billing_line DISABLE TRIGGER USER")
    sql(statement, *parameters)


def broken():
    return {verdict.invariant.name for verdict in verified(LEDGER, now=MONDAY_9) if verdict.count}


def books(reverse=True):
    lab = LabFactory()
    posted("E3b", rules.on_credit(1_000, lab.organisation_id, "R1"))
    posted("E7", rules.settled(1_000, 500, lab.pk, "R1"))
    entry = posted()
    if reverse:
        operations.reverse(entry=entry, by=None, reason="twice", now=MONDAY_9)
    return lab


def roll_in_this_transaction():
    """Sums of all lines, as if the transaction of the test had ended."""
    sql(
        "INSERT INTO billing_rolled (account, party, debit_fen, credit_fen) SELECT account, coalesce(party, ''),"
        " coalesce(sum(fen) FILTER (WHERE fen > 0), 0), -coalesce(sum(fen) FILTER (WHERE fen < 0), 0)"
        " FROM billing_line GROUP BY GROUPING SETS ((account, party), (account))"
        " HAVING grouping(party) = 1 OR party <> ''"
    )
    sql("INSERT INTO billing_watermark (id, posted_before, cluster) VALUES (1, '9000000000000000000', 1)")


def test_sound_books_break_nothing():
    books()
    assert broken() == set()
    roll_in_this_transaction()
    assert broken() == set()


WRONGS = [
    (
        "UPDATE billing_line SET fen = fen + 1 WHERE account = '1122'",
        {"ledger_entry_is_balanced", "ledger_comes_to_nothing", "ledger_running_is_the_sum"},
    ),
    ("DELETE FROM billing_line WHERE account = '6001'", None),
    ("DELETE FROM billing_line WHERE entry_id = (SELECT min(id) FROM billing_entry)", None),
    ("UPDATE billing_line SET posted_in = '5' WHERE account = '1122'", {"ledger_line_is_of_its_entry"}),
    (
        "UPDATE billing_line SET fen = -fen WHERE entry_id = (SELECT max(id) FROM billing_entry)",
        {"ledger_reversal_is_the_opposite", "ledger_running_is_the_sum"},
    ),
    (
        "UPDATE billing_rolled SET debit_fen = debit_fen + 1 WHERE account = '1122'",
        {"ledger_running_is_the_sum"},
    ),
    (
        "UPDATE billing_rolled SET debit_fen = debit_fen + 1 WHERE account = '1122' AND party = ''",
        {"ledger_running_is_the_sum", "ledger_control_is_its_sub_ledgers"},
    ),
    ("DELETE FROM billing_rolled WHERE account = '1122' AND party <> ''", None),
]


@pytest.mark.parametrize(("statement", "expected"), WRONGS, ids=[str(number) for number in range(len(WRONGS))])
def test_each_way_to_be_wrong_is_found(statement, expected):
    books()
    roll_in_this_transaction()

    unguarded(statement)

    assert broken() == expected if expected else broken()


def test_bl_35_missing_money_of_others_is_found():
    lab = books()
    posted("E14", rules.fee_taken(51))

    assert broken() == {"client_money_is_there"}

    # A lab that was paid too much owes, and makes up for nobody.
    posted("E11", rules.payout(10_000, lab.pk))
    assert broken() == {"client_money_is_there"}


def test_every_check_has_its_words():
    assert list(CHECKS) == [invariant.name for invariant in LEDGER]


def test_those_who_keep_the_books_are_told_when_the_check_finds_something():
    finance, _ = PlatformMembershipFactory(role="finance"), PlatformMembershipFactory(role="viewer")
    books()
    jobs.check_books_nightly(timestamp=0)
    assert not Notice.objects.exists()

    unguarded("UPDATE billing_line SET fen = fen + 1 WHERE account = '1122'")
    jobs.check_books_nightly(timestamp=0)

    notice = Notice.objects.get()
    assert (notice.user, notice.kind, notice.link) == (finance.user, "books_found_wrong", "/ops/ledger/checks/")
    assert notice.facts == {"broken": ["ledger_entry_is_balanced", "ledger_comes_to_nothing"], "number": 2}
    assert notice.is_urgent


@pytest.mark.django_db(transaction=True)
def test_the_job_rolls_up():
    books()

    jobs.roll_up(timestamp=0)

    assert Watermark.objects.count() == 1
    assert set(Rolled.objects.values_list("account", flat=True)) <= {
        "1122",
        "2205",
        "2207",
        "6001",
        "2221",
        "1002",
        "2299",
    }
