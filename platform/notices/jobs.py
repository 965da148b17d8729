"""Mailing what people are told. Each job may run twice, late, or beside itself."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from notices import letters, operations, posting, queries
from notices.deferring import DELIVER, QUEUE, defer_deliveries
from notices.models import Notice
from notices.retrying import PATIENT

LOST_AFTER = timedelta(minutes=15)
"""A mail that is due for so long, and that no job is about to send, was lost with a process that was killed."""
MOST_AT_ONCE = 1000


@app.task(name=DELIVER, queue=QUEUE, retry=PATIENT)
def deliver(*, notice_id: int) -> None:
    """Mail one notice, if its reader wants it now; a mail server that is away is asked again."""
    now = timezone.now()
    notice = operations.claim(notice_id=notice_id, now=now)
    if notice is None:
        return
    with _claimed([notice]):
        message = letters.of_notice(notice, now)
        if message is None:
            operations.settle(notice_ids=[notice.pk], as_=Notice.Delivery.UNWANTED)
        else:
            posting.hand_over(message)
            operations.mailed(notice_ids=[notice.pk], now=timezone.now())


@app.task(name="notices.send_digest", queue=QUEUE, retry=PATIENT)
def send_digest(*, user_id: int) -> None:
    """Mail one person all that waits for their daily mail, if it is due."""
    notices = operations.claim_digest(user_id=user_id, now=timezone.now())
    if not notices:
        return
    with _claimed(notices):
        posting.hand_over(letters.of_digest(notices))
        operations.mailed(notice_ids=[notice.pk for notice in notices], now=timezone.now())


@contextmanager
def _claimed(notices: Sequence[Notice]) -> Iterator[None]:
    """Settle what the reader's server refuses for good; give back what could not be sent, to be tried again."""
    notice_ids = [notice.pk for notice in notices]
    try:
        yield
    except posting.ReaderRefusedError:
        operations.settle(notice_ids=notice_ids, as_=Notice.Delivery.REFUSED)
    except Exception:
        operations.release(notice_ids=notice_ids)
        raise


@app.periodic(cron="*/15 * * * *", periodic_id="send_due_mails")
@app.task(name="notices.send_due", queue=QUEUE, queueing_lock="send_due_mails", pass_context=False)
def send_due(timestamp: int) -> None:
    """Each quarter of an hour: the daily mails of whose hour has come, and the mails whose job was lost."""
    del timestamp  # the quarter it was meant for; what is due follows the clock
    now = timezone.now()
    for user_id in queries.due_for_digest(now):
        try:
            with transaction.atomic():
                send_digest.configure(queueing_lock=f"digest-{user_id}").defer(user_id=user_id)
        except AlreadyEnqueued:
            continue  # the job that waits for the mail server will send it
    operations.give_up(now=now)
    defer_deliveries(queries.left_behind(before=now - LOST_AFTER, now=now, most=MOST_AT_ONCE))


@app.periodic(cron="10 17 * * *", periodic_id="forget_read_notices")
@app.task(name="notices.forget_read", queue=QUEUE, queueing_lock="forget_read_notices", pass_context=False)
def forget_read(timestamp: int) -> None:
    """In the small hours in China: notices that were read half a year ago."""
    del timestamp  # the day it was meant for; what is old follows the clock
    operations.forget_read(now=timezone.now())
