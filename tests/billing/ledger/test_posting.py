"""One business event posts once."""

import pytest
from django.db import IntegrityError, connection, transaction

from billing.ledger import operations, rules
from billing.ledger.rules import Happened
from billing.models import Entry, Line
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.labs import LabFactory
from tests.factories.ledger import MONDAY_9, posted

pytestmark = pytest.mark.django_db


def test_an_entry_has_the_event_and_its_legs():
    customer, lab, member = OrganisationFactory(), LabFactory(), MembershipFactory()
    legs = rules.cancelled(own=1000, fee=300, lab_id=lab.pk, organisation_id=customer.pk, order_number="R1")

    entry = operations.post(
        event_id="cancelled:R1",
        event="E9",
        legs=legs,
        at=MONDAY_9,
        order_number="R1",
        organisation_id=customer.pk,
        lab_id=lab.pk,
        by=member,
        reason="plans changed",
    )

    kept = Entry.objects.get()
    assert entry == kept
    assert (entry.posted_in, entry.at, entry.by_id) == (kept.posted_in, kept.at, kept.by_id)
    assert (kept.event_id, kept.event, kept.order_number, kept.organisation, kept.lab, kept.by, kept.reason) == (
        "cancelled:R1", "E9", "R1", customer, lab, member.user, "plans changed"
    )  # fmt: skip
    assert list(kept.lines.values_list("account", "party", "fen")) == [
        ("2205", "R1", 1000),
        ("2207", str(lab.pk), -300),
        ("2208", str(customer.pk), -700),
    ]


def test_an_event_posted_again_answers_with_the_first_entry():
    first = posted(event_id="once")
    again = posted(event_id="once", at=MONDAY_9.replace(hour=5))

    assert (again, again.at) == (first, first.at)
    assert Line.objects.count() == 2


@pytest.mark.parametrize(
    "other",
    [
        {"legs": rules.unmatched_transfer(101)},
        {"legs": rules.fee_taken(100)},
        {"event": "E12b"},
        {"order_number": "R1"},
    ],
)
def test_two_events_under_one_id_are_a_fault(other):
    posted(event_id="once")

    with pytest.raises(operations.EventPostedDifferently, match="once"):
        posted(event_id="once", **other)


def test_posting_is_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        posted()


def happened(number, fen=100):
    return Happened(event_id=f"bulk:{number}", event="E2", legs=rules.unmatched_transfer(fen), at=MONDAY_9)


def test_many_are_posted_at_once_and_again_without_effect():
    everything = [happened(number, fen=number) for number in range(1, 21)]

    assert operations.post_many(everything[:5]) == 5
    assert operations.post_many([*everything, everything[0]]) == 15
    assert operations.post_many(everything) == 0
    assert operations.post_many([]) == 0
    assert {entry.event_id: [line.fen for line in entry.lines.all()] for entry in Entry.objects.all()} == {
        f"bulk:{number}": [number, -number] for number in range(1, 21)
    }


def test_a_bulk_with_one_id_for_two_events_posts_nothing():
    posted(event_id="bulk:1")

    with pytest.raises(operations.EventPostedDifferently), transaction.atomic():
        operations.post_many([happened(2), happened(1, fen=99)])
    with pytest.raises(operations.EventPostedDifferently):
        operations.post_many([happened(2), happened(2, fen=99)])
    assert Entry.objects.count() == 1


def test_an_entry_is_taken_back_once():
    entry = posted(order_number="R1")

    back = operations.reverse(entry=entry, by=None, reason="entered twice", now=MONDAY_9)

    assert (back.reverses, back.event, back.reason, back.order_number) == (entry, "reversal", "entered twice", "R1")
    assert list(back.lines.values_list("account", "fen")) == [("1002", -100), ("2299", 100)]
    assert operations.reverse(entry=entry, by=None, reason="entered twice", now=MONDAY_9) == back
    with pytest.raises(operations.AlreadyReversed):
        operations.reverse(entry=entry, by=None, reason="once more", now=MONDAY_9, event_id="another")
    with pytest.raises(operations.AlreadyReversed):
        operations.reverse(entry=back, by=None, reason="back again", now=MONDAY_9)


def test_a_fault_of_the_database_is_not_taken_for_something_else():
    with pytest.raises(IntegrityError), transaction.atomic():
        posted(legs=rules.payout(100, lab_id=10**9))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
