"""Who a program acts as, for which organisation, and the check of a credit code."""

import pytest

from tests.factories.accounts import DistrictFactory, MembershipFactory, credit_code

pytestmark = pytest.mark.django_db
ME, ORGANISATION = "/api/v1/me/", "/api/v1/organisation/"
CHECK = "/api/v1/organisation/check-credit-code/"


def test_a_program_learns_whom_it_acts_for(api_as):
    member = MembershipFactory(user__language="en")
    MembershipFactory(user=member.user)

    answer = api_as(member, scopes=("rentals:read",)).get(ME)

    acting = {
        "id": member.pk,
        "organisation": member.organisation.code,
        "organisation_name": member.organisation.name_en,
        "role": "buyer",
        "may_book": True,
        "may_operate_lab": False,
    }
    assert answer.json() == {
        "email": member.user.email,
        "name": member.user.name,
        "language": "en",
        "timezone": "Asia/Shanghai",
        "acting": acting,
        "memberships": [acting],
        "scopes": ["rentals:read"],
    }


def test_a_session_knows_all_memberships(client_as):
    member = MembershipFactory()
    other = MembershipFactory(user=member.user)

    told = client_as(other).get(ME).json()

    assert told["acting"]["id"] == other.pk
    assert [each["id"] for each in told["memberships"]] == [member.pk, other.pk]
    assert told["scopes"] is None


def test_a_stranger_is_nobody(api_as):
    for address in (ME, ORGANISATION):
        answer = api_as(None).get(address)

        assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/problem+json")


@pytest.mark.parametrize(("role", "sees"), [("owner", True), ("finance", True), ("buyer", False)])
def test_the_organisation_acted_for_is_told(api_as, role: str, sees: bool):
    member = MembershipFactory(role=role, organisation__bank_account="6200 1", organisation__district=DistrictFactory())

    told = api_as(member).get(ORGANISATION).json()

    assert (told["code"], told["uscc"], told["is_sme"], told["district"]) == (
        member.organisation.code,
        member.organisation.uscc,
        True,
        "440106",
    )
    assert told["bank_account"] == ("6200 1" if sees else None)


def test_a_token_needs_the_scope(api_as):
    answer = api_as(MembershipFactory(), scopes=("catalogue:read",)).get(ORGANISATION)

    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_a_right_code_is_told_as_it_is_kept(api_as):
    code = credit_code(2_000_001)

    answer = api_as(MembershipFactory()).post(CHECK, {"credit_code": f" {code[:8]}-{code[8:].lower()}"}, format="json")

    assert answer.json() == {
        "credit_code": code,
        "is_right": True,
        "flaws": [],
        "organisation_code_is_odd": False,
    }


def test_every_flaw_of_a_code_is_told_with_its_position(api_as):
    told = api_as(MembershipFactory()).post(CHECK, {"credit_code": "9I110O"}, format="json").json()

    assert [(flaw["code"], flaw["position"], flaw["character"]) for flaw in told["flaws"]] == [
        ("credit_code_character", 2, "I"),
        ("credit_code_character", 6, "O"),
        ("credit_code_length", 0, ""),
    ]


@pytest.mark.parametrize("body", [{}, {"credit_code": None}, {"credit_code": ["x"]}, {"credit_code": "9" * 61}])
def test_a_request_without_a_code_is_not_understood(api_as, body: dict[str, object]):
    answer = api_as(MembershipFactory()).post(CHECK, body, format="json")

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "credit_code")
