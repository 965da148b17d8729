"""Telling people: a row for each, in two statements, in the transaction of what happened."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation
from procrastinate.contrib.django.models import ProcrastinateJob

from kernel.periods import Period
from notices import facts, kinds, operations
from notices.models import Choice, Notice, Preferences
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.notices import MONDAY_9, told

pytestmark = pytest.mark.django_db
CANTON = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize("number", [1, 3])
def test_however_many_people_are_told_it_takes_one_statement(number: int, django_assert_num_queries):
    members = MembershipFactory.create_batch(number)

    with django_assert_num_queries(1):
        operations.tell(
            users=[member.user_id for member in members],
            kind="role_changed",
            facts={},
            link="/",
            letter="x.txt",
            organisation_id=None,
            occurred_at=MONDAY_9,
        )

    assert Notice.objects.count() == number
    jobs = ProcrastinateJob.objects.filter(task_name="notices.deliver", queue_name="mail")
    assert sorted(job.args["notice_id"] for job in jobs) == sorted(Notice.objects.values_list("pk", flat=True))


def test_nobody_is_told_in_no_statement_and_nobody_twice(django_assert_num_queries):
    member = MembershipFactory()
    with django_assert_num_queries(0):
        operations.tell(
            users=[], kind="role_changed", facts={}, link="/", letter="x", organisation_id=None, occurred_at=MONDAY_9
        )

    told(member, member)

    assert Notice.objects.count() == 1


def test_what_is_undone_was_told_to_nobody():
    with pytest.raises(RuntimeError), transaction.atomic():
        told(MembershipFactory())
        raise RuntimeError

    assert not Notice.objects.exists()
    assert not ProcrastinateJob.objects.filter(task_name="notices.deliver").exists()


def test_a_kind_that_no_step_has_named_is_a_fault():
    with pytest.raises(kinds.UnknownKindError, match="moon_landed"):
        told(MembershipFactory(), kind="moon_landed")


def test_whoever_did_it_has_read_it_already():
    doer, other = MembershipFactory(), MembershipFactory()

    own, others = told(doer, other, actor_id=doer.user_id)

    assert own.is_read
    assert not others.is_read


def test_a_sentence_is_said_in_the_language_of_the_reader_with_the_labs_time():
    period = Period(MONDAY_9, MONDAY_9 + timedelta(hours=2))
    (notice,) = told(
        MembershipFactory(),
        kind="rental_confirmed",
        facts={"instrument": facts.name("硬度计", "Hardness tester"), "time": facts.stretch(period, CANTON)},
    )

    with translation.override("zh-hans"):
        assert str(notice) == "预约已确认：硬度计，2026-11-23 周一 09:00–11:00 (UTC+8)。"
    with translation.override("en"):
        assert str(notice) == "Confirmed: Hardness tester, 2026-11-23 Mon 09:00–11:00 (UTC+8)."


def test_a_fact_that_was_not_told_leaves_a_dash_and_a_kind_of_an_older_release_its_name():
    (notice,) = told(MembershipFactory(), kind="rental_approved", facts={"until": facts.instant(MONDAY_9, CANTON)})

    with translation.override("en"):
        assert str(notice) == "Approved: —, —. Please confirm by 2026-11-23 Mon 09:00 (UTC+8)."
    notice.kind = "told_long_ago"
    assert (str(notice), notice.group) == ("told_long_ago", None)


def test_what_is_loaded_for_a_demonstration_is_mailed_to_nobody():
    with operations.unmailed():
        (notice,) = told(MembershipFactory())

    assert notice.delivery == Notice.Delivery.UNWANTED
    assert not ProcrastinateJob.objects.filter(task_name="notices.deliver").exists()
    assert told(MembershipFactory())[0].delivery == Notice.Delivery.OWED


def test_notices_of_an_organisation_are_seen_by_its_members_only():
    member = MembershipFactory()
    elsewhere = MembershipFactory(user=member.user)
    told(member)
    (own,) = told(member, organisation_id=None)

    assert Notice.objects.visible_to(member).count() == 2
    assert list(Notice.objects.visible_to(elsewhere)) == [own]
    assert not Notice.objects.visible_to(MembershipFactory(organisation=member.organisation)).exists()


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"delivery": "by_pigeon"}, "notice_delivery_is_known"),
        ({"delivery": "mailed"}, "notice_mailed_says_when"),
        ({"mailed_at": MONDAY_9}, "notice_mailed_says_when"),
    ],
)
def test_the_database_keeps_what_is_said_of_a_mail_true(changed: dict[str, object], constraint: str):
    (notice,) = told(MembershipFactory())

    with pytest.raises(IntegrityError, match=constraint):
        Notice.objects.filter(pk=notice.pk).update(**changed)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"digest_hour": 24}, "preferences_digest_hour"),
        ({"quiet_from": None}, "preferences_quiet_hours"),
        ({"quiet_from": 7, "quiet_until": 7}, "preferences_quiet_hours"),
        ({"quiet_from": 22, "quiet_until": 24}, "preferences_quiet_hours"),
    ],
)
def test_the_database_keeps_hours_that_exist(fields: dict[str, object], constraint: str):
    with pytest.raises(IntegrityError, match=constraint):
        Preferences.objects.create(user=UserFactory(), **fields)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"group": "weather", "mail": "never"}, "choice_group_is_known"),
        ({"group": "desk", "mail": "hourly"}, "choice_mail_is_known"),
    ],
)
def test_the_database_keeps_choices_that_exist(fields: dict[str, str], constraint: str):
    with pytest.raises(IntegrityError, match=constraint):
        Choice.objects.create(user=UserFactory(), **fields)


def test_a_person_chooses_once_for_a_group():
    user = UserFactory()
    Choice.objects.create(user=user, group="desk", mail="never")

    with pytest.raises(IntegrityError, match="choice_once"):
        Choice.objects.create(user=user, group="desk", mail="digest")
