"""Jobs that are done are forgotten: the last ones are looked at when something went wrong, the others never."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app

BATCH = 2_000
"""Jobs deleted by one statement: a worker that takes its next job is not kept waiting."""

DONE, UNDONE = ("succeeded",), ("failed", "cancelled", "aborted")

FORGET = """
DELETE FROM procrastinate_jobs WHERE id IN (
    SELECT job.id FROM procrastinate_jobs AS job
    WHERE job.status = ANY(%(statuses)s::procrastinate_job_status[]) AND job.id > %(after)s
        AND NOT EXISTS (SELECT 1 FROM procrastinate_events AS e WHERE e.job_id = job.id AND e.at >= %(before)s)
    ORDER BY job.id LIMIT %(most)s
) RETURNING id
"""


def forget(*, now: datetime) -> int:
    """
    Delete the jobs that ended long enough ago, and return how many; whatever waits or runs stays, however old.

    Those that succeeded are kept for `JOBS_KEPT_DAYS`, those that failed or were called off for
    `FAILED_JOBS_KEPT_DAYS`. In batches, each a transaction of its own. Safe to run twice, late, or beside itself.
    """
    return _forget(DONE, before=now - timedelta(days=settings.JOBS_KEPT_DAYS)) + _forget(
        UNDONE, before=now - timedelta(days=settings.FAILED_JOBS_KEPT_DAYS)
    )


def _forget(statuses: tuple[str, ...], *, before: datetime) -> int:
    number, after = 0, 0
    while True:
        asked: dict[str, Any] = {"statuses": list(statuses), "before": before, "after": after, "most": BATCH}
        with connection.cursor() as cursor:
            cursor.execute(FORGET, asked)
            gone = [key for (key,) in cursor.fetchall()]
        if not gone:
            return number
        number, after = number + len(gone), max(gone)


@app.periodic(cron="45 17 * * *", periodic_id="forget_jobs")
@app.task(name="config.forget_jobs", queue="audit", queueing_lock="forget_jobs", pass_context=False)
def forget_jobs(timestamp: int) -> None:
    """In the small hours in China: the jobs that ended some days ago."""
    del timestamp  # the day it was meant for; what is old follows the clock
    forget(now=timezone.now())
