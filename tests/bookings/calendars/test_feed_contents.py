"""Which bookings a feed tells, and to whom what of them (CA-4 to CA-6, CA-9)."""

import os
import subprocess
import sys
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.urls import reverse

from accounts.models import Membership
from bookings.calendars import operations as calendars
from bookings.calendars import queries
from bookings.models import FeedToken, Rental
from bookings.rentals import operations as rentals
from kernel.periods import Period
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.bookings import MONDAY_9, buyer, checked_in, checked_out, confirmed, held, hours, interrupted
from tests.factories.calendars import events, feed_path, fetch
from tests.factories.labs import InstrumentFactory, LabFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SHANGHAI = ZoneInfo("Asia/Shanghai")


def busy_path(instrument) -> str:
    return queries.busy_feed_url(instrument).removeprefix(settings.PLATFORM_URL)


def test_a_booking_stands_in_the_owners_feed_with_all_that_helps_to_get_there():
    lab = LabFactory(
        name_zh="示例检测中心", address_zh="天河区示例路 1 号", lat=23.1355, lon=113.3612, contact_phone="020-1"
    )
    by = buyer()
    rental = confirmed(by=by, instrument=InstrumentFactory(lab=lab, name_zh="电子万能试验机"))

    (event,) = events(fetch(feed_path(by)).content)

    assert event["UID"] == f"{rental.uuid}@{settings.PLATFORM_DOMAIN}"
    assert event["SUMMARY"] == "电子万能试验机"
    assert event["LOCATION"] == "示例检测中心, 天河区示例路 1 号"
    assert (event["GEO"].latitude, event["GEO"].longitude) == (23.1355, 113.3612)
    assert event["URL"] == settings.PLATFORM_URL + reverse("rentals:rental", args=[rental.number])
    assert rental.number in event["DESCRIPTION"]
    assert (event["STATUS"], event["TRANSP"], event["SEQUENCE"]) == ("CONFIRMED", "OPAQUE", rental.sequence)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (rental.time.start, rental.time.end)  # without buffers
    assert event["DTSTART"].params["TZID"] == "Asia/Shanghai"
    assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == rental.changed_at
    assert event["CREATED"].dt == rental.created_at


def test_a_feed_tells_what_the_person_booked_for_that_organisation_and_nothing_else():
    by = buyer()
    own = confirmed(by=by)
    confirmed(by=MembershipFactory(organisation=by.organisation), period=hours(3, 4))  # a colleague's
    confirmed(by=MembershipFactory(user=by.user, organisation=buyer().organisation), period=hours(5, 6))  # elsewhere
    confirmed(period=hours(7, 8))  # a stranger's

    assert [event["UID"] for event in events(fetch(feed_path(by)).content)] == [f"{own.uuid}@gongheng.example"]


def test_a_hold_is_tentative_and_says_until_when():
    by = buyer()
    held(by=by, instrument=InstrumentFactory(name_zh="卡尺"))

    (event,) = events(fetch(feed_path(by)).content)

    assert (event["STATUS"], event["TRANSP"]) == ("TENTATIVE", "OPAQUE")
    assert event["SUMMARY"].endswith("卡尺")
    assert event["SUMMARY"] != "卡尺"  # calendars show tentative like certain: the title says it
    assert "09:30 (UTC+8)" in event["DESCRIPTION"]


def test_confirming_and_cancelling_make_progress_under_the_same_uid(clock, now: datetime):
    by = buyer()
    rental = held(by=by)
    path = feed_path(by)

    told = [events(fetch(path).content)[0]]
    clock.shift(timedelta(minutes=1))
    rental = rentals.confirm_on_account(rental=rental, by=by, now=now + timedelta(minutes=1))
    told.append(events(fetch(path).content)[0])
    clock.shift(timedelta(minutes=1))
    rentals.cancel(rental=rental, by=by, now=now + timedelta(minutes=2))
    told.append(events(fetch(path).content)[0])

    assert [event["STATUS"] for event in told] == ["TENTATIVE", "CONFIRMED", "CANCELLED"]
    assert len({event["UID"] for event in told}) == 1
    assert told[0]["SEQUENCE"] < told[1]["SEQUENCE"] < told[2]["SEQUENCE"]
    assert told[0]["DTSTAMP"].dt < told[1]["DTSTAMP"].dt < told[2]["DTSTAMP"].dt
    assert told[2]["TRANSP"] == "TRANSPARENT"


def test_a_cancelled_booking_is_told_for_30_days(clock, now: datetime):
    by = buyer()
    rentals.cancel(rental=confirmed(by=by), by=by, now=now)
    path = feed_path(by)

    clock.move_to(now + timedelta(days=30))
    assert [event["STATUS"] for event in events(fetch(path).content)] == ["CANCELLED"]

    clock.move_to(now + timedelta(days=31))
    assert events(fetch(path).content) == []


def test_a_feed_covers_90_days_back_and_365_ahead(clock):
    by = buyer()
    rental = confirmed(by=by)
    path = feed_path(by)
    day = rental.time.start.astimezone(SHANGHAI).replace(hour=0)

    def told_on(instant: datetime) -> int:
        clock.move_to(instant)
        return len(events(fetch(path).content))

    assert told_on(day + timedelta(days=91, seconds=-1)) == 1
    assert told_on(day + timedelta(days=91)) == 0
    assert told_on(day - timedelta(days=365)) == 1
    assert told_on(day - timedelta(days=365, seconds=1)) == 0


def test_a_feed_speaks_the_language_of_its_owner():
    by = buyer()
    by.user.language = "en"
    by.user.save()
    confirmed(by=by, instrument=InstrumentFactory(name_en="Universal testing machine"))

    (event,) = events(fetch(feed_path(by), accept_language="zh").content)

    assert event["SUMMARY"] == "Universal testing machine"
    assert [str(category) for category in event["CATEGORIES"].cats] == ["Instrument rental"]


def test_a_lab_elsewhere_is_told_in_its_own_time():
    by = buyer()
    instrument = InstrumentFactory(lab=LabFactory(timezone="Europe/London"))
    rental = confirmed(by=by, instrument=instrument, period=hours(9, 10))

    body = fetch(feed_path(by)).content

    (event,) = events(body)
    assert event["DTSTART"].params["TZID"] == "Europe/London"
    assert event["DTSTART"].dt == rental.time.start
    assert body.index(b"TZID:Europe/London") < body.index(b"BEGIN:VEVENT")


def test_a_booking_that_was_used_and_settled_stays_in_the_feed():
    by = buyer()
    rental = confirmed(by=by)
    early = Period(rental.time.start - timedelta(days=60), rental.time.end - timedelta(days=60))
    ended = {"checked_in_at": early.start, "checked_out_at": early.end, "settled_at": early.end}
    Rental.objects.filter(pk=rental.pk).update(period=early.as_range(), status="settled", **ended)

    (event,) = events(fetch(feed_path(by)).content)

    assert (event["STATUS"], event["DTSTART"].dt) == ("CONFIRMED", early.start)


def test_the_feeds_of_one_person_for_two_organisations_are_two(now: datetime):
    user = UserFactory()
    first, second = (MembershipFactory(user=user, organisation=buyer().organisation) for _ in range(2))
    calendars.issue_feed(by=first, now=now)
    calendars.issue_feed(by=second, now=now)

    assert FeedToken.objects.filter(revoked_at__isnull=True).count() == 2
    assert Membership.objects.filter(feeds__isnull=False).count() == 2


# --- Busy times for anyone --------------------------------------------------------------------------------------------


def test_anyone_may_fetch_when_an_instrument_is_busy_and_learns_nothing_else():
    lab = LabFactory(name_zh="示例检测中心", address_zh="天河区示例路 1 号")
    instrument = InstrumentFactory(lab=lab)
    by = buyer(name_zh="隐密科技有限公司", name_en="Secretive Ltd")
    by.user.name = "王隐"
    by.user.save()
    rental = confirmed(by=by, instrument=instrument, purpose="新药配方")

    body = fetch(busy_path(instrument)).content

    (event,) = events(body)
    assert sorted(event) == sorted(
        ["UID", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "DTSTART", "DTEND", "SUMMARY", "STATUS", "TRANSP", "LOCATION"]
    )
    assert event["SUMMARY"] == "忙 Busy"
    assert event["LOCATION"] == "示例检测中心, 天河区示例路 1 号"
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (rental.time.start, rental.time.end)
    unfolded = body.replace(b"\r\n ", b"").decode()
    secrets = [
        str(rental.uuid),
        rental.number,
        "隐密",
        "Secretive",
        "王隐",
        by.user.email,
        "新药",
        by.organisation.code,
    ]
    assert [secret for secret in secrets if secret in unfolded] == []


def test_a_busy_feed_cannot_be_joined_with_a_customers_feed():
    by = buyer()
    rental = confirmed(by=by)

    (own,) = events(fetch(feed_path(by)).content)
    (busy,) = events(fetch(busy_path(rental.instrument)).content)

    assert own["UID"] != busy["UID"]
    assert own["DTSTART"].dt == busy["DTSTART"].dt


def test_a_busy_feed_shows_holds_as_tentative_until_they_lapse_and_no_cancelled_booking(clock, now: datetime):
    instrument = InstrumentFactory()
    by = buyer()
    rentals.cancel(rental=confirmed(by=by, instrument=instrument), by=by, now=now)
    hold = held(by=by, instrument=instrument, period=hours(3, 4))
    path = busy_path(instrument)

    assert [event["STATUS"] for event in events(fetch(path).content)] == ["TENTATIVE"]
    clock.move_to(hold.held_until)
    assert events(fetch(path).content) == []


def test_the_busy_feed_of_an_instrument_has_one_address_for_ever_and_is_remembered_once():
    instrument, other = InstrumentFactory(), InstrumentFactory()

    path = busy_path(instrument)
    statuses = [fetch(path).status_code, fetch(path).status_code]

    assert path == busy_path(instrument) != busy_path(other)
    assert statuses == [HTTPStatus.OK, HTTPStatus.OK]
    assert [(feed.instrument, feed.detail) for feed in FeedToken.objects.all()] == [(instrument, "busy")]


def test_a_revoked_busy_feed_does_not_open_itself_again(now: datetime):
    path = busy_path(InstrumentFactory())
    fetch(path)

    FeedToken.objects.update(revoked_at=now)

    assert fetch(path).status_code == HTTPStatus.NOT_FOUND


def test_an_instrument_that_is_not_in_the_catalogue_has_no_public_feed():
    hidden = InstrumentFactory(published=False)
    taken_out = InstrumentFactory()
    assert fetch(busy_path(taken_out)).status_code == HTTPStatus.OK
    taken_out.rental_offering.state = "suspended"
    taken_out.rental_offering.save()

    assert fetch(busy_path(hidden)).status_code == HTTPStatus.NOT_FOUND
    assert fetch(busy_path(taken_out)).status_code == HTTPStatus.NOT_FOUND


# --- One booking ------------------------------------------------------------------------------------------------------


def test_a_member_downloads_one_booking_as_a_file(client_as):
    by = buyer()
    rental = confirmed(by=by)

    response = client_as(by).get(f"/my/rentals/{rental.number}.ics")

    assert response.status_code == HTTPStatus.OK
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="{rental.number}.ics"'
    assert [event["UID"] for event in events(response.content)] == [f"{rental.uuid}@gongheng.example"]


def test_the_file_and_the_feed_have_the_same_bytes_for_the_same_booking(client_as):
    by = buyer()
    rental = confirmed(by=by)

    def told(body: bytes) -> bytes:
        return body[body.index(b"BEGIN:VEVENT") : body.index(b"END:VCALENDAR")]

    assert told(client_as(by).get(f"/my/rentals/{rental.number}.ics").content) == told(fetch(feed_path(by)).content)


def test_a_booking_of_another_organisation_is_not_found_and_a_stranger_is_asked_to_log_in(client_as):
    rental = confirmed()
    path = f"/my/rentals/{rental.number}.ics"

    assert client_as(buyer()).get(path).status_code == HTTPStatus.NOT_FOUND
    anonymous = client_as(None).get(path)
    assert (anonymous.status_code, anonymous.url) == (HTTPStatus.FOUND, f"/accounts/login/?next={path}")


def test_a_lapsed_hold_has_no_file(client_as, clock):
    by = buyer()
    rental = held(by=by)
    path = f"/my/rentals/{rental.number}.ics"
    assert client_as(by).get(path).status_code == HTTPStatus.OK

    clock.move_to(rental.held_until)

    assert client_as(by).get(path).status_code == HTTPStatus.NOT_FOUND


# --- The same in every process ----------------------------------------------------------------------------------------

WRITES_A_CALENDAR = """
import hashlib, sys
sys.path[:0] = sys.argv[1:]
import feed
from bookings.calendars.calendar_text import write
print(hashlib.sha256(write(feed.calendar())).hexdigest())
"""


def test_another_process_writes_the_same_bytes():
    root = Path(settings.BASE_DIR)
    paths = [str(root), str(root / "platform"), str(root / "bench")]

    hashes = {
        subprocess.run(
            [sys.executable, "-c", WRITES_A_CALENDAR, *paths],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("0", "UTC"), ("1", "America/New_York"))
    }

    assert len(hashes) == 1


def test_a_use_that_goes_on_or_is_broken_off_or_ends_early_is_shown_as_it_is():
    by = buyer()
    longer = checked_in(by=by, period=hours(0, 2))
    rentals.extend(rental=longer, until=hours(0, 3).end, by=by, now=hours(0, 1).end)
    broken = interrupted(by=by, period=hours(0, 2), after=timedelta(minutes=45))
    early = checked_out(by=by, period=hours(0, 2), at=hours(0, 1).end)

    shown = {event["UID"].split("@")[0]: event["DTEND"].dt for event in events(fetch(feed_path(by)).content)}
    busy = events(fetch(busy_path(broken.instrument)).content)

    assert shown == {
        str(longer.uuid): hours(0, 3).end,
        str(broken.uuid): hours(0, 0.75).end,
        str(early.uuid): hours(0, 1).end,
    }
    assert [event["DTEND"].dt for event in busy] == [hours(0, 0.75).end]


def test_a_booking_that_was_handed_over_stands_in_the_calendar_of_who_comes():
    by = buyer()
    colleague = MembershipFactory(organisation=by.organisation)
    rental = confirmed(by=by)
    assert events(fetch(feed_path(colleague)).content) == []

    rentals.hand_over(rental=rental, to=colleague.user, by=by, now=MONDAY_9)

    (event,) = events(fetch(feed_path(colleague)).content)
    assert event["UID"].startswith(str(rental.uuid))


def test_a_moved_booking_keeps_its_uid_and_rises_in_sequence():
    by = buyer()
    rental = confirmed(by=by, period=hours(48, 50))
    (before,) = events(fetch(feed_path(by)).content)

    rentals.reschedule(rental=rental, period=hours(72, 74), by=by, now=MONDAY_9)

    (after,) = events(fetch(feed_path(by)).content)
    assert (after["UID"], after["SEQUENCE"]) == (before["UID"], before["SEQUENCE"] + 1)
    assert after["DTSTART"].dt == hours(72, 74).start
