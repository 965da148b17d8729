"""Answers are kept for as long as anybody may ask again."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from audit.requests import operations

KEPT_FOR = timedelta(days=7)
"""A program that repeats a request later than this makes another thing."""


@app.periodic(cron="25 17 * * *", periodic_id="forget_answers")
@app.task(name="audit.forget_answers", queue="audit", queueing_lock="forget_answers", pass_context=False)
def forget_answers(timestamp: int) -> None:
    """In the small hours in China. Safe to run twice or late."""
    del timestamp  # the day it was meant for; what is old follows the clock
    operations.forget(before=timezone.now() - KEPT_FOR)
