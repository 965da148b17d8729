"""Workbooks that nobody confirmed are removed."""

from django.utils import timezone
from procrastinate.contrib.django import app

from labs.exchange import operations


@app.periodic(cron="35 * * * *", periodic_id="forget_workbooks")
@app.task(name="labs.exchange.forget", queue="labs", queueing_lock="forget_workbooks", pass_context=False)
def forget_workbooks(timestamp: int) -> None:
    """Every hour; a run that was missed is made up for by the next."""
    del timestamp
    operations.forget_expired(timezone.now())
