"""What calendar programs get over HTTP (CA-1, CA-2)."""

import gzip
import logging
from datetime import datetime, timedelta
from http import HTTPStatus

import httpx
import pytest
from django.conf import settings
from django.test import Client
from django.utils.http import http_date, parse_http_date

from accounts.memberships import operations as memberships
from accounts.models import Membership
from bookings.calendars import operations as calendars
from bookings.calendars import queries
from bookings.models import FeedToken
from bookings.rentals import operations as rentals
from tests.factories.accounts import MembershipFactory
from tests.factories.bookings import buyer, confirmed, held, hours
from tests.factories.calendars import events, feed_path, fetch
from tests.factories.labs import InstrumentFactory
from web import logs

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_a_feed_answers_without_log_in_and_tells_what_it_is(now: datetime):
    rental = confirmed()
    path = feed_path(Membership.objects.get(user=rental.placed_by))

    response = fetch(path)

    assert response.status_code == HTTPStatus.OK
    assert [event["UID"] for event in events(response.content)] == [f"{rental.uuid}@gongheng.example"]
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Cache-Control"] == "private, max-age=300"
    assert response["Last-Modified"] == http_date(now.timestamp())
    assert response["ETag"].startswith('"')
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex"
    assert int(response["Content-Length"]) == len(response.content)
    assert not response.cookies


def test_a_feed_names_the_address_it_is_fetched_at():
    path = feed_path(buyer())

    assert f"SOURCE;VALUE=URI:{settings.PLATFORM_URL}{path}".encode() in fetch(path).content.replace(b"\r\n ", b"")


@pytest.mark.parametrize("token", ["nothing", "x" * 43, "T-0001-AAAA", "实验室", "a%2Fb"])
def test_an_unknown_token_gets_an_empty_404_and_is_sent_nowhere(token: str):
    response = fetch(f"/cal/{token}.ics")

    assert (response.status_code, response.content) == (HTTPStatus.NOT_FOUND, b"")
    assert (response["Referrer-Policy"], response["X-Robots-Tag"]) == ("no-referrer", "noindex")
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies


def test_replacing_a_link_ends_the_one_before_at_once():
    by = buyer()
    first = feed_path(by)
    assert fetch(first).status_code == HTTPStatus.OK

    second = feed_path(by)

    assert fetch(first).status_code == HTTPStatus.NOT_FOUND
    assert fetch(second).status_code == HTTPStatus.OK


def test_a_revoked_link_answers_no_more_even_to_who_has_the_calendar(now: datetime):
    by = buyer()
    path = feed_path(by)
    etag = fetch(path)["ETag"]

    calendars.revoke_feed(by=by, now=now)

    assert fetch(path, if_none_match=etag).status_code == HTTPStatus.NOT_FOUND


def test_a_link_ends_with_the_membership_and_does_not_come_back_with_it(now: datetime):
    owner = MembershipFactory(role="owner")
    member = MembershipFactory(organisation=owner.organisation)
    path = feed_path(member)

    memberships.remove(membership=member, by=owner, now=now)
    assert fetch(path).status_code == HTTPStatus.NOT_FOUND

    Membership.objects.filter(pk=member.pk).update(is_active=True)
    assert fetch(path).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("lost", [{"is_active": False}, {"user__is_active": False}])
def test_a_membership_that_does_not_hold_opens_nothing(lost: dict[str, bool]):
    member = buyer()
    path = feed_path(member)

    if "is_active" in lost:
        Membership.objects.filter(pk=member.pk).update(is_active=False)
    else:
        type(member.user).objects.filter(pk=member.user_id).update(is_active=False)

    assert fetch(path).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_feed_is_only_read(method: str):
    path = feed_path(buyer())

    response = getattr(Client(enforce_csrf_checks=True), method)(path)

    assert (response.status_code, response["Allow"]) == (HTTPStatus.METHOD_NOT_ALLOWED, "GET, HEAD")


def test_of_a_token_only_the_hash_is_kept():
    token = feed_path(buyer()).removeprefix("/cal/").removesuffix(".ics")

    (row,) = FeedToken.objects.values()

    assert len(token) == 43  # 256 bits
    assert len(row["token_hash"]) == 64
    assert token not in str(row)


def test_a_client_that_has_the_calendar_is_told_so_without_a_body():
    path = feed_path(buyer())
    first = fetch(path)

    again = fetch(path, if_none_match=first["ETag"])

    assert (again.status_code, again.content) == (HTTPStatus.NOT_MODIFIED, b"")
    assert (again["ETag"], again["Last-Modified"]) == (first["ETag"], first["Last-Modified"])
    assert again["Cache-Control"] == "private, max-age=300"
    assert "Content-Type" not in again


@pytest.mark.parametrize(
    ("named", "status"),
    [("{etag}", 304), ("W/{etag}", 304), ('"other", {etag}', 304), ("*", 304), ('"other"', 200), ("nonsense", 200)],
)
def test_validators_are_compared_as_http_says(named: str, status: int):
    path = feed_path(buyer())
    etag = fetch(path)["ETag"]

    assert fetch(path, if_none_match=named.format(etag=etag)).status_code == status


def test_a_date_validates_only_where_no_etag_does(now: datetime):
    path = feed_path(buyer())
    modified = fetch(path)["Last-Modified"]

    assert fetch(path, if_modified_since=modified).status_code == HTTPStatus.NOT_MODIFIED
    assert fetch(path, if_modified_since=modified, if_none_match='"other"').status_code == HTTPStatus.OK
    earlier = http_date((now - timedelta(days=1)).timestamp())
    assert fetch(path, if_modified_since=earlier).status_code == HTTPStatus.OK


def test_head_tells_what_get_would_without_a_body():
    rental = confirmed()
    path = feed_path(Membership.objects.get(user=rental.placed_by))
    got = fetch(path)

    head = Client().head(path)

    assert (head.status_code, head.content) == (HTTPStatus.OK, b"")
    named = ("Content-Type", "Content-Length", "ETag", "Last-Modified", "Cache-Control", "Vary")
    assert {name: head[name] for name in named} == {name: got[name] for name in named}


def test_a_packed_calendar_is_the_same_calendar_with_a_validator_of_its_own():
    path = feed_path(buyer())
    plain = fetch(path)

    packed = fetch(path, accept_encoding="br, gzip")

    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert packed["ETag"] != plain["ETag"]
    assert "Accept-Encoding" in packed["Vary"]
    assert "Accept-Encoding" in plain["Vary"]
    assert "Content-Encoding" not in plain


def test_whichever_body_a_client_holds_is_still_good_while_it_takes_that_coding():
    path = feed_path(buyer())
    plain, packed = fetch(path)["ETag"], fetch(path, accept_encoding="gzip")["ETag"]

    held_packed = fetch(path, accept_encoding="gzip", if_none_match=packed)
    held_plain = fetch(path, accept_encoding="gzip", if_none_match=plain)
    cannot_unpack = fetch(path, if_none_match=packed)

    assert (held_packed.status_code, held_packed["ETag"]) == (HTTPStatus.NOT_MODIFIED, packed)
    assert (held_plain.status_code, held_plain["ETag"]) == (HTTPStatus.NOT_MODIFIED, plain)
    assert cannot_unpack.status_code == HTTPStatus.OK


@pytest.mark.parametrize(
    ("accepted", "is_packed"),
    [("gzip", True), ("GZIP;q=0.5", True), ("*", True), ("identity, *;q=0.1", True), ("gzip;q=0", False),
     ("gzip; q=0.000, *", False), ("br", False), ("", False)],
)  # fmt: skip
def test_packing_is_negotiated(accepted: str, is_packed: bool):
    response = fetch(feed_path(buyer()), accept_encoding=accepted)

    assert response.has_header("Content-Encoding") == is_packed


def test_a_hold_that_lapses_drops_out_and_changes_the_validators_though_no_row_changed(clock, now: datetime):
    by = buyer()
    rental = held(by=by)
    path = feed_path(by)
    before = fetch(path)
    assert [event["STATUS"] for event in events(before.content)] == ["TENTATIVE"]

    clock.move_to(rental.held_until)
    after = fetch(path, if_none_match=before["ETag"], if_modified_since=before["Last-Modified"])

    assert after.status_code == HTTPStatus.OK
    assert events(after.content) == []
    assert after["ETag"] != before["ETag"]
    assert after["Last-Modified"] == http_date(rental.held_until.timestamp())

    clock.move_to(rental.held_until + timedelta(minutes=5))
    rentals.expire_lapsed(now=rental.held_until + timedelta(minutes=5))
    assert fetch(path).content == after.content  # a job that writes it down changes nothing


def test_two_changes_within_one_second_have_two_dates():
    by = buyer()
    path = feed_path(by)
    first = fetch(path)
    confirmed(by=by)

    second = fetch(path)

    dates = [parse_http_date(answer["Last-Modified"]) for answer in (first, second)]
    assert dates[1] - dates[0] == 1
    assert fetch(path, if_modified_since=first["Last-Modified"]).status_code == HTTPStatus.OK


def test_a_feed_is_the_same_to_the_byte_all_day_and_in_every_language(clock, now: datetime):
    by = buyer()
    confirmed(by=by)
    path = feed_path(by)
    at_nine = fetch(path).content

    clock.move_to(now.replace(hour=15, minute=59, second=59))  # 23:59:59 in Guangzhou
    at_night = fetch(path, accept_language="en").content
    english = Client()
    english.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"

    assert at_night == at_nine
    assert english.get(path).content == at_nine


def test_use_is_noted_at_most_once_an_hour(clock, now: datetime, django_assert_num_queries):
    path = feed_path(buyer())
    fetch(path)
    assert FeedToken.objects.get().last_used_at == now

    clock.move_to(now + timedelta(minutes=59))
    with django_assert_num_queries(2):  # the feed, and that it has no bookings
        fetch(path)
    assert FeedToken.objects.get().last_used_at == now

    clock.move_to(now + timedelta(minutes=60))
    fetch(path)
    assert FeedToken.objects.get().last_used_at == now + timedelta(minutes=60)


@pytest.mark.parametrize("number", [1, 3])
def test_a_feed_of_one_booking_and_of_three_asks_the_database_alike(number: int, django_assert_num_queries):
    by = buyer()
    for position in range(number):
        confirmed(by=by, period=hours(position * 2, position * 2 + 1))
    path = feed_path(by)
    fetch(path)

    with django_assert_num_queries(4):
        assert len(events(fetch(path).content)) == number


def test_over_a_real_connection_the_same_holds(live_server):
    by = buyer()
    confirmed(by=by)
    url = live_server.url + feed_path(by)

    plain = httpx.get(url, headers={"Accept-Encoding": "identity"})
    packed = httpx.get(url, headers={"Accept-Encoding": "gzip"})
    head = httpx.head(url, headers={"Accept-Encoding": "identity"})
    unchanged = httpx.get(url, headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]})
    unknown = httpx.get(f"{live_server.url}/cal/nothing.ics")

    assert len(events(plain.content)) == 1
    assert packed.content == plain.content  # unpacked by the client
    assert packed.headers["Content-Encoding"] == "gzip"
    assert (head.content, head.headers["Content-Length"]) == (b"", str(len(plain.content)))
    assert (unchanged.status_code, unchanged.content) == (HTTPStatus.NOT_MODIFIED, b"")
    assert (unknown.status_code, unknown.content, unknown.headers.get("Set-Cookie")) == (404, b"", None)


def test_no_log_line_holds_the_token_of_a_feed_whatever_becomes_of_the_request(caplog, monkeypatch):
    public = queries.busy_feed_url(InstrumentFactory()).removeprefix(settings.PLATFORM_URL)
    private = feed_path(buyer())
    client = Client(raise_request_exception=False)

    with caplog.at_level(logging.DEBUG):
        fetch(private)
        fetch(public)
        fetch(private.replace("/cal/", "/cal/x"))
        monkeypatch.setattr(queries, "calendar_of", lambda *args, **kwargs: 1 / 0)
        answers = [client.get(private).status_code, client.get(public).status_code]

    formatter = logs.formatter(readable=False)
    written = "\n".join(formatter.format(record) for record in caplog.records)
    assert answers == [HTTPStatus.INTERNAL_SERVER_ERROR] * 2
    assert written.count("ZeroDivisionError: division by zero") == 2
    assert private[5:40] not in written
    assert public[-40:-4] not in written
