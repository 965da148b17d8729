"""The same request twice is answered once."""

from datetime import UTC, datetime, timedelta
from threading import Event as Signal

import pytest
from django.db import IntegrityError, transaction

from audit.models import AnsweredRequest
from audit.requests import jobs
from audit.requests import operations as requests
from audit.requests.rules import fingerprint
from kernel.refusals import Busy, violated
from tests.factories.accounts import MembershipFactory
from tests.factories.racing import at_once

pytestmark = pytest.mark.django_db
PRINT = fingerprint(method="POST", path="/api/v1/rentals/", body=b"{}")


def answer_once(member, key: str = "k1", print_: str = PRINT) -> tuple[str, object]:
    """Answer a request as an endpoint does, and say whether the answer is new."""
    with transaction.atomic():
        stored = requests.begin(member=member, key=key, fingerprint=print_)
        if stored:
            return "replayed", stored.answer
        requests.finish(member=member, key=key, status=201, answer={"number": "R1"})
        return "made", {"number": "R1"}


def test_a_request_sent_again_gets_the_stored_answer():
    member = MembershipFactory()

    assert answer_once(member) == ("made", {"number": "R1"})
    assert answer_once(member) == ("replayed", {"number": "R1"})
    assert AnsweredRequest.objects.get().status == 201


def test_a_key_used_for_another_request_is_refused():
    member = MembershipFactory()
    answer_once(member)

    with pytest.raises(requests.KeyReused) as refused:
        answer_once(member, print_=fingerprint(method="POST", path="/api/v1/rentals/", body=b"{...}"))

    assert (refused.value.status, refused.value.code) == (422, "idempotency_key_reused")


def test_a_key_is_a_members_own():
    assert answer_once(MembershipFactory()) == ("made", {"number": "R1"})
    assert answer_once(MembershipFactory()) == ("made", {"number": "R1"})


def test_method_path_and_body_make_the_fingerprint():
    prints = {
        fingerprint(method=method, path=path, body=body)
        for method in ("POST", "PUT")
        for path in ("/a", "/b")
        for body in (b"", b"{}")
    }

    assert len(prints) == 8


def test_an_answer_is_given_once_and_only_to_what_was_begun():
    member = MembershipFactory()
    answer_once(member)

    with pytest.raises(LookupError):
        requests.finish(member=member, key="k1", status=201, answer={})
    with pytest.raises(LookupError):
        requests.finish(member=member, key="k2", status=201, answer={})


@pytest.mark.django_db(transaction=True)
def test_a_request_is_claimed_in_the_transaction_of_its_effect():
    with pytest.raises(transaction.TransactionManagementError):
        requests.begin(member=MembershipFactory(), key="k1", fingerprint=PRINT)


def test_a_key_is_kept_once():
    member = MembershipFactory()
    AnsweredRequest.objects.create(membership=member, key="k1", fingerprint=PRINT)

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        AnsweredRequest.objects.create(membership=member, key="k1", fingerprint=PRINT)

    assert violated(refused.value) == "answered_request_once"


def test_old_answers_are_forgotten():
    old = datetime(2026, 1, 1, tzinfo=UTC)
    AnsweredRequest.objects.create(membership=MembershipFactory(), key="k1", fingerprint=PRINT, created_at=old)
    answer_once(MembershipFactory())

    assert requests.forget(before=old + timedelta(days=1)) == 1
    assert AnsweredRequest.objects.count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_twins_sent_at_once_are_made_once():
    member = MembershipFactory()

    outcomes = at_once(*[lambda: answer_once(member)] * 6)

    assert sorted(outcome[0] for outcome in outcomes) == ["made"] + ["replayed"] * 5


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_twin_whose_effect_fails_leaves_the_key_to_the_other():
    member, begun = MembershipFactory(), Signal()

    def fails():
        with transaction.atomic():
            requests.begin(member=member, key="k1", fingerprint=PRINT)
            begun.set()
            raise ZeroDivisionError

    def follows():
        begun.wait(10)
        return answer_once(member)

    failed, made = at_once(fails, follows)

    assert isinstance(failed, ZeroDivisionError)
    assert made == ("made", {"number": "R1"})


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_twin_that_takes_too_long_is_refused_as_busy():
    member, begun, done = MembershipFactory(), Signal(), Signal()

    def slow():
        with transaction.atomic():
            requests.begin(member=member, key="k1", fingerprint=PRINT)
            begun.set()
            done.wait(20)

    def waits():
        begun.wait(10)
        try:
            return answer_once(member)
        finally:
            done.set()

    _, refused = at_once(slow, waits)

    assert isinstance(refused, Busy)


def test_answers_are_kept_for_a_week(clock, now):
    for days in (6, 8):
        AnsweredRequest.objects.create(
            membership=MembershipFactory(), key=f"{days} days", fingerprint=PRINT, created_at=now - timedelta(days=days)
        )

    jobs.forget_answers(timestamp=0)

    assert AnsweredRequest.objects.get().key == "6 days"
