"""One letter for one act on a series, however many dates it has; to whom it concerns, in their language."""

from datetime import date, time, timedelta

import pytest
from django.core import mail

from accounts.models import Membership
from bookings.models import Series
from bookings.rentals import reminding
from bookings.rentals.operations import expire_lapsed, submit_for_approval
from bookings.rentals.operations.lapsing import clear_lapsed
from bookings.series import operations, rules
from bookings.series.operations import Change
from notices.models import Notice
from tests.factories.accounts import LabMembershipFactory, MembershipFactory
from tests.factories.bookings import MONDAY_9, buyer, confirmed, held, hours
from tests.factories.labs import InstrumentFactory
from tests.factories.series import book_series
from tests.jobs import do_jobs

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def deliver() -> list[tuple[str, list[str]]]:
    """Do what is due, and return what was sent: subject and readers."""
    do_jobs()
    sent = [(message.subject, message.to) for message in mail.outbox]
    mail.outbox.clear()
    return sorted(sent)


@pytest.fixture
def member() -> Membership:
    made = buyer()
    made.user.language = "en"
    made.user.save()
    return made


@pytest.fixture
def manager() -> Membership:
    return LabMembershipFactory(role="lab_manager", user__language="en")


def booked(member: Membership, manager: Membership, **how: object) -> Series:
    instrument = InstrumentFactory(lab__organisation=manager.organisation, **how)
    return book_series(instrument=instrument, by=member, rule="FREQ=WEEKLY;COUNT=4", first=date(2026, 12, 1))


def test_a_booked_series_is_one_letter_to_the_customer_and_one_to_the_lab(member, manager):
    booked(member, manager)

    assert deliver() == [
        ("Confirmed: your series on Universal testing machine", [member.user.email]),
        ("New series: Universal testing machine", [manager.user.email]),
    ]
    assert sorted(Notice.objects.values_list("kind", flat=True)) == ["series_confirmed", "series_confirmed_lab"]


def test_the_letter_shows_the_rule_and_every_date_also_what_was_left_out(member, manager):
    instrument = InstrumentFactory(lab__organisation=manager.organisation)
    held(instrument=instrument, period=hours(168, 170), mode="self")
    book_series(instrument=instrument, by=member, rule="FREQ=WEEKLY;COUNT=3", mode="self")

    do_jobs()

    (body,) = [message.body for message in mail.outbox if message.to == [member.user.email]]
    assert "every Tue 09:00–11:00, 3 times" in body
    assert "2026-11-24 Tue 09:00–11:00 (UTC+8)" in body
    assert "2026-12-01 · left out: Universal testing machine is taken for part of that time." in body


def test_a_series_that_is_only_held_writes_to_nobody(member, manager):
    instrument = InstrumentFactory(lab__organisation=manager.organisation)
    book_series(instrument=instrument, by=member, then=rules.HOLD)

    assert deliver() == []


def test_asking_and_answering_is_one_letter_each(member, manager):
    series = booked(member, manager, policy__requires_approval=True)
    assert deliver() == [("Please answer: a series on Universal testing machine", [manager.user.email])]

    operations.approve(series=series, by=manager, now=MONDAY_9)
    assert deliver() == [("Approved: your series on Universal testing machine", [member.user.email])]

    operations.confirm(series=series, by=member, now=MONDAY_9)
    assert [subject for subject, _ in deliver()] == [
        "Confirmed: your series on Universal testing machine",
        "New series: Universal testing machine",
    ]


def test_declining_moving_and_cancelling_are_one_letter_each(member, manager):
    series = booked(member, manager)
    deliver()

    operations.move(series=series, which=rules.ALL, change=Change(starts_at=time(14)), by=member, now=MONDAY_9)
    assert [subject for subject, _ in deliver()] == [
        "Moved: dates of a series on Universal testing machine",
        "Moved: dates of your series on Universal testing machine",
    ]
    operations.cancel_by_lab(series=series, which=rules.ALL, reason="moving house", by=manager, now=MONDAY_9)
    do_jobs()
    assert [(message.subject, "moving house" in message.body) for message in mail.outbox] == [
        ("Cancelled: dates of your series on Universal testing machine", True)
    ]


def test_a_lab_that_declines_dates_is_one_letter(member, manager):
    series = booked(member, manager, policy__requires_approval=True)
    deliver()

    operations.reject(series=series, reason="busy", by=manager, now=MONDAY_9)

    assert deliver() == [("Declined: dates of your series on Universal testing machine", [member.user.email])]


def test_a_series_that_nobody_answers_lapses_in_one_letter_however_its_dates_are_cleared(member, manager):
    series = booked(member, manager, policy__requires_approval=True)
    deliver()
    rentals = [each.rental for each in series.dates.order_by("on")]
    later = max(rental.held_until for rental in rentals) + timedelta(minutes=1)

    clear_lapsed([rentals[1].pk], now=later)  # somebody else takes that time
    expire_lapsed(now=later + timedelta(minutes=1))

    assert deliver() == [("Lapsed: dates of your series on Universal testing machine", [member.user.email])]
    assert Notice.objects.get(kind="series_lapsed").facts["dates"] == 4
    assert {each.rental.status for each in series.dates.select_related("rental")} == {"expired"}


def test_an_approved_series_that_nobody_confirms_lapses_in_one_letter_that_shows_every_date(member, manager):
    series = booked(member, manager, policy__requires_approval=True)
    operations.approve(series=series, by=manager, now=MONDAY_9)
    deliver()

    expire_lapsed(now=MONDAY_9 + timedelta(days=2))
    do_jobs()

    (letter,) = mail.outbox
    assert (letter.subject, letter.body.count(" · expired")) == (
        "Lapsed: dates of your series on Universal testing machine",
        4,
    )


def test_a_series_that_was_only_held_lapses_without_a_letter_and_a_single_rental_has_its_own(member, manager):
    instrument = InstrumentFactory(lab__organisation=manager.organisation, policy__requires_approval=True)
    book_series(instrument=instrument, by=member, then=rules.HOLD)
    single = held(instrument=instrument, by=member, period=hours(3, 5))
    submit_for_approval(rental=single, by=member, now=MONDAY_9)
    deliver()

    expire_lapsed(now=MONDAY_9 + timedelta(days=2))

    assert deliver() == [(f"The hold has run out: Universal testing machine ({single.number})", [member.user.email])]


def test_a_colleague_who_comes_reads_the_letters_too(member, manager):
    colleague = MembershipFactory(role="buyer", organisation=member.organisation, user__language="en")
    instrument = InstrumentFactory(lab__organisation=manager.organisation)

    book_series(instrument=instrument, by=member, used_by=colleague.user)

    readers = [to for subject, to in deliver() if subject.startswith("Confirmed")]
    assert sorted(readers) == sorted([[member.user.email], [colleague.user.email]])


def test_dates_that_are_held_together_are_one_reminder_before_they_lapse(member, manager):
    instrument = InstrumentFactory(lab__organisation=manager.organisation)
    book_series(instrument=instrument, by=member, then=rules.HOLD)

    (due,) = reminding.due(MONDAY_9 + timedelta(minutes=21))

    assert due.kind == "hold_lapses"


def test_what_happens_to_a_rental_by_itself_is_still_told(member, manager):
    instrument = InstrumentFactory(lab__organisation=manager.organisation)
    rental = confirmed(instrument=instrument, by=member, period=hours(0, 2))

    assert [subject for subject, _ in deliver()] == [
        f"Confirmed: Universal testing machine ({rental.number})",
        f"New booking: Universal testing machine ({rental.number})",
    ]
