"""Telling people, and keeping account of what has been mailed."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import Case, F, Q, Value, When
from psycopg.types.json import Jsonb

from kernel.events import Event
from notices import kinds, queries, rules
from notices.deferring import DEFER_EACH, defer_deliveries
from notices.models import Notice, NoticeQuerySet

_is_mailing: ContextVar[bool] = ContextVar("is_mailing", default=True)


@contextmanager
def unmailed() -> Iterator[None]:
    """Tell people in the platform only, inside: what is loaded for a demonstration is news to nobody."""
    before = _is_mailing.set(False)
    try:
        yield
    finally:
        _is_mailing.reset(before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """
    What some people are told of one thing that happened.

    `kind` is named in the step's `kinds.py`; `facts` fill its sentence (see `notices.facts`) and tell the letter's
    `gather` what to read. `link` is the path of the page that shows it, `letter` the template of the mail (its first
    line is the subject). `organisation_id` is the one in whose name they hear it: they see the notice for as long as
    they belong to it; None for what is theirs alone. `about` names the thing: `rental:12`. `actor_id` is who did it:
    their own notice counts as read. An urgent one breaks the quiet hours.
    """

    users: Iterable[int]
    kind: str
    facts: Mapping[str, Any]
    link: str
    letter: str
    organisation_id: int | None
    occurred_at: datetime
    about: str = ""
    urgent: bool = False
    actor_id: int | None = None

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the notice of each of them, by its columns."""
        kind = kinds.named(self.kind)
        is_mailed = kind.is_mailed and _is_mailing.get()
        at = self.occurred_at.isoformat()
        for user_id in sorted(set(self.users)):
            yield {
                "user_id": user_id,
                "organisation_id": self.organisation_id,
                "kind": self.kind,
                "facts": dict(self.facts),
                "link": self.link,
                "letter": self.letter,
                "about": self.about,
                "is_urgent": self.urgent or kind.is_urgent,
                "occurred_at": at,
                "read_at": at if user_id == self.actor_id else None,
                "delivery": Notice.Delivery.OWED if is_mailed else Notice.Delivery.UNWANTED,
            }


def tell(
    *,
    users: Iterable[int],
    kind: str,
    facts: Mapping[str, Any],
    link: str,
    letter: str,
    organisation_id: int | None,
    occurred_at: datetime,
    about: str = "",
    urgent: bool = False,
    actor_id: int | None = None,
) -> None:
    """
    Tell people what happened, inside the transaction of it: a notice for each, and mail as each of them wants it.

    See `Telling` for what each word means. One statement, however many people; none for nobody.

    Raises:
        UnknownKindError: no step has named the kind.
    """
    telling = Telling(
        users=users,
        kind=kind,
        facts=facts,
        link=link,
        letter=letter,
        organisation_id=organisation_id,
        occurred_at=occurred_at,
        about=about,
        urgent=urgent,
        actor_id=actor_id,
    )
    tell_all([telling])


TELL = f"""
WITH told AS (
    INSERT INTO notices_notice (user_id, organisation_id, kind, facts, link, letter, about, is_urgent, occurred_at,
        read_at, delivery, mail_due_at)
    SELECT user_id, organisation_id, kind, facts, link, letter, about, is_urgent, occurred_at,
        read_at, delivery, occurred_at
    FROM jsonb_to_recordset(%(rows)s) AS each (user_id bigint, organisation_id bigint, kind text, facts jsonb,
        link text, letter text, about text, is_urgent boolean, occurred_at timestamptz,
        read_at timestamptz, delivery text)
    RETURNING id, delivery
)
SELECT {DEFER_EACH} FROM told WHERE delivery = '{Notice.Delivery.OWED}' HAVING count(*) > 0
"""  # noqa: S608 -- put together from our own words


def tell_all(tellings: Iterable[Telling]) -> None:
    """
    Tell several circles of people what happened, as `tell` does, in the one statement of one.

    On the way of every confirmation: see Note [Rows by hand].

    Raises:
        UnknownKindError: no step has named a kind.
    """
    rows = [row for telling in tellings for row in telling.rows()]
    if rows:
        with connection.cursor() as cursor:
            told: Any = Jsonb(rows, dumps=_as_json)
            cursor.execute(TELL, {"rows": told})


def _as_json(rows: list[dict[str, Any]]) -> str:
    return json.dumps(rows, ensure_ascii=False, cls=DjangoJSONEncoder)


@transaction.atomic
def claim(*, notice_id: int, now: datetime) -> Notice | None:
    """
    Take it on oneself to mail a notice now, for as long as `rules.LEASE`; None where there is nothing to send now.

    There is nothing to send when it is mailed already, somebody else is about it, or the person wants it later (it
    is put off until then), with the day's others, or not at all. Whoever was claimed for ends with `mailed`, `settle`
    or `release`; who dies before leaves a lease that runs out, and the mail is sent then: perhaps twice, never not.
    """
    notice = Notice.objects.select_for_update(of=("self",)).select_related("user").filter(pk=notice_id).first()
    if notice is None or notice.delivery != Notice.Delivery.OWED or notice.is_being_sent(now):
        return None
    verdict = _verdict(notice, queries.wanted_by(notice.user), queries.belongs_to(notice.user), now)
    if now - notice.mail_due_at > rules.KEEP_TRYING_FOR:
        notice.delivery = Notice.Delivery.GIVEN_UP
    elif verdict.mail == rules.NEVER:
        notice.delivery = Notice.Delivery.UNWANTED
    elif verdict.mail == rules.DIGEST:
        notice.delivery, notice.mail_due_at = Notice.Delivery.DIGEST, verdict.at
    elif verdict.at > now:
        notice.mail_due_at = verdict.at
        defer_deliveries([notice.pk], at=verdict.at)
    else:
        notice.sending_until = now + rules.LEASE
    notice.save(update_fields=["delivery", "mail_due_at", "sending_until"])
    return notice if notice.is_being_sent(now) else None


@transaction.atomic
def claim_digest(*, user_id: int, now: datetime) -> list[Notice]:
    """
    Take it on oneself to mail a person all that waits for the daily mail, once some of it is due; else nothing.

    Like `claim`; what the person no longer wants, or no longer belongs to, is left out for good.
    """
    waiting = Notice.objects.filter(user=user_id, delivery=Notice.Delivery.DIGEST).order_by("pk")
    locked = waiting.select_related("user").select_for_update(of=("self",))
    notices = [each for each in locked if not each.is_being_sent(now)]
    if not any(each.mail_due_at <= now for each in notices):
        return []
    user = notices[0].user
    wanted, belongs_to = queries.wanted_by(user), queries.belongs_to(user)
    left_out = [each.pk for each in notices if _verdict(each, wanted, belongs_to, now).mail == rules.NEVER]
    settle(notice_ids=left_out, as_=Notice.Delivery.UNWANTED)
    claimed = [each for each in notices if each.pk not in left_out]
    Notice.objects.filter(pk__in=[each.pk for each in claimed]).update(sending_until=now + rules.LEASE)
    return claimed


def _verdict(notice: Notice, wanted: queries.Wanted, belongs_to: frozenset[int], now: datetime) -> rules.Verdict:
    kind = kinds.find(notice.kind)
    is_foreign = notice.organisation_id is not None and notice.organisation_id not in belongs_to
    if kind is None or not kind.is_mailed or is_foreign or not wanted.user.is_active:
        return rules.Verdict(rules.NEVER, now)
    return rules.decide(wanted.wishes(kind), is_urgent=notice.is_urgent, now=now)


def mailed(*, notice_ids: Iterable[int], now: datetime) -> None:
    """Keep that notices were mailed."""
    Notice.objects.filter(pk__in=list(notice_ids)).update(
        delivery=Notice.Delivery.MAILED, mailed_at=now, sending_until=None
    )


def settle(*, notice_ids: Iterable[int], as_: Notice.Delivery) -> None:
    """Keep that notices will not be mailed, and why."""
    Notice.objects.filter(pk__in=list(notice_ids)).update(delivery=as_, sending_until=None)


def release(*, notice_ids: Iterable[int]) -> None:
    """Give back notices that could not be mailed now; somebody tries again."""
    Notice.objects.filter(pk__in=list(notice_ids)).update(sending_until=None)


def give_up(*, now: datetime) -> int:
    """Give up mails that could not be sent for `rules.KEEP_TRYING_FOR`, and return how many; the notices stay."""
    return (
        Notice.objects.to_be_mailed()
        .filter(mail_due_at__lte=now - rules.KEEP_TRYING_FOR)
        .update(delivery=Notice.Delivery.GIVEN_UP, sending_until=None)
    )


def see_done(event: Event) -> None:
    """React to an act: whoever was asked for it has nothing left to do, and is not mailed about it any more."""
    see_all_done([event])


def see_all_done(happened: Sequence[Event]) -> None:
    """React to many acts at once, as `see_done` does to one; a statement for each kind of act."""
    for type_of_event in dict.fromkeys(type(event) for event in happened):
        acts = [event for event in happened if type(event) is type_of_event]
        asked = kinds.done_by(type_of_event)
        about = {kind.about.format(event) for kind in asked for event in acts}
        waits = Q(delivery__in=[Notice.Delivery.OWED, Notice.Delivery.DIGEST], sending_until__isnull=True)
        Notice.objects.unread().filter(kind__in=[kind.name for kind in asked], about__in=about).update(
            read_at=acts[0].occurred_at,
            delivery=Case(When(waits, then=Value(Notice.Delivery.UNWANTED)), default=F("delivery")),
        )


def mark_read(*, notices: NoticeQuerySet, now: datetime) -> int:
    """Keep that a person has read these notices, and return how many were unread."""
    return notices.unread().update(read_at=now)


def forget_read(*, now: datetime) -> int:
    """Delete notices read more than `rules.READ_KEPT_FOR` ago whose mail is settled, and return how many."""
    read = Notice.objects.filter(read_at__lte=now - rules.READ_KEPT_FOR)
    number, _ = read.exclude(pk__in=Notice.objects.to_be_mailed().values("pk")).delete()
    return number
