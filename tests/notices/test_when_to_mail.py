"""When a notice is mailed, and how long a mail server is waited for: rules on values."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from procrastinate.jobs import Job

from notices import retrying, rules
from notices.rules import Verdict, Wishes

CANTON, LIMA = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/Lima")


def canton(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=CANTON)


@pytest.mark.parametrize(
    ("now", "sent_at"),
    [
        (canton(23, 9), canton(23, 9)),
        (canton(23, 21, 59), canton(23, 21, 59)),
        (canton(23, 22), canton(24, 7)),
        (canton(24, 0), canton(24, 7)),
        (canton(24, 6, 59), canton(24, 7)),
        (canton(24, 7), canton(24, 7)),
    ],
)
def test_quiet_hours_over_midnight_put_a_mail_off_until_they_end(now: datetime, sent_at: datetime):
    assert rules.decide(Wishes(CANTON), is_urgent=False, now=now) == Verdict("at_once", sent_at)


@pytest.mark.parametrize(
    ("now", "sent_at"), [(canton(23, 11), canton(23, 11)), (canton(23, 12), canton(23, 14)), (canton(23, 14), None)]
)
def test_quiet_hours_may_lie_within_a_day(now: datetime, sent_at: datetime | None):
    wishes = Wishes(CANTON, quiet=(12, 14))

    assert rules.decide(wishes, is_urgent=False, now=now).at == (sent_at or now)


def test_quiet_hours_are_those_of_the_persons_own_clock():
    nine_in_canton = canton(23, 9)  # eight in the evening in Lima, the day before
    ten_in_lima = datetime(2026, 11, 22, 22, tzinfo=LIMA)

    assert rules.decide(Wishes(LIMA), is_urgent=False, now=nine_in_canton).at == nine_in_canton
    assert rules.decide(Wishes(LIMA), is_urgent=False, now=ten_in_lima).at == datetime(2026, 11, 23, 7, tzinfo=LIMA)


def test_whoever_wants_no_quiet_hours_is_mailed_at_night():
    now = canton(23, 3)

    assert rules.decide(Wishes(CANTON, quiet=None), is_urgent=False, now=now) == Verdict("at_once", now)


def test_an_urgent_mail_breaks_the_quiet_hours_but_not_what_a_person_chose():
    now = canton(23, 3)

    assert rules.decide(Wishes(CANTON), is_urgent=True, now=now) == Verdict("at_once", now)
    assert rules.decide(Wishes(CANTON, mail="never"), is_urgent=True, now=now).mail == "never"
    assert rules.decide(Wishes(CANTON, mail="digest"), is_urgent=True, now=now).mail == "digest"


@pytest.mark.parametrize(
    ("now", "due"),
    [(canton(23, 7, 59), canton(23, 8)), (canton(23, 8), canton(24, 8)), (canton(23, 23), canton(24, 8))],
)
def test_the_daily_mail_is_that_of_the_next_hour_chosen(now: datetime, due: datetime):
    assert rules.decide(Wishes(CANTON, mail="digest"), is_urgent=False, now=now) == Verdict("digest", due)


def test_a_clock_that_is_put_forward_loses_no_daily_mail():
    berlin = ZoneInfo("Europe/Berlin")
    evening = datetime(2026, 3, 28, 20, tzinfo=berlin)  # in that night 02:00 becomes 03:00

    due = rules.next_digest(Wishes(berlin, digest_hour=2), evening)

    assert evening < due < evening + timedelta(hours=8)


def test_a_mail_server_that_is_away_is_asked_for_two_days_and_at_least_each_half_hour():
    waits = [retrying.wait_seconds(attempt) for attempt in range(retrying.MOST_ATTEMPTS)]

    assert waits[:5] == [10, 40, 160, 640, 1800]
    assert max(waits) == 1800
    assert timedelta(hours=47) < timedelta(seconds=sum(waits)) < timedelta(hours=50)


def test_after_a_hundred_attempts_the_job_gives_up_and_the_sweep_takes_over():
    def job(attempts: int) -> Job:
        return Job(id=1, queue="mail", lock=None, queueing_lock=None, task_name="notices.deliver", attempts=attempts)

    first = retrying.PATIENT.get_retry_decision(exception=OSError(), job=job(0))

    assert first is not None
    assert first.retry_at is not None
    assert timedelta(seconds=8) < first.retry_at - datetime.now(UTC) < timedelta(seconds=12)
    assert retrying.PATIENT.get_retry_decision(exception=OSError(), job=job(100)) is None
