"""Who frees time leaves a job behind, in the same transaction; people are told what is held for them."""

from datetime import timedelta

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from bookings.models import WaitlistOffer
from bookings.rentals import operations as rentals
from bookings.waitlist import operations as waitlist
from labs.hours import operations as labs
from notices import letters
from notices.models import Notice
from tests.factories.accounts import LabMembershipFactory
from tests.factories.bookings import MONDAY_9, buyer, confirmed, hours
from tests.factories.labs import InstrumentFactory, LabFactory
from tests.factories.waitlist import LATER, freed, offered, taken, waits
from tests.jobs import do_jobs

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def jobs() -> list[dict]:
    return list(ProcrastinateJob.objects.filter(task_name="waitlist.offer_freed").values_list("args", flat=True))


def test_a_cancelled_rental_leaves_a_job_that_offers_its_time() -> None:
    rental = taken()
    waits(rental)
    freed(rental)

    (job,) = jobs()
    assert job == {
        "instrument_ids": [rental.instrument_id],
        "freed": ["2026-11-24T01:00:00+00:00", "2026-11-24T03:00:00+00:00"],
    }
    assert not WaitlistOffer.objects.exists()
    do_jobs("rentals")
    assert WaitlistOffer.objects.get().rental.time == rental.time


def test_a_cancellation_that_is_undone_leaves_no_job() -> None:
    rental = taken()
    waits(rental)

    with transaction.atomic():
        freed(rental)
        transaction.set_rollback(True)

    assert jobs() == []


def test_where_nobody_waits_no_job_is_left() -> None:
    freed(taken())

    assert jobs() == []


def test_an_offer_that_ran_out_leaves_a_job_for_the_next() -> None:
    offer = offered()
    waits(offer.rental)
    do_jobs()

    rentals.expire_lapsed(now=LATER)

    assert [job["instrument_ids"] for job in jobs()] == [[offer.rental.instrument_id]]


def test_a_rental_that_moves_frees_the_time_it_had() -> None:
    member = buyer()
    rental = confirmed(by=member, period=hours(48, 50))
    waits(rental, window=hours(48, 50))

    rentals.reschedule(rental=rental, period=hours(72, 74), by=member, now=MONDAY_9)

    (job,) = jobs()
    assert job["freed"][0] == hours(48, 50).start.isoformat()


def test_an_outage_that_is_lifted_and_longer_hours_leave_jobs() -> None:
    instrument = InstrumentFactory(lab=LabFactory())
    outage = labs.announce_outage(
        of=instrument, kind="maintenance", start=hours(0, 2).start, end=hours(0, 2).end, by=None, now=MONDAY_9
    )
    waitlist.join(by=buyer(), now=MONDAY_9, instrument=instrument, window=hours(0, 2), minutes=120)

    labs.lift_outage(outage=outage, by=None, now=MONDAY_9)
    labs.set_opening_hours(lab=instrument.lab, weekly=dict.fromkeys(range(7), ((0, 1440),)), by=None, now=MONDAY_9)

    assert [job["instrument_ids"] for job in jobs()] == [[instrument.pk], [instrument.pk]]


# --- Who is told ------------------------------------------------------------------------------------------------


def told(kind: str) -> Notice:
    return Notice.objects.get(kind=kind)


def test_who_waits_is_told_at_once_what_is_held_until_when() -> None:
    member = buyer()
    offer = offered(by=member)

    notice = told("waitlist_offered")
    assert (notice.user, notice.organisation, notice.is_urgent) == (member.user, member.organisation, True)
    assert notice.sentence == (
        "已为您保留：电子万能试验机，2026-11-24 周二 09:00–11:00 (UTC+8)。请在 2026-11-23 周一 11:00 (UTC+8) 前答复。"
    )
    mail = letters.of_notice(notice, MONDAY_9)
    assert mail is not None
    assert mail.subject == "时段已空出并为您保留：电子万能试验机"
    assert f"/my/waitlist/#entry-{offer.entry_id}" in mail.body
    assert letters.of_notice(notice, LATER) is None  # too late to be of use


def test_who_did_not_answer_is_told_and_waits_on() -> None:
    offered()

    waitlist.keep_right(now=LATER)

    mail = letters.of_notice(told("waitlist_offer_lapsed"), LATER)
    assert mail is not None
    assert mail.subject == "未及时答复：电子万能试验机"
    assert "您继续候补" in mail.body


def test_a_time_that_is_let_go_is_news_to_nobody() -> None:
    member = buyer()
    offer = offered(by=member)
    LabMembershipFactory(organisation=offer.rental.instrument.lab.organisation, role="lab_operator")
    Notice.objects.all().delete()

    waitlist.decline(offer=offer, by=member, now=MONDAY_9)

    assert not Notice.objects.exists()


def test_who_waited_in_vain_is_told() -> None:
    rental = taken()
    member = buyer()
    waits(rental, by=member)
    last = hours(0, 2).start - timedelta(hours=1)

    waitlist.close_over(now=last)

    notice = told("waitlist_over")
    mail = letters.of_notice(notice, last)
    assert (notice.user, mail and mail.subject) == (member.user, "没有空出时段：电子万能试验机")
