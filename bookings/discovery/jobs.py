"""Each night: count how reliably labs keep what was booked with them. The job may run twice, or late."""

from django.utils import timezone
from procrastinate.contrib.django import app

from bookings.discovery import operations


@app.periodic(cron="10 20 * * *", periodic_id="count_punctuality")
@app.task(
    name="bookings.discovery.punctuality", queue="bookings", queueing_lock="count_punctuality", pass_context=False
)
def count_punctuality_nightly(timestamp: int) -> None:
    """While China sleeps."""
    del timestamp
    operations.count_punctuality(now=timezone.now())
