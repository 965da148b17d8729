"""What happens when many processes post, and sums are rolled up and read meanwhile."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from billing.ledger import operations, queries, rules
from billing.ledger.invariants import LEDGER
from billing.ledger.rules import Account
from billing.models import Entry, Line
from kernel.invariants import verified
from kernel.money import Money
from tests.factories.accounts import OrganisationFactory, PlatformMembershipFactory
from tests.factories.ledger import MONDAY_9, posted, rolled_up
from tests.factories.racing import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import sys
sys.path[:0] = [{root!r}, {root!r} + "/platform"]
import os
os.environ.update(DJANGO_SETTINGS_MODULE="config.settings", DATABASE_URL="postgres:///x", GONGHENG_DEMO="1")
from django.conf import settings
settings.DATABASES["default"].update({where!r})
settings.DATABASES["default"]["OPTIONS"]["pool"] = False
import django
django.setup()
from datetime import UTC, datetime
from random import Random
from django.db import connection, transaction
from billing.ledger import operations, queries, rules
from billing.ledger.rules import Account
from billing.models import Line
NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
customer = {customer}
"""
POSTS = """
numbers = list(range(EVENTS))
Random({seed}).shuffle(numbers)
for number in numbers:
    legs = rules.bank_transfer(100 + number, customer)
    operations.post(event_id=f"race:{{number}}", event="E2", legs=legs, at=NOW)
print("posted")
"""
ROLLS = """
for _ in range(100):
    operations.roll_up(now=NOW)
print("rolled")
"""
READS = """
wrong = 0
for _ in range(100):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT -coalesce(sum(fen), 0) FROM billing_line WHERE account = '2203'")
        plain = int(cursor.fetchone()[0])
        sums = {{each.account: each.own.fen for each in queries.trial_balance()}}
        asked = (
            queries.balance(Account.ADVANCES).fen,
            queries.balance(Account.ADVANCES, organisation_id=customer).fen,
            sum(each.own.fen for each in queries.sub_ledger(Account.ADVANCES)),
            queries.client_money().owed_fen,
            sums[Account.ADVANCES],
            sums[Account.CUSTODY_BANK],
        )
        wrong += set(asked) != {{plain}}
print("wrong", wrong)
"""
EVENTS = 150


def process(body, customer, **given):
    """Start a process of its own that does something with the books."""
    where = {name: connection.settings_dict[name] for name in ("NAME", "HOST", "PORT", "USER", "PASSWORD")}
    program = (PROGRAM + body.replace("EVENTS", str(EVENTS))).format(
        root=str(ROOT), where=where, customer=customer.pk, **given
    )
    return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)


def test_an_event_that_many_processes_post_is_posted_once_and_no_reader_sees_half():
    customer = OrganisationFactory()
    posting = [process(POSTS, customer, seed=seed) for seed in range(4)]
    others = [process(ROLLS, customer), process(READS, customer)]

    told = [each.communicate(timeout=300)[0].strip() for each in [*posting, *others]]

    assert told == [*["posted"] * 4, "rolled", "wrong 0"]
    total = Money(sum(100 + number for number in range(EVENTS)))
    assert (Entry.objects.count(), Line.objects.count()) == (EVENTS, 2 * EVENTS)
    assert queries.balance(Account.ADVANCES, organisation_id=customer.pk) == total
    rolled_up()
    assert queries.balance(Account.ADVANCES) == total
    assert [verdict.invariant.name for verdict in verified(LEDGER, now=MONDAY_9) if verdict.count] == []


def test_a_transaction_that_began_before_a_roll_up_and_ended_after_it_is_not_forgotten():
    """Its entry has the lower id and the lower transaction number; the watermark waits for it."""
    customer = OrganisationFactory()
    late = connection.copy()
    try:
        with late.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(
                "INSERT INTO billing_entry (event_id, event, at, order_number, reason)"
                " VALUES ('late', 'E2', now(), '', '') RETURNING id"
            )
            key = cursor.fetchone()[0]
            cursor.execute(
                "INSERT INTO billing_line (entry_id, account, fen, organisation_id, order_number, provider)"
                " VALUES (%s, '1002', 70, NULL, '', ''), (%s, '2203', -70, %s, '', '')",
                [key, key, customer.pk],
            )
            early = posted("E2", rules.bank_transfer(30, customer.pk))
            operations.roll_up(now=MONDAY_9)
            assert early.pk > key
            assert queries.balance(Account.ADVANCES) == Money(30)
            cursor.execute("COMMIT")
    finally:
        late.close()

    assert (
        queries.balance(Account.ADVANCES)
        == queries.balance(Account.ADVANCES, organisation_id=customer.pk)
        == Money(100)
    )
    rolled_up()
    assert (
        queries.balance(Account.ADVANCES)
        == queries.balance(Account.ADVANCES, organisation_id=customer.pk)
        == Money(100)
    )


def test_of_two_people_who_decide_at_once_one_does():
    first = PlatformMembershipFactory()
    others = [PlatformMembershipFactory(organisation=first.organisation) for _ in range(2)]
    posting = operations.propose_posting(legs=rules.unmatched_transfer(100), reason="why", by=first, now=MONDAY_9)

    results = at_once(
        lambda: operations.approve_posting(posting=posting, by=others[0], now=MONDAY_9),
        lambda: operations.decline_posting(posting=posting, note="no", by=others[1], now=MONDAY_9),
    )

    posting.refresh_from_db()
    assert sorted(type(each).__name__ for each in results) == ["Posting", "PostingDecided"]
    assert Entry.objects.count() == (1 if posting.state == "approved" else 0)


def test_two_bulks_of_the_same_events_in_other_orders_do_not_deadlock():
    every = [
        rules.Happened(event_id=f"bulk:{number}", event="E2", legs=rules.unmatched_transfer(100), at=MONDAY_9)
        for number in range(400)
    ]

    results = at_once(lambda: operations.post_many(every), lambda: operations.post_many(every[::-1]))

    assert sorted(results) == [0, 400]
    assert Entry.objects.count() == 400
