"""Jobs named before they are written: operations end with deferring them, and `jobs.py` calls operations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from procrastinate.contrib.django import app

DELIVER, QUEUE = "notices.deliver", "mail"

DEFER_EACH = f"""
procrastinate_defer_jobs_v1(array_agg(
    ROW('{QUEUE}', '{DELIVER}', 0, NULL, NULL, jsonb_build_object('notice_id', id), NULL)::procrastinate_job_to_defer_v1
    ORDER BY id
))
"""
"""The same in the statement that writes the notices, over their ids: what `defer_deliveries` sends."""


def defer_deliveries(notice_ids: Sequence[int], *, at: datetime | None = None) -> None:
    """Have notices mailed, each by a job of its own, from an instant on; one statement, none for no notice."""
    if notice_ids:
        when: dict[str, Any] = {} if at is None else {"schedule_at": at}
        job = app.configure_task(DELIVER, queue=QUEUE, **when)
        asked: list[Any] = [{"notice_id": notice_id} for notice_id in notice_ids]
        job.batch_defer(*asked)
