"""The horizon of open time moves on with the days."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from labs.catalogue.models import Instrument
from labs.hours.open_time import behind, rebuild_open_time

BATCH = 500
"""Instruments in one transaction: a booking waits for one batch at most."""


def extend_horizon(now: datetime) -> int:
    """
    Rebuild the open time of every instrument whose horizon lies behind, in batches, and return how many there were.

    Safe to run twice, late, or beside itself: what is up to date is left alone.
    """
    keys = behind(now)
    for begin in range(0, len(keys), BATCH):
        with transaction.atomic():
            rebuild_open_time(Instrument.objects.filter(pk__in=keys[begin : begin + BATCH]), now)
    return len(keys)


@app.periodic(cron="5 16 * * *", periodic_id="extend_horizon")
@app.task(name="labs.hours.extend_horizon", queue="labs", queueing_lock="extend_horizon", pass_context=False)
def extend_horizon_daily(timestamp: int) -> None:
    """Shortly after midnight in China. A day the worker slept through is made up for by the next run."""
    del timestamp  # the day it was meant for; the horizon follows the clock
    extend_horizon(timezone.now())
