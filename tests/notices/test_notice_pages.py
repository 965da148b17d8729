"""The bell, the list, the preferences, and the link that stops mails."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AuditEvent
from notices import queries, stopping
from notices.kinds import Group
from notices.models import Notice
from notices.stopping import Stop
from tests.factories.accounts import LabMembershipFactory, MembershipFactory, OrganisationFactory, UserFactory
from tests.factories.notices import told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
LIST, PREFERENCES = "/my/notices/", "/my/notices/preferences/"
DEFAULTS = {"digest_hour": "8", "has_quiet_hours": "on", "quiet_from": "22", "quiet_until": "7"}


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def in_english(client: Client) -> Client:
    client.cookies["language"] = "en"
    return client


def notice_statements(client: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        client.get(path)
    return sum("notices_notice" in each["sql"] for each in asked)


def test_the_bell_counts_what_is_unread_in_one_statement_on_any_page(client_as):
    member = MembershipFactory()
    client = in_english(client_as(member))
    assert notice_statements(client, "/organisation/") == 1
    told(member), told(member)

    page = client.get("/organisation/").content.decode()

    assert 'aria-label="Notices: 2 unread"' in page
    assert notice_statements(client, "/organisation/") == 1


def test_nothing_is_counted_for_strangers_nor_for_a_part_of_a_page(client_as):
    member = MembershipFactory()
    with CaptureQueriesContext(connection) as asked:
        assert "/my/notices/" not in Client().get("/accounts/login/").content.decode()
    assert not [each for each in asked if "notices_notice" in each["sql"]]

    with CaptureQueriesContext(connection) as asked:
        client_as(member).get(LIST, headers={"HX-Request": "true"})
    assert not [each for each in asked if "LIMIT 100" in each["sql"]]


def test_more_than_ninety_nine_are_not_counted(client_as, monkeypatch):
    member = MembershipFactory()
    monkeypatch.setattr(queries, "MOST_COUNTED", 2)
    for _ in range(3):
        told(member)

    assert "99+" in client_as(member).get(LIST).content.decode()


def test_a_notice_leads_to_its_page_is_read_then_and_acts_for_whom_it_was_told(client_as):
    member = MembershipFactory()
    elsewhere = MembershipFactory(user=member.user, organisation=OrganisationFactory())
    (notice,) = told(elsewhere, link="/organisation/members/")
    client = client_as(member)

    answer = client.post(reverse("notices:follow", args=[notice.pk]))

    assert (answer.status_code, answer.headers["Location"]) == (302, "/organisation/members/")
    assert client.session["acting"] == elsewhere.pk
    assert Notice.objects.get().is_read


def test_asking_for_a_notice_changes_nothing(client_as):
    member = MembershipFactory()
    (notice,) = told(member)

    assert client_as(member).get(reverse("notices:follow", args=[notice.pk])).status_code == 405
    assert not Notice.objects.get().is_read


def test_a_colleagues_notice_is_not_there_nor_one_of_an_organisation_that_was_left(client_as):
    member = MembershipFactory()
    colleague = MembershipFactory(organisation=member.organisation)
    (notice,) = told(member)
    client = client_as(member)

    assert client_as(colleague).post(reverse("notices:read", args=[notice.pk])).status_code == 404
    assert "已变更" in client.get(LIST).content.decode()
    member.is_active = False
    member.save()
    assert client.post(reverse("notices:follow", args=[notice.pk])).status_code == 404
    assert "已变更" not in client.get(LIST).content.decode()


def test_the_list_is_filtered_by_what_is_unread_and_by_group_and_says_when_nothing_is_like_that(client_as):
    member = MembershipFactory()
    (read,), _ = told(member, link="/read/"), told(member, kind="rental_rejected")
    client = in_english(client_as(member))
    client.post(reverse("notices:read", args=[read.pk]))

    unread = text_of(client.get(LIST, {"state": "unread"}))
    desk = text_of(client.get(LIST, {"group": "desk"}))
    both = text_of(client.get(LIST, {"state": "read", "group": "organisation"}))

    assert ("Declined" in unread, "Your role" in unread) == (True, False)
    assert ("No notice is like that" in desk, "Show all" in desk) == (True, True)
    assert ("Declined" in both, "Your role" in both) == (False, True)


def test_an_empty_list_says_what_will_stand_there(client_as):
    page = text_of(in_english(client_as(MembershipFactory())).get(LIST))

    assert "No notices yet" in page
    assert "Mark all as read" not in page


def test_all_that_is_shown_is_marked_as_read_at_once_and_the_filter_stays(client_as):
    member = MembershipFactory()
    told(member), told(member), told(member, kind="rental_rejected")
    client = in_english(client_as(member))

    answer = client.post(reverse("notices:read_all") + "?group=organisation", follow=True)

    assert answer.redirect_chain == [(f"{LIST}?group=organisation", 302)]
    assert "2 notices are marked as read." in text_of(answer)
    assert Notice.objects.unread().count() == 1


def test_the_list_has_pages_and_asks_as_many_statements_for_three_as_for_one(client_as, django_assert_num_queries):
    member = MembershipFactory()
    told(member)
    client = client_as(member)
    with CaptureQueriesContext(connection) as one:
        client.get(LIST)
    told(member), told(member)

    with django_assert_num_queries(len(one)):
        client.get(LIST)
    for _ in range(30):
        told(member)
    assert "page=2" in client.get(LIST, {"state": "unread"}).content.decode()
    assert client.get(LIST, {"state": "unread", "page": "2"}).content.decode().count('class="list-group-item') == 3


def test_a_person_without_an_organisation_has_a_list_and_preferences_too():
    client = Client()
    client.force_login(UserFactory(), "django.contrib.auth.backends.ModelBackend")

    assert [client.get(path).status_code for path in (LIST, PREFERENCES)] == [200, 200]


def test_the_desks_groups_are_offered_to_who_works_at_one(client_as):
    buyer, operator = MembershipFactory(), LabMembershipFactory(role="lab_operator")

    assert 'name="mail_desk"' not in client_as(buyer).get(PREFERENCES).content.decode()
    assert 'name="mail_desk"' in client_as(operator).get(PREFERENCES).content.decode()


def test_choices_are_saved_announced_and_shown_again(client_as):
    member = MembershipFactory()
    client = in_english(client_as(member))
    wanted = {**DEFAULTS, "mail_bookings": "digest", "mail_organisation": "", "digest_hour": "17", "quiet_from": "20"}

    answer = client.post(PREFERENCES, wanted, follow=True)

    assert "Your choice is saved." in text_of(answer)
    assert re.search(r'<option value="digest" selected>', answer.content.decode())
    found = queries.wanted_by(member.user)
    assert (found.mail, found.digest_hour, found.quiet) == ({"bookings": "digest"}, 17, (20, 7))
    event = AuditEvent.objects.get(name="notice_preferences_changed")
    assert event.facts == {"user_id": member.user_id, "changed": ["bookings", "digest_hour", "quiet_hours"]}


def test_what_is_saved_unchanged_is_not_announced_and_a_recommended_way_takes_a_choice_back(client_as):
    member = MembershipFactory()
    client = client_as(member)
    client.post(PREFERENCES, DEFAULTS)
    assert not AuditEvent.objects.exists()

    client.post(PREFERENCES, {**DEFAULTS, "mail_bookings": "never"})
    client.post(PREFERENCES, DEFAULTS)

    assert queries.wanted_by(member.user).mail == {}
    assert AuditEvent.objects.count() == 2


def test_quiet_hours_can_be_left_out(client_as):
    member = MembershipFactory()
    wanted = {key: value for key, value in DEFAULTS.items() if key != "has_quiet_hours"}

    client_as(member).post(PREFERENCES, wanted)

    assert queries.wanted_by(member.user).quiet is None


@pytest.mark.parametrize(
    "wrong", [{"quiet_until": "22"}, {"digest_hour": "24"}, {"mail_bookings": "hourly"}, {"quiet_from": ""}]
)
def test_what_cannot_be_chosen_is_refused_with_its_field(wrong: dict[str, str], client_as):
    member = MembershipFactory()

    answer = client_as(member).post(PREFERENCES, {**DEFAULTS, **wrong})

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == ({"quiet_until"} if "quiet_until" in wrong else set(wrong))
    assert queries.wanted_by(member.user).mail == {}


def test_the_link_in_a_mail_asks_first_and_stops_then_without_log_in():
    member = MembershipFactory()
    path = stopping.path_of(Stop(member.user_id, (Group.BOOKINGS, Group.DESK)))
    client = in_english(Client())

    asked = client.get(path)
    assert "Shall we stop" in text_of(asked)
    assert queries.wanted_by(member.user).mail == {}
    done = client.post(path)

    assert "these mails have stopped" in text_of(done)
    assert queries.wanted_by(member.user).mail == {"bookings": "never", "desk": "never"}
    assert AuditEvent.objects.get().facts["changed"] == ["bookings", "desk"]


def test_a_mail_program_stops_mails_by_one_click():
    """RFC 8058: a POST from anywhere, with no cookie and no token of a form."""
    member = MembershipFactory()
    path = stopping.path_of(Stop(member.user_id, (Group.BOOKINGS,)))
    program = Client(enforce_csrf_checks=True)

    answers = [program.post(path, {"List-Unsubscribe": "One-Click"}).status_code for _ in range(2)]

    assert answers == [200, 200]
    assert queries.wanted_by(member.user).mail == {"bookings": "never"}


def test_a_link_that_was_changed_stops_nothing():
    member = MembershipFactory()
    text = stopping.path_of(Stop(member.user_id, (Group.BOOKINGS,))).split("/")[-2]

    answers = [Client().post(reverse("notices:stop", args=[each])).status_code for each in (text[:-1], "x" + text)]

    assert answers == [404, 404]
    assert queries.wanted_by(member.user).mail == {}
