"""The page on which a person makes, replaces and revokes a calendar link."""

import re
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.conf import settings

from bookings.models import FeedToken
from tests.factories.accounts import MembershipFactory
from tests.factories.bookings import buyer, confirmed
from tests.factories.calendars import events, feed_path, fetch

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PAGE, ISSUE, REVOKE = "/my/calendars/", "/my/calendars/issue/", "/my/calendars/revoke/"
LINK = re.compile(re.escape(settings.PLATFORM_URL) + r"(/cal/[\w-]{43}\.ics)")


def english(client):
    """A reader who chose English."""
    client.cookies.load({"language": "en"})
    return client


def test_the_link_is_shown_when_it_is_made_and_opens_the_persons_bookings(client_as):
    by = buyer()
    rental = confirmed(by=by)
    client = english(client_as(by))

    made = client.post(ISSUE, {"acting": by.pk}).content.decode()

    (path,) = set(LINK.findall(made))
    assert f'href="webcal://{settings.PLATFORM_URL.partition("://")[2]}{path}"' in made
    assert [event["UID"] for event in events(fetch(path).content)] == [f"{rental.uuid}@gongheng.example"]


def test_the_link_is_shown_once(client_as):
    by = buyer()
    client = english(client_as(by))

    made = client.post(ISSUE, {"acting": by.pk})
    later = client.get(PAGE)

    assert "no-store" in made["Cache-Control"]
    assert LINK.findall(made.content.decode()) != []
    assert LINK.findall(later.content.decode()) == []
    assert "Replace the link" in client.get(PAGE).content.decode()


def test_the_code_to_scan_has_no_style_that_the_browser_would_refuse(client_as):
    by = buyer()

    made = english(client_as(by)).post(ISSUE, {"acting": by.pk}).content.decode()

    (drawing,) = re.findall(r'<svg[^>]* class="qr-code".*?</svg>', made)
    assert "style=" not in drawing
    assert "<path" in drawing


def test_replacing_ends_the_link_before_and_says_so(client_as):
    by = buyer()
    client = english(client_as(by))
    (first,) = set(LINK.findall(client.post(ISSUE, {"acting": by.pk}).content.decode()))

    again = client.post(ISSUE, {"acting": by.pk}).content.decode()

    (second,) = set(LINK.findall(again))
    assert "no longer works" in again
    assert [fetch(first).status_code, fetch(second).status_code] == [HTTPStatus.NOT_FOUND, HTTPStatus.OK]


def test_revoking_ends_the_link(client_as):
    by = buyer()
    path = feed_path(by)

    response = english(client_as(by)).post(REVOKE, {"acting": by.pk})

    assert (response.status_code, response.url) == (HTTPStatus.FOUND, PAGE)
    assert fetch(path).status_code == HTTPStatus.NOT_FOUND


def test_revoking_what_is_not_there_is_refused_in_words(client_as):
    by = buyer()

    page = english(client_as(by)).post(REVOKE, {"acting": by.pk}, follow=True)

    assert "There is no calendar link to revoke." in page.content.decode()


def test_the_page_tells_when_a_calendar_last_asked(client_as, clock, now):
    by = buyer()
    path = feed_path(by)
    client = english(client_as(by))
    assert "not yet" in client.get(PAGE).content.decode()

    clock.move_to(now + timedelta(hours=3))
    fetch(path)

    assert "2026-11-23 Mon 12:00 (UTC+8)" in client.get(PAGE).content.decode()


def test_a_link_is_made_for_the_organisation_the_form_was_shown_for(client_as):
    first = buyer()
    second = MembershipFactory(user=first.user)

    client_as(first).post(ISSUE, {"acting": second.pk})

    assert [feed.membership for feed in FeedToken.objects.all()] == [second]


@pytest.mark.parametrize(("method", "path"), [("get", PAGE), ("post", ISSUE), ("post", REVOKE)])
def test_who_is_not_signed_in_is_asked_to(client_as, method: str, path: str):
    response = getattr(client_as(None), method)(path)

    assert response.status_code == HTTPStatus.FOUND
    assert response.url.startswith("/accounts/login/")
    assert not FeedToken.objects.exists()


@pytest.mark.parametrize("path", [ISSUE, REVOKE])
def test_links_change_by_posting_only(client_as, path: str):
    assert client_as(buyer()).get(path).status_code == HTTPStatus.METHOD_NOT_ALLOWED
