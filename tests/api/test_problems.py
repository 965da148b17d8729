"""Whatever goes wrong is told to programs in one shape, in their language."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from rest_framework.test import APIClient

from tests.factories.accounts import ApiTokenFactory, MembershipFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.endpoints")]
PROBLEM = "application/problem+json"


def told(answer: Any) -> tuple[int, str, str]:
    """Return the essence of a problem, once its shape is checked."""
    assert answer.headers["Content-Type"].split(";")[0] == PROBLEM
    body = answer.json()
    assert {"type", "title", "status", "code", "detail"} <= set(body)
    assert body["status"] == answer.status_code
    assert body["type"] == f"urn:gongheng:problem:{body['code']}"
    return answer.status_code, body["code"], body["detail"]


def post(client: APIClient, body: Any, key: str = "k") -> Any:
    return client.post("/api/v1/districts/", body, format="json", headers={"Idempotency-Key": key})


def test_a_refusal_tells_its_code_its_sentence_its_remedy_and_its_facts(api_as) -> None:
    answer = post(api_as(MembershipFactory()), {"adcode": "440106", "how": "refused"})

    facts = {"place": "天河", "price": 12345}
    assert answer.json() == {
        "type": "urn:gongheng:problem:place_taken",
        "title": answer.json()["title"],
        "status": 409,
        "code": "place_taken",
        "detail": "天河 is taken.",
        "remedy": "Ask for a place other than 天河.",
        "facts": facts,
        "refusals": [
            {
                "code": "place_taken",
                "detail": "天河 is taken.",
                "remedy": "Ask for a place other than 天河.",
                "facts": facts,
            },
        ],
    }


def test_several_refusals_are_told_at_once_and_the_first_names_them(api_as) -> None:
    answer = post(api_as(MembershipFactory()), {"adcode": "440106", "how": "refused twice"})

    assert told(answer)[:2] == (422, "too_far")
    assert [each["code"] for each in answer.json()["refusals"]] == ["too_far", "place_taken"]


def test_a_refusal_may_say_what_to_do_instead(api_as) -> None:
    answer = post(api_as(MembershipFactory()), {"adcode": "440106", "how": "told"})

    assert (told(answer)[:2], answer.json()["alternatives"]) == ((409, "place_taken"), ["白云"])


def test_a_wrong_field_is_named(api_as) -> None:
    answer = post(api_as(MembershipFactory()), {"adcode": "44", "how": "well"})

    assert told(answer)[:2] == (400, "invalid")
    assert [(wrong["field"], wrong["code"]) for wrong in answer.json()["errors"]] == [("adcode", "invalid")]


def test_a_broken_body_is_a_problem(api_as) -> None:
    answer = api_as(MembershipFactory()).generic(
        "POST", "/api/v1/districts/", "{", content_type="application/json", headers={"Idempotency-Key": "k"}
    )

    assert told(answer)[:2] == (400, "parse_error")


def test_another_type_of_body_is_a_problem(api_as) -> None:
    answer = api_as(MembershipFactory()).generic(
        "POST", "/api/v1/districts/", "<a/>", content_type="text/xml", headers={"Idempotency-Key": "k"}
    )

    assert told(answer)[:2] == (415, "unsupported_media_type")


def test_without_a_token_one_is_asked_for_it(api_as) -> None:
    answer = post(api_as(None), {})

    assert told(answer)[:2] == (401, "not_authenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_unknown_token_is_refused_even_where_anyone_may_ask(api_as) -> None:
    client = api_as(None)
    client.credentials(HTTP_AUTHORIZATION="Bearer gh_nobody")

    assert told(client.get("/api/v1/split/"))[:2] == (401, "token_refused")


def test_a_revoked_token_is_refused(api_as, now) -> None:
    member = MembershipFactory()
    client = api_as(member)
    member.api_tokens.update(revoked_at=now)

    assert told(post(client, {}))[:2] == (401, "token_refused")


def test_a_role_that_does_not_allow_it_is_told_so(api_as) -> None:
    answer = post(api_as(MembershipFactory(role="viewer")), {"adcode": "440106"})

    assert told(answer)[:2] == (403, "permission_denied")


def test_a_token_acts_within_its_scopes_only(api_as) -> None:
    answer = post(api_as(MembershipFactory(), scopes=("catalogue:read",)), {"adcode": "440106"})

    assert told(answer)[:2] == (403, "scope_missing")


def test_each_method_may_have_its_own_rule_and_scope(api_as) -> None:
    reader = api_as(MembershipFactory(), scopes=("catalogue:read",))

    assert [reader.get("/api/v1/split/").status_code, reader.post("/api/v1/split/").status_code] == [200, 403]


def test_an_endpoint_without_a_declared_rule_lets_nobody_in(api_as) -> None:
    with pytest.raises(ImproperlyConfigured, match="declares no access rule"):
        api_as(MembershipFactory()).get("/api/v1/undeclared/")


def test_a_session_needs_the_csrf_token_and_the_answer_is_a_problem() -> None:
    member = MembershipFactory()
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(member.user, "django.contrib.auth.backends.ModelBackend")

    answer = post(client, {"adcode": "440106"})

    assert told(answer)[:2] == (403, "permission_denied")


def test_a_session_acts_as_its_member(client_as) -> None:
    member = MembershipFactory()

    assert client_as(member).get("/api/v1/split/").json() == {"member": member.pk}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v1/wrong/gone/", (404, "not_found")),
        ("/api/v1/nowhere/", (404, "not_found")),
        ("/api/v1/wrong/throttled/", (429, "throttled")),
        ("/api/v1/listed/?page=99", (404, "not_found")),
    ],
)
def test_what_is_not_there_is_a_problem(api_as, path: str, expected: tuple[int, str]) -> None:
    assert told(api_as(MembershipFactory()).get(path))[:2] == expected


def test_a_wrong_method_is_a_problem_that_says_which_are_right(api_as) -> None:
    answer = api_as(MembershipFactory()).delete("/api/v1/listed/")

    assert (told(answer)[:2], answer.headers["Allow"]) == ((405, "method_not_allowed"), "GET, HEAD, OPTIONS")


def test_a_fault_is_a_problem_that_tells_nothing_of_the_inside(client_as) -> None:
    client = client_as(MembershipFactory())
    client.raise_request_exception = False

    answer = client.get("/api/v1/wrong/broken/")

    assert told(answer)[:2] == (500, "fault")
    assert "a fault" not in answer.content.decode()


def test_a_program_is_answered_in_the_language_it_asks_for_else_in_its_persons(api_as) -> None:
    client = api_as(MembershipFactory(user__language="en"))
    own = client.get("/api/v1/wrong/gone/")
    asked = client.get("/api/v1/wrong/gone/", headers={"accept-language": "zh-CN"})

    assert [own.headers["Content-Language"], asked.headers["Content-Language"]] == ["en", "zh-hans"]


def test_lists_come_in_pages_with_a_bound(api_as) -> None:
    from accounts.models import District

    for number in range(3):
        District.objects.create(adcode=f"44010{number}", name_zh="区", lat=23, lon=113)

    answer = api_as(MembershipFactory()).get("/api/v1/listed/?page=2&page_size=2").json()

    assert (answer["count"], [row["adcode"] for row in answer["results"]]) == (3, ["440102"])


def test_asking_with_a_token_takes_one_statement(django_assert_num_queries, api_as, now, clock) -> None:
    member = MembershipFactory()
    client = api_as(member)
    client.get("/api/v1/split/")  # notes the use, once a minute

    with django_assert_num_queries(1):
        client.get("/api/v1/split/")


def test_tokens_of_the_factory_are_of_the_member() -> None:
    assert ApiTokenFactory().membership.may_book
