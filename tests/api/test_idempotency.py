"""The same request twice makes it once, whatever became of the first."""

import threading
from typing import Any

import pytest
from django.db import connections
from rest_framework.test import APIClient

from accounts.models import District
from api import idempotency
from audit.models import AnsweredRequest
from tests.api import endpoints
from tests.factories.accounts import MembershipFactory
from tests.factories.racing import wait_until_somebody_waits

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.endpoints")]
BODY = {"adcode": "440106"}


def post(client: APIClient, body: Any, key: str | None = "k") -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post("/api/v1/districts/", body, format="json", headers=headers)


def test_a_repeated_request_is_given_the_first_answer_and_makes_nothing_more(api_as) -> None:
    client = api_as(MembershipFactory())

    first, second = post(client, BODY), post(client, BODY)

    assert [first.status_code, second.status_code] == [201, 201]
    assert first.json() == second.json() == BODY
    assert [answer.headers.get("Idempotent-Replayed") for answer in (first, second)] == [None, "true"]
    assert second.headers["Location"] == first.headers["Location"]
    assert District.objects.filter(adcode="440106").count() == 1


def test_a_key_is_asked_for(api_as) -> None:
    answer = post(api_as(MembershipFactory()), BODY, key=None)

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")


@pytest.mark.parametrize("key", ["x" * 256, "a b"])
def test_a_key_has_a_shape(api_as, key: str) -> None:
    answer = post(api_as(MembershipFactory()), BODY, key=key)

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")


def test_a_key_names_one_request_only(api_as) -> None:
    client = api_as(MembershipFactory())
    post(client, BODY)

    answer = post(client, {"adcode": "440111"})

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert AnsweredRequest.objects.get().status == 201


def test_two_members_may_choose_the_same_key(api_as) -> None:
    answers = [post(api_as(MembershipFactory()), {"adcode": adcode}) for adcode in ("440106", "440111")]

    assert [answer.status_code for answer in answers] == [201, 201]


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(("how", "status"), [("refused", 409), ("refused twice", 422), ("told", 409)])
def test_a_refusal_is_kept_and_what_was_begun_is_undone(api_as, how: str, status: int, whole: bool) -> None:
    client = api_as(MembershipFactory())
    body = {**BODY, "how": how, "whole": whole}

    first, second = post(client, body), post(client, body)

    assert [first.status_code, second.status_code] == [status, status]
    assert first.json() == second.json()
    assert second.headers["Content-Type"] == "application/problem+json"
    assert second.headers["Idempotent-Replayed"] == "true"
    assert not District.objects.filter(adcode="440106").exists()


def test_a_refusal_that_undid_the_whole_request_gives_way_to_a_twin_answered_meanwhile(api_as, monkeypatch) -> None:
    member = MembershipFactory()
    body = {**BODY, "how": "refused", "whole": True}
    undone = idempotency._refused_and_undone

    def after_the_twin(*args: Any) -> Any:
        monkeypatch.setattr(idempotency, "_refused_and_undone", undone)
        answers.append(post(api_as(member), body))
        return undone(*args)

    answers: list[Any] = []
    monkeypatch.setattr(idempotency, "_refused_and_undone", after_the_twin)
    answers.append(post(api_as(member), body))

    assert [answer.status_code for answer in answers] == [409, 409]
    assert [answer.headers.get("Idempotent-Replayed") for answer in answers] == [None, "true"]


def test_a_wrong_field_is_answered_the_same_twice(api_as) -> None:
    client = api_as(MembershipFactory())

    answers = [post(client, {"adcode": "4"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[1].headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("whole", [False, True])
def test_when_the_platform_is_busy_nothing_is_kept_and_the_request_may_be_sent_again(api_as, whole: bool) -> None:
    client = api_as(MembershipFactory())

    answer = post(client, {**BODY, "how": "busy", "whole": whole})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert not AnsweredRequest.objects.exists()
    assert not District.objects.filter(adcode="440106").exists()


def test_a_fault_leaves_nothing_behind(api_as) -> None:
    client = api_as(MembershipFactory())

    with pytest.raises(RuntimeError):
        post(client, {**BODY, "how": "broken"})

    assert not AnsweredRequest.objects.exists()
    assert not District.objects.filter(adcode="440106").exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_twins_at_once_one_acts_and_both_are_given_its_answer(api_as) -> None:
    member = MembershipFactory()
    clients = [api_as(member), api_as(member)]
    endpoints.ENTERED.clear()
    endpoints.GO_ON.clear()
    answers: list[Any] = []

    def ask(client: APIClient) -> None:
        try:
            answers.append(post(client, {**BODY, "how": "slowly"}))
        finally:
            connections.close_all()

    first, second = (threading.Thread(target=ask, args=[client]) for client in clients)
    first.start()
    assert endpoints.ENTERED.wait(10)
    second.start()
    wait_until_somebody_waits()
    endpoints.GO_ON.set()
    first.join(10)
    second.join(10)

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert sorted(answer.headers.get("Idempotent-Replayed", "") for answer in answers) == ["", "true"]
    assert District.objects.filter(adcode="440106").count() == 1
