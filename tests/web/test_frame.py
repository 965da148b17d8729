"""The frame around every page: health, language, the organisation acted for."""

import pytest
from django.test import Client

from tests.factories.accounts import LabMembershipFactory, MembershipFactory

pytestmark = pytest.mark.django_db


def test_health_is_told_when_the_database_answers(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_a_page_is_chinese_unless_a_person_chooses_otherwise(client: Client) -> None:
    assert client.get("/").headers["Content-Language"] == "zh-hans"

    client.post("/language/", {"language": "en", "next": "/"})

    assert client.get("/").headers["Content-Language"] == "en"


def test_a_language_nobody_speaks_here_is_refused(client: Client) -> None:
    assert client.post("/language/", {"language": "tlh"}).status_code == 400


@pytest.mark.parametrize(
    ("header", "language"), [("en-GB,en;q=0.8", "en"), ("en-US,en;q=0.9,zh-CN;q=0.8", "zh-hans"), ("fr", "zh-hans")]
)
def test_a_browser_is_answered_in_english_only_when_it_names_no_chinese(
    client: Client, header: str, language: str
) -> None:
    assert client.get("/", headers={"accept-language": header}).headers["Content-Language"] == language


def test_a_signed_in_person_reads_the_language_of_their_profile(client_as) -> None:
    member = MembershipFactory(user__language="en")

    assert client_as(member).get("/").headers["Content-Language"] == "en"


def test_a_page_never_leads_away_from_the_platform(client: Client) -> None:
    answer = client.post("/language/", {"language": "en", "next": "https://elsewhere.example/"})

    assert answer.headers["Location"] == "/"


def test_a_person_switches_to_another_of_their_organisations(client_as) -> None:
    first = MembershipFactory()
    second = LabMembershipFactory(user=first.user)
    client = client_as(first)

    client.post("/acting/", {"acting": second.pk, "next": "/my/"})

    assert client.session["acting"] == second.pk


def test_a_form_acts_for_the_organisation_it_was_shown_for_even_after_a_switch(client_as) -> None:
    first = MembershipFactory()
    second = MembershipFactory(user=first.user)
    client = client_as(second)

    answer = client.post("/language/", {"language": "en", "acting": first.pk})

    assert answer.wsgi_request.member == first


def test_nobody_acts_as_somebody_else(client_as) -> None:
    client = client_as(MembershipFactory())

    answer = client.post("/acting/", {"acting": MembershipFactory().pk})

    assert answer.status_code == 403


def test_the_header_of_htmx_says_who_acts(client_as) -> None:
    first = MembershipFactory()
    second = MembershipFactory(user=first.user)

    answer = client_as(first).get("/", headers={"X-Acting": str(second.pk)})

    assert answer.wsgi_request.member == second


def test_a_membership_that_ended_acts_no_more(client_as) -> None:
    member = MembershipFactory()
    client = client_as(member)
    member.is_active = False
    member.save()

    assert client.get("/").wsgi_request.member is None


def test_switching_needs_a_log_in(client: Client) -> None:
    answer = client.post("/acting/", {"acting": 1})

    assert answer.headers["Location"].startswith("/accounts/login/")
