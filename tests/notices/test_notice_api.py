"""Notices for programs: a token sees those of its member, and needs its scope."""

import pytest
from drf_spectacular.generators import SchemaGenerator

from notices.api import A_NOTICE, PREFERENCES
from notices.models import Notice
from tests.factories.accounts import MembershipFactory
from tests.factories.notices import told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
LIST, OF_PERSON = "/api/v1/notices/", "/api/v1/notices/preferences/"


def test_a_program_reads_what_its_member_is_told_and_not_what_they_are_told_elsewhere(api_as):
    member = MembershipFactory()
    elsewhere = MembershipFactory(user=member.user)
    (notice,), _ = told(member, about="organisation:1"), told(elsewhere)

    answer = api_as(member, ("notices:read",)).get(LIST, headers={"Accept-Language": "en"})

    assert answer.json()["results"] == [
        {
            "id": notice.pk,
            "kind": "role_changed",
            "group": "organisation",
            "text": f"Your role in {member.organisation.name_en} has changed.",
            "link": "/organisation/",
            "about": "organisation:1",
            "organisation": member.organisation.code,
            "is_urgent": False,
            "occurred_at": "2026-11-23T09:00:00+08:00",
            "read_at": None,
        }
    ]


def test_the_examples_of_the_documentation_are_what_is_answered(api_as):
    member = MembershipFactory()
    told(member)
    client = api_as(member)

    assert set(client.get(LIST).json()["results"][0]) == set(A_NOTICE)
    assert set(client.get(OF_PERSON).json()) == set(PREFERENCES)
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    asked = paths[OF_PERSON]["patch"]["requestBody"]["content"]["application/json"]["examples"]
    answers = [client.patch(OF_PERSON, each["value"], format="json").status_code for each in asked.values()]
    assert answers == [200, 200]


def test_the_list_is_filtered_and_asks_as_many_statements_for_three_as_for_one(api_as, django_assert_num_queries):
    member = MembershipFactory()
    told(member)
    client = api_as(member)
    client.get(LIST)  # the first use of a token is noted
    with django_assert_num_queries(3):  # who, how many, which
        client.get(LIST)
    told(member, kind="rental_rejected"), told(member)
    with django_assert_num_queries(3):
        client.get(LIST)

    assert client.get(LIST, {"group": "bookings"}).json()["count"] == 1
    assert client.get(LIST, {"state": "read"}).json()["count"] == 0
    assert client.get(LIST, {"group": "weather"}).status_code == 400


def test_a_notice_is_read_once_and_stays_as_it_was(api_as, clock):
    member = MembershipFactory()
    (notice,) = told(member)
    client = api_as(member, ("notices:write",))

    first = client.post(f"{LIST}{notice.pk}/read/")
    clock.shift(3600)
    again = client.post(f"{LIST}{notice.pk}/read/")

    assert (first.status_code, first.json()["read_at"]) == (200, "2026-11-23T09:00:00+08:00")
    assert again.json() == first.json()


def test_all_of_the_members_notices_are_read_at_once(api_as):
    member = MembershipFactory()
    elsewhere = MembershipFactory(user=member.user)
    told(member), told(member), told(elsewhere)

    assert api_as(member).post(f"{LIST}read/").json() == {"marked": 2}
    assert Notice.objects.unread().count() == 1


def test_a_colleagues_notice_is_not_there(api_as):
    member = MembershipFactory()
    colleague = MembershipFactory(organisation=member.organisation)
    (notice,) = told(colleague)

    answer = api_as(member).post(f"{LIST}{notice.pk}/read/")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not Notice.objects.get(pk=notice.pk).is_read


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [("get", LIST, "notices:read"), ("post", f"{LIST}read/", "notices:write"), ("patch", OF_PERSON, "notices:write")],
)
def test_a_token_needs_the_scope(method: str, path: str, scope: str, api_as):
    scopes = {"notices:read": ("notices:write",), "notices:write": ("notices:read",)}[scope]

    answer = getattr(api_as(MembershipFactory(), scopes), method)(path, {}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_a_program_changes_only_what_it_names(api_as):
    member = MembershipFactory()
    client = api_as(member)
    client.patch(OF_PERSON, {"mail": {"desk": "digest", "bookings": "never"}}, format="json")

    changed = client.patch(OF_PERSON, {"mail": {"desk": None}, "digest_hour": 17}, format="json").json()

    groups = ("bookings", "approvals", "waitlist", "desk", "organisation", "certificates")
    assert changed == {
        "mail": {**dict.fromkeys(groups), "bookings": "never"},
        "digest_hour": 17,
        "quiet_from": 22,
        "quiet_until": 7,
        "timezone": "Asia/Shanghai",
    }
    assert client.get(OF_PERSON).json() == changed


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"mail": {"weather": "never"}}, 422, "notice_group_unknown"),
        ({"mail": {"desk": "hourly"}}, 400, "invalid"),
        ({"digest_hour": 24}, 400, "invalid"),
        ({"quiet_from": 9, "quiet_until": 9}, 422, "quiet_hours_empty"),
        ({"quiet_from": 9}, 400, "invalid"),
        ({"quiet_from": 9, "quiet_until": None}, 400, "invalid"),
    ],
)
def test_what_cannot_be_chosen_is_refused(asked: dict[str, object], status: int, code: str, api_as):
    answer = api_as(MembershipFactory()).patch(OF_PERSON, asked, format="json")

    assert (answer.status_code, answer.json()["code"]) == (status, code)
