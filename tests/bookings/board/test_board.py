"""The board: what it draws, what it says has changed, and how little that costs."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from accounts.models import Membership
from bookings.models import Rental
from bookings.rentals import operations as rentals
from labs.hours import operations as outages
from labs.models import Instrument
from tests.conftest import MONDAY_9
from tests.factories.accounts import LabMembershipFactory
from tests.factories.bookings import TUESDAY_9, buyer, confirmed, held, hours
from tests.factories.labs import InstrumentFactory, OutageFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

EVENTS = "/desk/board/events/"
TWO_DAYS = {"from": "2026-11-23", "days": "2"}
LATE, OVER, AT_RISK, TO_REBOOK = 1, 2, 4, 8


def staff_of(instrument: Instrument, role: str = "lab_operator") -> Membership:
    return LabMembershipFactory(organisation=instrument.lab.organisation, role=role)


@pytest.fixture
def instrument() -> Instrument:
    return InstrumentFactory(policy__requires_approval=False)


def clock_of(minutes: int) -> str:
    """Read minutes of the lab's own clock."""
    return f"{datetime.fromtimestamp(minutes * 60, UTC):%m-%d %H:%M}"


def flags(client: Client) -> list[int]:
    return [row[-1] for row in client.get(EVENTS, TWO_DAYS).json()["bookings"]]


def test_it_draws_our_bookings_with_their_customer_on_the_labs_clock(client_as: Any, instrument: Instrument) -> None:
    rental = confirmed(instrument=instrument, period=hours(0, 2))
    confirmed(period=hours(0, 2))

    told = client_as(staff_of(instrument)).get(EVENTS, TWO_DAYS).json()

    assert [one["code"] for one in told["instruments"]] == [instrument.code]
    ((number, code, start, end, *rest),) = told["bookings"]
    assert (number, code, clock_of(start), clock_of(end)) == (
        rental.number, instrument.code, "11-24 09:00", "11-24 11:00",
    )  # fmt: skip
    assert rest[:4] == ["confirmed", "assisted", 1, rental.organisation.name_en]


def test_it_draws_closed_time_once_for_all_instruments_that_share_it(client_as: Any, instrument: Instrument) -> None:
    other = InstrumentFactory(lab=instrument.lab)

    told = client_as(staff_of(instrument)).get(EVENTS, TWO_DAYS).json()

    (closed,) = told["closed"]
    assert closed["on"] == sorted([instrument.code, other.code])
    assert [(clock_of(start), clock_of(end)) for start, end in closed["times"]] == [
        ("11-23 00:00", "11-23 08:30"),
        ("11-23 18:00", "11-24 08:30"),
        ("11-24 18:00", "11-25 00:00"),
    ]


def test_it_draws_outages_with_their_reason_and_on_which_instruments(client_as: Any, instrument: Instrument) -> None:
    other = InstrumentFactory(lab=instrument.lab)
    OutageFactory(instrument=instrument)
    outages.announce_outage(
        of=instrument.lab, kind="closure", start=hours(5, 6).start, end=hours(5, 6).end, by=None, now=MONDAY_9
    )

    told = client_as(staff_of(instrument)).get(EVENTS, TWO_DAYS).json()

    assert [(one["on"], one["reason"]) for one in told["outages"]] == [
        ([instrument.code], "New grips"), (sorted([instrument.code, other.code]), "closure"),
    ]  # fmt: skip


def test_what_lapsed_or_was_called_off_is_not_on_the_board(client_as: Any, instrument: Instrument, clock: Any) -> None:
    member = buyer()
    held(instrument=instrument, period=hours(0, 1), by=member)
    called_off = confirmed(instrument=instrument, period=hours(2, 3), by=member)
    rentals.cancel(rental=called_off, by=member, now=MONDAY_9)
    clock.shift(timedelta(minutes=31))

    assert client_as(staff_of(instrument)).get(EVENTS).json()["bookings"] == []


def test_it_flags_who_is_late_at_risk_or_needs_another_time(client_as: Any, instrument: Instrument, clock: Any) -> None:
    rental = confirmed(instrument=instrument, period=hours(0, 2))
    client = client_as(staff_of(instrument))
    assert flags(client) == [0]

    outages.announce_outage(
        of=instrument, kind="maintenance", start=hours(1, 2).start, end=hours(1, 2).end, by=None, now=MONDAY_9
    )
    Rental.objects.filter(pk=rental.pk).update(at_risk={"why": "calibration"}, at_risk_since=MONDAY_9)
    assert flags(client) == [AT_RISK + TO_REBOOK]

    clock.move_to(TUESDAY_9)
    assert flags(client) == [LATE + AT_RISK + TO_REBOOK]


def test_it_flags_a_use_that_runs_over(client_as: Any, instrument: Instrument, clock: Any) -> None:
    rental = confirmed(instrument=instrument, period=hours(0, 2))
    Rental.objects.filter(pk=rental.pk).update(status="checked_in", checked_in_at=TUESDAY_9)
    client = client_as(staff_of(instrument))

    clock.move_to(TUESDAY_9 + timedelta(hours=1))
    assert flags(client) == [0]
    clock.move_to(TUESDAY_9 + timedelta(hours=2))
    assert flags(client) == [OVER]


# --- What has changed --------------------------------------------------------------------------------------------


def asked(client: Client, etag: str = "") -> Any:
    return client.get(EVENTS, TWO_DAYS, headers={"If-None-Match": etag} if etag else {})


def test_whoever_has_seen_it_is_told_so_with_one_statement_of_the_boards_own(
    client_as: Any, instrument: Instrument, django_assert_num_queries: Any
) -> None:
    confirmed(instrument=instrument)
    client = client_as(staff_of(instrument))
    etag = asked(client)["ETag"]

    with django_assert_num_queries(4):  # session, person, memberships, and the mark
        answer = asked(client, etag)

    assert (answer.status_code, answer.content) == (304, b"")
    assert not etag.startswith("W/")


@pytest.mark.parametrize("change", ["booked", "cancelled", "outage", "part of the units", "hours", "status"])
def test_another_mark_whenever_something_shown_changes(client_as: Any, change: str) -> None:
    instrument = InstrumentFactory(capacity=2, policy__requires_approval=False)
    member = buyer()
    rental = confirmed(instrument=instrument, period=hours(0, 2), by=member)
    client = client_as(staff_of(instrument))
    etag = asked(client)["ETag"]
    noon = hours(3, 4)

    match change:
        case "booked":
            held(instrument=instrument, period=noon)
        case "cancelled":
            rentals.cancel(rental=rental, by=member, now=MONDAY_9)
        case "outage" | "part of the units":
            units = 1 if change == "part of the units" else None
            outages.announce_outage(
                of=instrument, kind="closure", start=noon.start, end=noon.end, units=units, by=None, now=MONDAY_9
            )
        case "hours":
            outages.set_opening_hours(lab=instrument.lab, weekly={1: [(540, 600)]}, by=None, now=MONDAY_9)
        case "status":
            outages.set_status(instrument=instrument, status="suspended", by=None, now=MONDAY_9)

    assert asked(client, etag).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_another_mark_after_every_committed_change_of_a_row_that_is_shown(client_as: Any) -> None:
    instrument = InstrumentFactory(policy__requires_approval=False)
    rental = confirmed(instrument=instrument, period=hours(0, 2))
    client = client_as(staff_of(instrument))
    etags = [asked(client)["ETag"]]

    for rows in (Instrument.objects.filter(pk=instrument.pk), Rental.objects.filter(pk=rental.pk)):
        rows.update(id=rows.get().pk)
        etags.append(asked(client, etags[-1])["ETag"])

    assert len(set(etags)) == 3


def test_the_clock_alone_changes_the_mark(client_as: Any, instrument: Instrument, clock: Any) -> None:
    confirmed(instrument=instrument, period=hours(0, 2))
    held(instrument=instrument, period=hours(4, 5))
    client = client_as(staff_of(instrument))
    etag = asked(client)["ETag"]
    assert asked(client, etag).status_code == 304

    clock.shift(timedelta(minutes=31))  # the hold has run out
    lapsed = asked(client, etag)
    clock.move_to(TUESDAY_9)  # the customer is late
    late = asked(client, lapsed["ETag"])

    assert (lapsed.status_code, late.status_code) == (200, 200)


def test_what_happens_elsewhere_changes_nothing(client_as: Any, instrument: Instrument) -> None:
    client = client_as(staff_of(instrument))
    etag = asked(client)["ETag"]

    confirmed(period=hours(0, 2))
    confirmed(instrument=instrument, period=hours(24, 26))

    assert asked(client, etag).status_code == 304


def test_the_statements_of_the_board_do_not_grow_with_instruments(
    client_as: Any, instrument: Instrument, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    confirmed(instrument=instrument)
    client = client_as(staff_of(instrument))
    client.get(EVENTS)
    with django_assert_max_num_queries(8) as few:
        client.get(EVENTS)
    with django_assert_max_num_queries(14) as page:
        client.get("/desk/board/")
    for _ in range(2):
        other = InstrumentFactory(lab=instrument.lab)
        confirmed(instrument=other)
        OutageFactory(instrument=other)

    with django_assert_num_queries(len(few.captured_queries)):
        client.get(EVENTS)
    with django_assert_num_queries(len(page.captured_queries)):
        client.get("/desk/board/")


def test_a_lab_elsewhere_has_its_own_clock(client_as: Any, instrument: Instrument) -> None:
    organisation = instrument.lab.organisation
    organisation.timezone = "Europe/Berlin"
    organisation.save()
    confirmed(instrument=instrument, period=hours(0, 2))

    told = client_as(staff_of(instrument)).get(EVENTS, TWO_DAYS).json()

    assert clock_of(told["bookings"][0][2]) == f"{TUESDAY_9.astimezone(ZoneInfo('Europe/Berlin')):%m-%d %H:%M}"
