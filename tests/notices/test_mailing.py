"""Mailing notices: as each person wants it, once, in their language, with a way to stop it."""

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.memberships import operations as memberships
from notices import jobs, operations, posting, preferring, queries
from notices.models import Notice
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.notices import MONDAY_9, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
NIGHT = MONDAY_9 + timedelta(hours=14)  # eleven in the evening
SEVEN = MONDAY_9 + timedelta(hours=22)  # the end of that night
EIGHT = MONDAY_9 + timedelta(hours=23)


def choose(member, **wanted):
    standing = {"mail": {}, "digest_hour": 8, "quiet": (22, 7)}
    preferring.choose(user=member.user, now=MONDAY_9, **{**standing, **wanted})


def fresh(notice: Notice) -> Notice:
    return Notice.objects.get(pk=notice.pk)


def waiting(task: str) -> list[tuple[dict[str, int], datetime | None]]:
    found = ProcrastinateJob.objects.filter(task_name=task, status="todo").order_by("pk")
    return [(job.args, job.scheduled_at) for job in found]


def test_a_notice_is_mailed_once_however_often_its_job_runs(clock):
    member = MembershipFactory(user__language="en")
    (notice,) = told(member)

    jobs.deliver(notice_id=notice.pk)
    jobs.deliver(notice_id=notice.pk)

    (message,) = mail.outbox
    assert message.to == [member.user.email]
    assert message.subject == f"Your role in {member.organisation.name_en} has changed"
    assert (fresh(notice).delivery, fresh(notice).mailed_at) == (Notice.Delivery.MAILED, MONDAY_9)


def test_a_mail_says_how_to_stop_mails_like_it_to_people_and_to_mail_programs():
    member = MembershipFactory(user__language="en")
    (notice,) = told(member)

    jobs.deliver(notice_id=notice.pk)

    (message,) = mail.outbox
    (link,) = re.findall(r"http://\S+/notices/stop/\S+/", message.body)
    assert message.extra_headers["List-Unsubscribe"] == f"<{link}>"
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message.extra_headers["Message-ID"] == f"<notice-{notice.pk}@gongheng.example>"
    assert "/my/notices/preferences/" in message.body


def test_a_warning_about_the_account_is_mailed_whatever_was_chosen_and_cannot_be_stopped():
    member = MembershipFactory()
    choose(member, mail={"organisation": "never"})
    (warning,) = told(member, kind="api_token_made", letter="portal/mail/api_token_made.txt")
    (other,) = told(member)

    jobs.deliver(notice_id=warning.pk)
    jobs.deliver(notice_id=other.pk)

    (message,) = mail.outbox
    assert "List-Unsubscribe" not in message.extra_headers
    assert "/notices/stop/" not in message.body
    assert fresh(other).delivery == Notice.Delivery.UNWANTED


def test_what_goes_out_as_a_mail_of_its_own_is_told_in_the_platform_only():
    (notice,) = told(MembershipFactory(), kind="member_invited")

    assert notice.delivery == Notice.Delivery.UNWANTED
    assert waiting("notices.deliver") == []


def test_at_night_a_mail_waits_until_the_quiet_hours_end_and_an_urgent_one_does_not(clock):
    member = MembershipFactory()
    (calm,), (urgent,) = told(member, occurred_at=NIGHT), told(member, occurred_at=NIGHT, urgent=True)
    ProcrastinateJob.objects.all()._raw_delete("default")
    clock.move_to(NIGHT)

    jobs.deliver(notice_id=calm.pk)
    jobs.deliver(notice_id=urgent.pk)

    assert len(mail.outbox) == 1
    assert fresh(urgent).delivery == Notice.Delivery.MAILED
    assert waiting("notices.deliver") == [({"notice_id": calm.pk}, SEVEN)]
    clock.move_to(SEVEN)
    jobs.deliver(notice_id=calm.pk)
    assert fresh(calm).mailed_at == SEVEN


def test_who_has_left_the_organisation_is_not_mailed_in_its_name():
    owner = MembershipFactory(role="owner")
    member = MembershipFactory(organisation=owner.organisation)
    (notice,), (own,) = told(member), told(member, organisation_id=None)
    memberships.remove(membership=member, by=owner, now=MONDAY_9)

    jobs.deliver(notice_id=notice.pk)
    jobs.deliver(notice_id=own.pk)

    assert [each.delivery for each in (fresh(notice), fresh(own))] == ["unwanted", "mailed"]


def test_nothing_is_mailed_to_who_may_no_longer_log_in():
    member = MembershipFactory()
    (notice,) = told(member)
    member.user.is_active = False
    member.user.save()

    jobs.deliver(notice_id=notice.pk)

    assert mail.outbox == []
    assert fresh(notice).delivery == Notice.Delivery.UNWANTED


def test_a_reader_whose_server_knows_no_such_mailbox_is_not_mailed_again(monkeypatch):
    (notice,) = told(MembershipFactory())

    def refuse(message):
        raise posting.ReaderRefusedError

    monkeypatch.setattr(posting, "hand_over", refuse)
    jobs.deliver(notice_id=notice.pk)

    assert fresh(notice).delivery == Notice.Delivery.REFUSED


def test_what_cannot_be_sent_now_is_given_back_and_the_job_tried_again(monkeypatch):
    (notice,) = told(MembershipFactory())

    def fail(message):
        raise posting.MailServerAwayError

    monkeypatch.setattr(posting, "hand_over", fail)
    with pytest.raises(posting.MailServerAwayError):
        jobs.deliver(notice_id=notice.pk)

    assert (fresh(notice).delivery, fresh(notice).sending_until) == (Notice.Delivery.OWED, None)


def test_a_daily_mail_comes_at_its_hour_with_all_that_waited_by_group_in_the_readers_language(clock):
    member = MembershipFactory(user__language="en")
    choose(member, mail={"organisation": "digest", "bookings": "digest"})
    notices = [*told(member), *told(member, kind="rental_rejected"), *told(member)]
    for notice in notices:
        jobs.deliver(notice_id=notice.pk)
    jobs.send_due(0)
    assert (mail.outbox, waiting("notices.send_digest")) == ([], [])

    clock.move_to(EIGHT + timedelta(minutes=5))
    jobs.send_due(0)
    jobs.send_due(0)
    ((asked, _),) = waiting("notices.send_digest")
    jobs.send_digest(**asked)
    jobs.send_digest(**asked)

    (message,) = mail.outbox
    assert message.subject == "3 notices of the day"
    assert message.body.index("My bookings") < message.body.index("Declined:") < message.body.index("Organisation and")
    assert message.body.count("Your role in") == 2
    assert "2026-11-23 Mon 09:00 (UTC+8)" in message.body
    assert {fresh(notice).delivery for notice in notices} == {Notice.Delivery.MAILED}


def test_what_is_no_longer_wanted_is_left_out_of_the_daily_mail(clock):
    member = MembershipFactory(user__language="en")
    choose(member, mail={"organisation": "digest", "bookings": "digest"})
    (kept,), (dropped,) = told(member, kind="rental_rejected"), told(member)
    for notice in (kept, dropped):
        jobs.deliver(notice_id=notice.pk)
    choose(member, mail={"organisation": "never"})
    clock.move_to(EIGHT)

    jobs.send_digest(user_id=member.user_id)

    (message,) = mail.outbox
    assert message.subject == "1 notice of the day"
    assert [fresh(each).delivery for each in (kept, dropped)] == ["mailed", "unwanted"]


def test_another_hour_of_the_daily_mail_counts_for_what_waits_already(clock):
    member = MembershipFactory()
    choose(member, mail={"organisation": "digest"})
    (notice,) = told(member)
    jobs.deliver(notice_id=notice.pk)

    choose(member, digest_hour=17)

    assert fresh(notice).mail_due_at == MONDAY_9 + timedelta(hours=8)


def test_a_mail_whose_job_was_lost_is_found_within_half_an_hour(clock):
    (lost,), (put_off,) = told(MembershipFactory()), told(MembershipFactory())
    assert operations.claim(notice_id=lost.pk, now=MONDAY_9) is not None  # and killed
    ProcrastinateJob.objects.filter(args__notice_id=lost.pk)._raw_delete("default")

    clock.move_to(MONDAY_9 + timedelta(minutes=14))
    jobs.send_due(0)
    assert waiting("notices.deliver") == [({"notice_id": put_off.pk}, None)]
    clock.move_to(MONDAY_9 + timedelta(minutes=16))
    jobs.send_due(0)
    jobs.send_due(0)

    assert waiting("notices.deliver") == [({"notice_id": put_off.pk}, None), ({"notice_id": lost.pk}, None)]
    jobs.deliver(notice_id=lost.pk)
    assert len(mail.outbox) == 1


def test_a_mail_of_last_week_is_given_up_and_its_notice_stays(clock):
    (notice,) = told(MembershipFactory())
    clock.move_to(MONDAY_9 + timedelta(days=7, minutes=1))

    jobs.deliver(notice_id=notice.pk)
    assert fresh(notice).delivery == Notice.Delivery.GIVEN_UP
    (other,) = told(MembershipFactory())
    jobs.send_due(0)

    assert fresh(other).delivery == Notice.Delivery.GIVEN_UP
    assert mail.outbox == []


def test_notices_read_half_a_year_ago_are_forgotten():
    old, unread, young = (told(MembershipFactory())[0] for _ in range(3))
    operations.mark_read(notices=Notice.objects.filter(pk=old.pk), now=MONDAY_9 - timedelta(days=180))
    operations.mark_read(notices=Notice.objects.filter(pk=young.pk), now=MONDAY_9 - timedelta(days=179))
    Notice.objects.update(delivery=Notice.Delivery.UNWANTED)

    jobs.forget_read(0)

    assert set(Notice.objects.all()) == {unread, young}


def test_what_was_read_first_stays_the_time_it_was_read():
    (notice,) = told(MembershipFactory())
    operations.mark_read(notices=Notice.objects.all(), now=MONDAY_9)

    assert operations.mark_read(notices=Notice.objects.all(), now=MONDAY_9 + timedelta(hours=1)) == 0
    assert fresh(notice).read_at == MONDAY_9


def test_a_person_who_chose_nothing_has_the_platforms_way():
    wanted = queries.wanted_by(MembershipFactory().user)

    assert (wanted.mail, wanted.digest_hour, wanted.quiet) == ({}, 8, (22, 7))


def test_a_rental_of_a_deleted_kind_is_mailed_to_nobody():
    (notice,) = told(MembershipFactory(organisation=OrganisationFactory()))
    Notice.objects.update(kind="told_long_ago")

    with time_machine.travel(MONDAY_9, tick=False):
        jobs.deliver(notice_id=notice.pk)

    assert (mail.outbox, fresh(notice).delivery) == ([], Notice.Delivery.UNWANTED)
