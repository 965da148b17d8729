"""The organisation's rentals on a calendar of the platform, and the same as a list."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import Membership
from bookings.rentals.diaries import stretch
from tests.factories.accounts import MembershipFactory
from tests.factories.bookings import buyer, confirmed, held, hours
from tests.factories.labs import InstrumentFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

EVENTS = "/my/calendar/events/"


def drawn(client: Any, **query: Any) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = client.get(EVENTS, query).json()["events"]
    return events


def viewer_of(member: Membership) -> Membership:
    return MembershipFactory(organisation=member.organisation, role="viewer")


@pytest.mark.parametrize(
    ("view", "first", "last", "earlier", "later"),
    [
        ("day", "2026-11-25", "2026-11-25", "2026-11-24", "2026-11-26"),
        ("week", "2026-11-23", "2026-11-29", "2026-11-18", "2026-12-02"),
        ("month", "2026-10-26", "2026-12-06", "2026-10-01", "2026-12-01"),
        ("nonsense", "2026-11-23", "2026-11-29", "2026-11-18", "2026-12-02"),
    ],
)
def test_a_view_draws_whole_days_and_turns_by_its_own_length(
    view: str, first: str, last: str, earlier: str, later: str
) -> None:
    shown = stretch(view, date(2026, 11, 25))

    assert [str(day) for day in (shown.first, shown.last, shown.earlier, shown.later)] == [first, last, earlier, later]


def test_rentals_of_the_days_shown_are_drawn_on_the_organisations_clock(client_as: Any) -> None:
    member = buyer()
    rental = confirmed(by=member, period=hours(48, 50))
    confirmed(by=member, period=hours(9 * 24, 9 * 24 + 2))
    confirmed(period=hours(48, 50))

    (event,) = drawn(client_as(member), view="week", **{"from": "2026-11-25"})

    assert (event["id"], event["start"], event["end"]) == (rental.number, "2026-11-26T09:00:00", "2026-11-26T11:00:00")
    assert (event["state"], event["said"], event["movable"]) == ("confirmed", "confirmed", True)


def test_what_may_not_be_moved_any_more_cannot_be_dragged(client_as: Any) -> None:
    member = buyer()
    confirmed(by=member, period=hours(-0.5, 1))
    held(by=member, period=hours(48, 50))
    client = client_as(member)

    assert [event["movable"] for event in drawn(client)] == [False, False]


def test_a_viewer_drags_nothing(client_as: Any) -> None:
    member = buyer()
    confirmed(by=member, period=hours(48, 50))

    assert [event["movable"] for event in drawn(client_as(viewer_of(member)))] == [False]


def test_what_lapsed_or_was_called_off_is_not_drawn(client_as: Any, clock: Any) -> None:
    member = buyer()
    held(by=member)
    client = client_as(member)
    clock.shift(timedelta(minutes=31))

    assert drawn(client) == []


def test_the_page_says_the_same_as_a_list_and_what_to_do_where_there_is_nothing(client_as: Any) -> None:
    member = buyer()
    rental = confirmed(by=member, period=hours(48, 50))
    client = client_as(member)

    week = client.get("/my/calendar/", {"from": "2026-11-25"}).content.decode()
    later = client.get("/my/calendar/", {"from": "2027-01-04"}).content.decode()

    assert f"/my/rentals/{rental.number}/" in week
    assert "2026-11-26 Thu 09:00–11:00 (UTC+8)" in week
    assert "Nothing is booked in these days" in later


@pytest.mark.parametrize("path", ["/my/calendar/", EVENTS])
def test_the_statements_do_not_grow_with_the_rentals(
    client_as: Any, path: str, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    member, instrument = buyer(), InstrumentFactory()
    confirmed(by=member, instrument=instrument, period=hours(0, 2))
    client = client_as(member)
    client.get(path)
    with django_assert_max_num_queries(7) as one:
        client.get(path)
    confirmed(by=member, instrument=instrument, period=hours(48, 50))
    confirmed(by=member, period=hours(72, 74))

    with django_assert_num_queries(len(one.captured_queries)):
        client.get(path)


@pytest.mark.parametrize("path", ["/my/calendar/", EVENTS])
def test_a_stranger_is_sent_to_the_log_in(client: Any, path: str) -> None:
    assert client.get(path).headers["Location"] == f"/accounts/login/?next={path}"
