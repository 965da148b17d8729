"""Mailing what people are told. Each job may run twice, late, or beside itself."""

from django.utils import timezone
from procrastinate.contrib.django import app

from notices import kinds, letters, operations
from notices.deferring import DELIVER, QUEUE
from notices.models import Notice
from notices.retrying import PATIENT


@app.task(name=DELIVER, queue=QUEUE, retry=PATIENT)
def deliver(*, notice_id: int) -> None:
    """Mail one notice, if its reader wants it now; a server that is away is asked again."""
    notice = operations.claim(notice_id=notice_id, now=timezone.now())
    if notice is None:
        return
    try:
        gathered = kinds.named(notice.kind).gather(notice.facts)
        if gathered is None:
            operations.settle(notice_ids=[notice.pk], as_=Notice.Delivery.UNWANTED)
            return
        facts = {**notice.facts, **gathered, "person": notice.user, "link": letters.whole(notice.link)}
        letters.send(notice.letter, to=notice.user.email, language=notice.user.language, facts=facts)
    except Exception:
        operations.release(notice_ids=[notice.pk])
        raise
    operations.mailed(notice_ids=[notice.pk], now=timezone.now())
