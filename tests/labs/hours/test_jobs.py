"""The horizon moves on by itself: the worker finds the job, and runs it every day."""

import pytest
from procrastinate.contrib.django import app

from labs.hours.jobs import extend_horizon_daily
from labs.models import OpenTime
from tests.factories.labs import InstrumentFactory


def test_the_worker_finds_the_job_and_runs_it_daily():
    app.perform_import_paths()

    assert "labs.hours.extend_horizon" in app.tasks
    periodic = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert periodic["labs.hours.extend_horizon"] == "5 16 * * *"  # 00:05 in China


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_the_job_builds_what_is_missing():
    instrument = InstrumentFactory(open_time=False)

    extend_horizon_daily(timestamp=0)

    assert OpenTime.objects.get(instrument=instrument).version == 1
