"""Who waits, in which order, and what for: ready to be offered time, or to be shown."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Case, Count, Prefetch, Q, QuerySet, Sum, When

from accounts.memberships import rules as roles
from accounts.models import Membership
from bookings.waitlist.fitting import Customer, Place, Waiting
from bookings.waitlist.models import WaitlistEntry, WaitlistEntryQuerySet, WaitlistOffer
from kernel.bilingual import chosen
from kernel.periods import Period
from labs.models import InstrumentGroup

REACH = timedelta(days=1)
"""How far beyond its own time what is freed may matter: buffers are at most a day."""


# --- The line ----------------------------------------------------------------------------------------------------


def line(
    *, now: datetime, instrument_ids: Collection[int] | None = None, freed: Mapping[int, Period] | None = None
) -> list[Waiting]:
    """
    Return those who wait, in the order in which they are offered time (BK-19); three statements.

    With `instrument_ids` those who may take one of these; with `freed` too, those whose window reaches that time.
    """
    waiting = WaitlistEntry.objects.waiting(now).in_line()
    if instrument_ids is not None:
        waiting = waiting.filter(may_take(instrument_ids))
    if freed:
        near = Q()
        for period in freed.values():
            near |= Q(window__overlap=Period(period.start - REACH, period.end + REACH).as_range())
        waiting = waiting.filter(near)
    return of_entries(waiting.select_related("group"))


def may_take(instrument_ids: Collection[int]) -> Q:
    """Return which entries may take one of these instruments; of wishes by search only the search can tell."""
    groups = InstrumentGroup.objects.filter(instruments__in=instrument_ids).values("pk")
    return Q(instrument__in=instrument_ids) | Q(group__in=groups) | Q(query__isnull=False)


def is_waited_for(instrument_ids: Collection[int], *, now: datetime) -> bool:
    """Whether anybody might take one of these instruments; one statement."""
    return WaitlistEntry.objects.waiting(now).filter(may_take(instrument_ids)).exists()


def of_entries(entries: WaitlistEntryQuerySet | list[WaitlistEntry]) -> list[Waiting]:
    """Return entries with who answers for each, and what each was offered before."""
    found = list(entries)
    before = defaultdict(list)
    offers = WaitlistOffer.objects.filter(entry__in=[entry.pk for entry in found if entry.pk])
    for entry_id, instrument_id, period in offers.values_list("entry_id", "rental__instrument_id", "rental__period"):
        before[entry_id].append(Place(instrument_id, Period.from_range(period)))
    customers = _customers(found)
    return [
        Waiting(entry, customers.get((entry.organisation_id, entry.placed_by_id)), tuple(before[entry.pk]))
        for entry in found
    ]


def _customers(entries: Iterable[WaitlistEntry]) -> dict[tuple[int, int], Customer]:
    """Return who answers for each entry: whoever placed it, or, where they may not book (any more), a colleague."""
    wanted = {(entry.organisation_id, entry.placed_by_id) for entry in entries}
    bookers = Membership.objects.active().filter(
        organisation__in={organisation for organisation, _ in wanted}, role__in=(roles.OWNER, roles.BUYER)
    )
    people: dict[int, list[int]] = defaultdict(list)
    for organisation_id, user_id in bookers.order_by("created_at", "pk").values_list("organisation_id", "user_id"):
        people[organisation_id].append(user_id)
    answering = {key: key[1] if key[1] in people[key[0]] else people[key[0]][0] for key in wanted if people[key[0]]}
    return {key: Customer(key[0], person) for key, person in answering.items()}


def ahead(first: Iterable[Waiting], instrument_id: int) -> list[Waiting]:
    """Return those of the first in line who may take an instrument; of wishes by search only the search can tell."""
    passed = list(first)
    may = set(
        WaitlistEntry.objects.filter(may_take([instrument_id]), pk__in=[each.entry.pk for each in passed])
        .order_by()
        .values_list("pk", flat=True)
    )
    return [each for each in passed if each.entry.pk in may]


# --- A customer's own ----------------------------------------------------------------------------------------------


def listed(member: Membership) -> QuerySet[Any]:
    """Return the organisation's entries with what a list shows of them: what is offered, then the newest first."""
    offers = WaitlistOffer.objects.select_related("rental__instrument__lab").order_by("-offered_at", "-pk")
    return (
        WaitlistEntry.objects.visible_to(member)
        .select_related("instrument__lab", "group__lab", "placed_by", "displaced__instrument")
        .prefetch_related(Prefetch("offers", queryset=offers))
        .order_by(Case(When(state=WaitlistEntry.State.OFFERED, then=0), default=1), "-created_at", "-pk")
    )


POSITIONS = """
WITH line AS (
    SELECT e.*, CASE WHEN e.displaced_id IS NOT NULL THEN 0
        WHEN o.size IN ('micro', 'small', 'medium') AND o.verification = 'verified' THEN 1 ELSE 2 END AS rank
    FROM bookings_waitlistentry e JOIN accounts_organisation o ON o.id = e.organisation_id
    WHERE e.state = 'waiting'
)
SELECT mine.id, 1 + count(other.id)
FROM line mine LEFT JOIN line other ON other."window" && mine."window"
    AND (other.rank, other.created_at, other.id) < (mine.rank, mine.created_at, mine.id)
    AND (other.instrument_id = mine.instrument_id OR other.group_id = mine.group_id OR other.query = mine.query
        OR EXISTS (SELECT FROM labs_instrumentgroup_instruments g
            WHERE g.instrumentgroup_id IN (other.group_id, mine.group_id)
            AND g.instrument_id IN (other.instrument_id, mine.instrument_id)))
WHERE mine.id = ANY(%s)
GROUP BY mine.id
"""


def positions(entries: Iterable[WaitlistEntry]) -> dict[int, int]:
    """
    Return where each waiting entry stands among those who wait for the same at that time; one statement.

    The same is the same instrument, a group it belongs to, or the same search.
    """
    with connection.cursor() as cursor:
        cursor.execute(POSITIONS, [[entry.pk for entry in entries]])
        return dict(cursor.fetchall())


# --- The lab's view ------------------------------------------------------------------------------------------------


def at_desk(member: Membership) -> QuerySet[Any]:
    """Return who waits for an instrument or a group of the member's labs, in line; wishes by search name no lab."""
    return (
        WaitlistEntry.objects.at_labs_of(member)
        .open()
        .in_line()
        .select_related("instrument__lab", "group__lab", "organisation")
    )


@dataclass(frozen=True, slots=True)
class Demand:
    """How much is waited for: how many wishes, and how many minutes they come to."""

    code: str
    name: str
    wishes: int
    minutes: int


def demand(member: Membership) -> list[Demand]:
    """Return what is waited for most at the member's labs, instruments and groups alike; one statement."""
    waiting = WaitlistEntry.objects.at_labs_of(member).open().order_by()
    names = [f"{thing}__{field}" for thing in ("instrument", "group") for field in ("code", "name_zh", "name_en")]
    rows = waiting.values_list(*names).annotate(Count("pk"), Sum("minutes"))
    found = [
        Demand(code or group, chosen(zh or group_zh, en or group_en or ""), wishes, minutes)
        for code, zh, en, group, group_zh, group_en, wishes, minutes in rows
    ]
    return sorted(found, key=lambda one: (-one.wishes, -one.minutes, one.code))
