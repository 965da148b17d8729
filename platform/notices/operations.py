"""Telling people, and keeping account of what has been mailed."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Membership
from notices import kinds, queries, rules
from notices.deferring import defer_deliveries
from notices.models import Notice


@transaction.atomic(savepoint=False)
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
) -> None:
    """
    Tell people what happened, inside the transaction of it: a notice for each, and mail as each of them wants it.

    `kind` is named in the step's `kinds.py`; `facts` fill its sentence (see `notices.facts`) and tell the letter's
    `gather` what to read. `link` is the path of the page that shows it, `letter` the template of the mail (its first
    line is the subject). `organisation_id` is the one in whose name they hear it: they see the notice for as long as
    they belong to it; None for what is theirs alone. `about` names the thing: `rental:12`. Two statements, however
    many people; none for nobody.

    Raises:
        UnknownKindError: no step has named the kind.
    """
    is_urgent = urgent or kinds.named(kind).is_urgent
    notices = Notice.objects.bulk_create(
        Notice(
            user_id=user_id,
            organisation_id=organisation_id,
            kind=kind,
            facts=dict(facts),
            link=link,
            letter=letter,
            about=about,
            is_urgent=is_urgent,
            occurred_at=occurred_at,
            mail_due_at=occurred_at,
        )
        for user_id in sorted(set(users))
    )
    defer_deliveries([notice.pk for notice in notices])


@transaction.atomic
def claim(*, notice_id: int, now: datetime) -> Notice | None:
    """
    Take it on oneself to mail a notice now, for as long as `rules.LEASE`; None where there is nothing to send now.

    There is nothing to send when it is mailed already, somebody else is about it, or the person wants it later (it
    is put off until then), with the day's others, or not at all. Whoever was claimed for ends with `mailed`, `settle`
    or `release`; who dies before leaves a lease that runs out, and the mail is sent then: perhaps twice, never not.
    """
    notice = Notice.objects.select_for_update(of=("self",)).select_related("user").filter(pk=notice_id).first()
    if notice is None or notice.delivery != Notice.Delivery.OWED or (notice.sending_until or now) > now:
        return None
    verdict = _verdict(notice, now)
    if verdict.mail == rules.NEVER:
        notice.delivery = Notice.Delivery.UNWANTED
    elif verdict.mail == rules.DIGEST:
        notice.delivery, notice.mail_due_at = Notice.Delivery.DIGEST, verdict.at
    elif verdict.at > now:
        notice.mail_due_at = verdict.at
        defer_deliveries([notice.pk], at=verdict.at)
    else:
        notice.sending_until = now + rules.LEASE
    notice.save(update_fields=["delivery", "mail_due_at", "sending_until"])
    return notice if notice.sending_until else None


def _verdict(notice: Notice, now: datetime) -> rules.Verdict:
    kind = kinds.find(notice.kind)
    if kind is None or not notice.user.is_active or not _still_concerns(notice):
        return rules.Verdict(rules.NEVER, now)
    wishes = queries.wishes_of(notice.user, kind)
    return rules.decide(wishes, is_urgent=notice.is_urgent, now=now)


def _still_concerns(notice: Notice) -> bool:
    if notice.organisation_id is None:
        return True
    return Membership.objects.active().filter(user=notice.user_id, organisation=notice.organisation_id).exists()


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
