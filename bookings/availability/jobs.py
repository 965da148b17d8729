"""The weeks of instruments are looked over once a day."""

import structlog
from django.utils import timezone
from procrastinate.contrib.django import app

from bookings.availability import operations

log = structlog.get_logger(__name__)


@app.periodic(cron="35 16 * * *", periodic_id="repair_weeks")
@app.task(name="availability.repair_weeks", queue="labs", queueing_lock="repair_weeks", pass_context=False)
def repair_weeks_daily(timestamp: int) -> None:
    """Half an hour after the horizon has moved on; may run twice. Weeks that hid a free time are a fault, and told."""
    del timestamp  # the day it was meant for; the weeks follow the clock
    mended = operations.repair_weeks(now=timezone.now())
    if mended.hid:
        log.error("weeks hid free times", weeks=mended.hid)
