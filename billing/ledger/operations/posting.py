"""
Posting what happened, once: an entry with its lines in one statement.

The constraint `ledger_event_is_posted_once` says what is new; the triggers of the migration `0005_ledger` have the last
word on what an entry is. See docs/adr/0020.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import batched
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from billing.ledger.models import Entry, Line
from billing.ledger.rules import REVERSAL, Account, Happened, Leg, Legs, opposite
from kernel.refusals import Refusal, bounded_wait, refusing

AT_ONCE = 5_000
"""How many entries one statement of a bulk posts."""

POST = """
WITH entry AS (
    INSERT INTO billing_entry
        (event_id, event, at, order_number, organisation_id, lab_id, by_id, reason, reverses_id)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT ON CONSTRAINT ledger_event_is_posted_once DO NOTHING
    RETURNING id, posted_in
), line AS (
    INSERT INTO billing_line (entry_id, account, fen, organisation_id, order_number, lab_id, programme_id, provider)
    SELECT entry.id, leg.account, leg.fen, leg.organisation, leg.order_number, leg.lab, leg.programme, leg.provider
    FROM entry CROSS JOIN unnest(
        %s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::text[]
    ) WITH ORDINALITY AS leg (account, fen, organisation, order_number, lab, programme, provider, number)
    ORDER BY leg.number
)
SELECT id, posted_in::text FROM entry
"""
"""One event; no row when it is posted already."""

POST_MANY = """
WITH entry AS (
    INSERT INTO billing_entry (event_id, event, at, order_number, organisation_id, lab_id, by_id, reason)
    SELECT event_id, event, at, order_number, organisation, lab, person, reason
    FROM unnest(
        %s::text[], %s::text[], %s::timestamptz[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[]
    ) WITH ORDINALITY AS happened (event_id, event, at, order_number, organisation, lab, person, reason, number)
    ORDER BY number
    ON CONFLICT ON CONSTRAINT ledger_event_is_posted_once DO NOTHING
    RETURNING id, event_id
), line AS (
    INSERT INTO billing_line (entry_id, account, fen, organisation_id, order_number, lab_id, programme_id, provider)
    SELECT entry.id, leg.account, leg.fen, leg.organisation, leg.order_number, leg.lab, leg.programme, leg.provider
    FROM unnest(
        %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::text[]
    ) WITH ORDINALITY AS leg (event_id, account, fen, organisation, order_number, lab, programme, provider, number)
    JOIN entry ON entry.event_id = leg.event_id
    ORDER BY leg.number
)
SELECT event_id FROM entry
"""
"""Many events; the ids of those that were new."""

COLUMNS = [field.attname for field in Entry._meta.concrete_fields]


class EventPostedDifferently(Exception):  # noqa: N818 -- it says what happened
    """A fault: one event id was given to two different events."""


class AlreadyReversed(Refusal):
    """An entry is taken back once, and what takes back is not taken back itself."""

    code = "entry_already_reversed"
    message = _("Entry {entry} is reversed already, or is a reversal itself.")


def post(
    *,
    event_id: str,
    event: str,
    legs: Iterable[Leg],
    at: datetime,
    order_number: str = "",
    organisation_id: int | None = None,
    lab_id: int | None = None,
    by: Membership | None = None,
    reason: str = "",
) -> Entry:
    """
    Post one business event, in the transaction of whatever it is part of; posted again it answers with the first entry.

    The legs are those of `billing.ledger.rules`; `event_id` names the event for ever (`settled:R20261124000001`).

    Raises:
        EventPostedDifferently: another event was posted under this id.
        Busy: another transaction is posting this very event, for too long.
        ValueError: the legs do not balance, or the code is unknown.
    """
    happened = Happened(
        event_id=event_id,
        event=event,
        legs=tuple(legs),
        at=at,
        order_number=order_number,
        organisation_id=organisation_id,
        lab_id=lab_id,
        by_id=by.user_id if by else None,
        reason=reason,
    )
    return _post(happened)


def _post(happened: Happened, reverses_id: int | None = None) -> Entry:
    """Write an entry with its lines, or find the one that is there."""
    about = _of_entry(happened)
    legs = [list(column) for column in zip(*map(_of_leg, happened.legs), strict=True)]
    with transaction.atomic(savepoint=False), bounded_wait(), connection.cursor() as cursor:
        cursor.execute(POST, [*about, reverses_id, *legs])
        made = cursor.fetchone()
    if made is None:
        return _found([happened])[0]
    key, posted_in = made
    return Entry.from_db(connection.alias, COLUMNS, [key, *about, reverses_id, posted_in])


def post_many(entries: Iterable[Happened]) -> int:
    """
    Post many events in few statements, all or none, and return how many were new.

    Raises:
        EventPostedDifferently: two events bear one id, here or with one that is posted.
        Busy: another transaction is posting one of them, for too long.
    """
    by_id: dict[str, Happened] = {}
    for happened in entries:
        first = by_id.setdefault(happened.event_id, happened)
        if first.said != happened.said:
            raise EventPostedDifferently(happened.event_id)
    ordered = sorted(by_id.values(), key=lambda each: each.event_id)  # two bulks wait for each other in one order
    with transaction.atomic(savepoint=False):
        return sum(_post_some(some) for some in batched(ordered, AT_ONCE))


def _post_some(some: Sequence[Happened]) -> int:
    entries = [list(column) for column in zip(*map(_of_entry, some), strict=True)]
    every = ((happened.event_id, *_of_leg(leg)) for happened in some for leg in happened.legs)
    legs = [list(column) for column in zip(*every, strict=True)]
    with bounded_wait(), connection.cursor() as cursor:
        cursor.execute(POST_MANY, [*entries, *legs])
        new = {event_id for (event_id,) in cursor.fetchall()}
    if len(new) < len(some):
        _found([happened for happened in some if happened.event_id not in new])
    return len(new)


def _of_entry(happened: Happened) -> tuple[Any, ...]:
    """The entry's columns, in their order."""
    return (
        happened.event_id,
        happened.event,
        happened.at,
        happened.order_number,
        happened.organisation_id,
        happened.lab_id,
        happened.by_id,
        happened.reason,
    )


def _of_leg(leg: Leg) -> tuple[Any, ...]:
    """The line's columns, in their order."""
    return (leg.account.value, leg.fen, *leg.about.values())


def _found(some: list[Happened]) -> list[Entry]:
    """Return the entries of events that are posted already, if they say the same."""
    ids = [happened.event_id for happened in some]
    posted = {entry.event_id: entry for entry in Entry.objects.filter(event_id__in=ids).prefetch_related("lines")}
    for happened in some:
        entry = posted[happened.event_id]
        if (entry.event, entry.order_number, legs_of(entry)) != happened.said:
            raise EventPostedDifferently(happened.event_id)
    return [posted[event_id] for event_id in ids]


def legs_of(entry: Entry) -> list[Leg]:
    """Return an entry's lines as legs, in the order of `Happened.said`."""
    return sorted((_leg(line) for line in entry.lines.all()), key=Leg.in_full)


def _leg(line: Line) -> Leg:
    return Leg(
        Account(line.account),
        line.fen,
        organisation_id=line.organisation_id,
        order_number=line.order_number,
        lab_id=line.lab_id,
        programme_id=line.programme_id,
        provider=line.provider,
    )


def reverse(*, entry: Entry, by: Membership | None, reason: str, now: datetime, event_id: str = "") -> Entry:
    """
    Take an entry back by its opposite; `by` is None where the platform itself takes it back. Safe to repeat.

    Raises:
        AlreadyReversed: it was taken back under another event's id, or is itself a reversal.
    """
    if entry.event == REVERSAL:
        raise AlreadyReversed(entry=entry.event_id)
    legs: Legs = opposite(legs_of(entry))
    happened = Happened(
        event_id=event_id or f"reversal:{entry.event_id}",
        event=REVERSAL,
        legs=legs,
        at=now,
        order_number=entry.order_number,
        organisation_id=entry.organisation_id,
        lab_id=entry.lab_id,
        by_id=by.user_id if by else None,
        reason=reason,
    )
    with refusing(ledger_entry_is_reversed_once=AlreadyReversed(entry=entry.event_id)):
        return _post(happened, reverses_id=entry.pk)
