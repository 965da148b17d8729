"""Jobs that ended some days ago are deleted each night; whatever waits or runs is not."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from config import jobs
from tests.factories.labs import MONDAY_9

pytestmark = pytest.mark.django_db


def job(status: str, *, days_ago: float) -> int:
    at = MONDAY_9 - timedelta(days=days_ago)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, status)"
            " VALUES ('rentals', 'rentals.remind', 0, '{}', %s::procrastinate_job_status) RETURNING id",
            [status],
        )
        (key,) = cursor.fetchone()
        cursor.execute("DELETE FROM procrastinate_events WHERE job_id = %s", [key])
        for kind, when in (("deferred", at - timedelta(hours=1)), ("started", at)):
            cursor.execute(
                "INSERT INTO procrastinate_events (job_id, type, at) VALUES (%s, %s::procrastinate_job_event_type, %s)",
                [key, kind, when],
            )
    return int(key)


def left() -> set[int]:
    return set(ProcrastinateJob.objects.values_list("pk", flat=True))


def test_what_succeeded_is_kept_for_days_and_what_failed_for_weeks(settings: Any) -> None:
    settings.JOBS_KEPT_DAYS, settings.FAILED_JOBS_KEPT_DAYS = 3, 30
    for status, days in (("succeeded", 4), ("failed", 31), ("cancelled", 31), ("aborted", 31)):
        job(status, days_ago=days)
    kept = {job("succeeded", days_ago=2.9), job("failed", days_ago=29), job("cancelled", days_ago=4)}

    assert jobs.forget(now=MONDAY_9) == 4
    assert left() == kept
    assert jobs.forget(now=MONDAY_9) == 0


def test_what_waits_or_runs_is_kept_however_old_it_is() -> None:
    kept = {job("todo", days_ago=90), job("doing", days_ago=90)}

    jobs.forget_jobs(timestamp=0)

    assert left() == kept


def test_many_are_deleted_in_batches_with_what_was_noted_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BATCH", 2)
    for _ in range(5):
        job("succeeded", days_ago=9)

    assert jobs.forget(now=MONDAY_9) == 5

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_events")
        assert cursor.fetchone() == (0,)
