"""What people post by hand takes a reason and a second person."""

import pytest
from django.db import IntegrityError, transaction

from audit.models import AuditEvent
from billing.ledger import operations, queries, rules
from billing.ledger.rules import Account
from billing.models import Entry, Posting
from kernel.money import Money
from kernel.refusals import violated
from notices.models import Notice
from tests.factories.accounts import MembershipFactory, OrganisationFactory, PlatformMembershipFactory, UserFactory
from tests.factories.ledger import MONDAY_9, posted

pytestmark = pytest.mark.django_db


@pytest.fixture
def first():
    return PlatformMembershipFactory(role="finance")


@pytest.fixture
def second(first):
    return PlatformMembershipFactory(role="owner", organisation=first.organisation)


def proposed(by, **given):
    customer = OrganisationFactory()
    given.setdefault("legs", rules.suspense_resolved(100, customer.pk))
    given.setdefault("reason", "the payer called")
    return operations.propose_posting(by=by, now=MONDAY_9, **given)


def test_what_is_proposed_is_posted_when_a_second_person_approves(first, second):
    posting = proposed(first, order_number="R1")
    assert not Entry.objects.exists()

    operations.approve_posting(posting=posting, by=second, now=MONDAY_9)

    posting.refresh_from_db()
    entry = posting.entry
    assert (posting.state, posting.decided_by, posting.decided_at) == ("approved", second.user, MONDAY_9)
    assert (entry.event_id, entry.event, entry.order_number) == (f"hand:{posting.pk}", "hand", "R1")
    assert (entry.by, entry.reason) == (second.user, "the payer called")
    assert [line.fen for line in entry.lines.order_by("pk")] == [100, -100]
    assert queries.balance(Account.ADVANCES) == Money(100)


def test_who_proposes_does_not_decide(first):
    posting = proposed(first)

    with pytest.raises(operations.SecondPersonNeeded):
        operations.approve_posting(posting=posting, by=first, now=MONDAY_9)
    with pytest.raises(operations.SecondPersonNeeded):
        operations.decline_posting(posting=posting, note="no", by=first, now=MONDAY_9)
    assert not Entry.objects.exists()


def test_what_is_declined_is_declined_for_a_reason_and_not_posted(first, second):
    posting = proposed(first)

    with pytest.raises(operations.ReasonMissing):
        operations.decline_posting(posting=posting, note=" ", by=second, now=MONDAY_9)
    operations.decline_posting(posting=posting, note="wrong account", by=second, now=MONDAY_9)

    posting.refresh_from_db()
    assert (posting.state, posting.note, posting.entry) == ("declined", "wrong account", None)
    with pytest.raises(operations.PostingDecided):
        operations.approve_posting(posting=posting, by=second, now=MONDAY_9)
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"reason": "  "}, operations.ReasonMissing),
        ({"legs": []}, operations.PostingUnbalanced),
        ({"legs": [rules.Leg(Account.SUSPENSE, 1)]}, operations.PostingUnbalanced),
        ({"legs": [rules.Leg(Account.SUSPENSE, 1), rules.Leg(Account.OWN_BANK, 1)]}, operations.PostingUnbalanced),
    ],
)
def test_a_proposal_balances_and_says_why(first, given, refusal):
    with pytest.raises(refusal):
        proposed(first, **given)


def test_an_entry_is_taken_back_by_two_people(first, second):
    entry = posted(order_number="R1")
    posting = operations.propose_reversal(entry=entry, reason="entered twice", by=first, now=MONDAY_9)

    operations.approve_posting(posting=posting, by=second, now=MONDAY_9)

    posting.refresh_from_db()
    assert (posting.entry.reverses, posting.entry.event, posting.entry.order_number) == (entry, "reversal", "R1")
    assert queries.balance(Account.SUSPENSE) == Money(0)
    with pytest.raises(operations.AlreadyReversed):
        operations.propose_reversal(entry=entry, reason="again", by=first, now=MONDAY_9)
    with pytest.raises(operations.AlreadyReversed):
        operations.propose_reversal(entry=posting.entry, reason="back", by=first, now=MONDAY_9)


def test_an_entry_taken_back_meanwhile_is_not_taken_back_again(first, second):
    entry = posted()
    two = [operations.propose_reversal(entry=entry, reason="twice", by=first, now=MONDAY_9) for _ in range(2)]
    operations.approve_posting(posting=two[0], by=second, now=MONDAY_9)

    with pytest.raises(operations.AlreadyReversed):
        operations.approve_posting(posting=two[1], by=second, now=MONDAY_9)
    assert Posting.objects.waiting().get() == two[1]


def test_everybody_concerned_is_told_and_it_is_written_down(first, second):
    bystander = PlatformMembershipFactory(role="technician", organisation=first.organisation)
    MembershipFactory(role="owner")

    posting = proposed(first)
    operations.approve_posting(posting=posting, by=second, now=MONDAY_9)

    told = Notice.objects.order_by("pk").values_list("kind", "user_id", "link")
    page = f"/ops/ledger/postings/{posting.pk}/"
    assert list(told) == [("posting_proposed", second.user_id, page), ("posting_decided", first.user_id, page)]
    assert bystander.user_id not in {user_id for _, user_id, _ in told}
    written = AuditEvent.objects.order_by("pk").values_list("name", "actor_id", "reason")
    assert list(written) == [
        ("posting_proposed", first.user_id, "the payer called"),
        ("posting_approved", second.user_id, ""),
    ]


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"reason": ""}, "posting_gives_a_reason"),
        ({"state": "approved"}, "posting_is_as_it_was_decided"),
        ({"state": "declined"}, "posting_is_as_it_was_decided"),
        ({"decided_at": MONDAY_9}, "posting_is_as_it_was_decided"),
    ],
)
def test_the_database_keeps_what_a_posting_by_hand_is(first, values, constraint):
    posting = proposed(first)

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        Posting.objects.filter(pk=posting.pk).update(**values)
    assert violated(refusal.value) == constraint


def test_the_database_asks_for_a_second_person(first):
    posting = proposed(first)
    given = {"state": "declined", "note": "no", "decided_at": MONDAY_9}

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        Posting.objects.filter(pk=posting.pk).update(decided_by=first.user, **given)
    assert violated(refusal.value) == "posting_needs_a_second_person"
    Posting.objects.filter(pk=posting.pk).update(decided_by=UserFactory(), **given)
