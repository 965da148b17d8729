"""
The history of what was answered, held against the database.

The database is right if what it says happened is exactly what was acknowledged, or was asked and never answered: the
audit, written in the transaction of each act, says what happened and when.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.utils import timezone

from audit.models import AuditEvent
from bookings.models import Rental
from bookings.rentals import rules
from config.invariants import ALL
from kernel.invariants import verified
from kernel.periods import Period
from tests.torture.history import Asked, Heard, read
from tests.torture.known import AFTER_MINUTES

FIRST_REFUSAL, FIRST_FAULT = 400, 500
LEAVES = {
    "hold": "rental_held",
    "submit": "rental_submitted",
    "confirm": "rental_confirmed",
    "cancel": "rental_cancelled",
    "reschedule": "rental_rescheduled",
    "lab-approve": "rental_approved",
    "lab-reject": "rental_rejected",
    "lab-cancel": "rental_cancelled",
    "lab-check-in": "rental_checked_in",
    "lab-check-out": "rental_checked_out",
    "lab-interrupt": "rental_interrupted",
    "lab-resume": "rental_resumed",
}
"""Which trace in the audit each act leaves."""
ONCE = frozenset(LEAVES.values()) - {"rental_rescheduled", "rental_interrupted", "rental_resumed"}
"""What happens to a rental once at most."""


@dataclass
class Figures:
    """What was asked, what became of it, and what does not add up."""

    asked: Counter[str] = field(default_factory=Counter)
    acknowledged: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    unknown: int = 0
    unknown_done: int = 0
    unknown_refused: int = 0
    unknown_anew: int = 0
    never_known: int = 0
    anomalies: list[str] = field(default_factory=list)


def checked(histories: Iterable[Path], instruments: dict[str, int]) -> Figures:
    """Compare all histories with the database at hand, and return the figures."""
    figures = Figures()
    answered: list[tuple[Asked, Heard]] = []
    for path in histories:
        asked: dict[str, Asked] = {}
        for line in read(path):
            if isinstance(line, Asked):
                asked[line.key] = line
                figures.asked[line.act] += 1
                continue
            answered.append((asked.pop(line.key), line))
        figures.never_known += len(asked)
    _count(answered, figures)
    traces = _traces()
    figures.anomalies += _against_the_audit(answered, traces, is_complete=not figures.never_known)
    figures.anomalies += _refused_for_nothing(answered, instruments)
    for verdict in verified(ALL, now=timezone.now()):
        if verdict.count:
            figures.anomalies.append(f"{verdict.invariant.name}: {verdict.count}, such as {verdict.first}")
    return figures


def _count(answered: list[tuple[Asked, Heard]], figures: Figures) -> None:
    for asked, heard in answered:
        is_done = heard.status < FIRST_REFUSAL
        if is_done:
            figures.acknowledged[asked.act] += 1
        else:
            figures.refused[heard.body.get("code", str(heard.status))] += 1
        if heard.was_unknown:
            figures.unknown += 1
            figures.unknown_done += is_done and heard.is_replay
            figures.unknown_refused += not is_done
            figures.unknown_anew += is_done and not heard.is_replay
        if heard.status in (401, 403, 404, 405) or heard.body is None:
            figures.anomalies.append(f"{asked.key} {asked.act} {asked.path}: answered {heard.status} {heard.body}")


def _traces() -> dict[str, Counter[str]]:
    """Return how often each thing happened to each rental, by the audit."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    rows = AuditEvent.objects.filter(name__startswith="rental_", actor__isnull=False).values_list("name", "facts")
    for name, facts in rows.iterator():
        found[facts["number"]][name] += 1
    return found


def _against_the_audit(
    answered: list[tuple[Asked, Heard]], traces: dict[str, Counter[str]], *, is_complete: bool
) -> Iterator[str]:
    """Yield each acknowledged act that left no trace, and each trace that no request explains."""
    said: dict[str, Counter[str]] = defaultdict(Counter)
    for asked, heard in answered:
        if heard.status < FIRST_REFUSAL and asked.act in LEAVES:
            said[heard.body["number"]][LEAVES[asked.act]] += 1
    for number, acts in said.items():
        for trace, often in acts.items():
            happened = traces.get(number, Counter())[trace]
            if happened < often:
                yield f"{number}: {trace} was acknowledged {often} times and happened {happened} times"
    for number, happenings in traces.items():
        for trace, often in happenings.items():
            if trace in ONCE and often > 1:
                yield f"{number}: {trace} happened {often} times"
            if is_complete and trace in LEAVES.values() and often > said[number][trace]:
                yield f"{number}: {trace} happened {often} times, and {said[number][trace]} were acknowledged"


# --- No refusal without a reason ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """A time that a rental kept others out of an instrument: from when until when it did, and how many units."""

    instrument: str
    period: Period
    units: int
    since: float
    until: float


SLACK_SECONDS = 0.5
"""How far the clocks of an answer and of the database's rows may be apart."""
FOREVER = 1e18


def _refused_for_nothing(answered: list[tuple[Asked, Heard]], instruments: dict[str, int]) -> Iterator[str]:
    """Yield holds refused for lack of capacity although, as long as they were asked, nobody had taken it (BK-18)."""
    kept = list(_kept())
    for asked, heard in answered:
        if asked.act != "hold" or heard.was_unknown or heard.status < FIRST_REFUSAL:
            continue
        if _codes(heard.body) != {"CAPACITY_EXCEEDED"}:
            continue
        wanted = Period(datetime.fromisoformat(asked.body["start"]), datetime.fromisoformat(asked.body["end"]))
        wanted = wanted.widened(before=0, after=AFTER_MINUTES)
        meant = [
            one
            for one in kept
            if one.instrument == asked.body["instrument"]
            and one.period.widened(before=0, after=AFTER_MINUTES).overlaps(wanted)
            and one.since <= heard.at + SLACK_SECONDS
            and one.until >= asked.at - SLACK_SECONDS
        ]
        if sum(one.units for one in meant) + asked.body["units"] <= instruments[asked.body["instrument"]]:
            yield f"{asked.key}: refused {wanted} on {asked.body['instrument']} which {len(meant)} others had taken"


def _codes(body: dict[str, Any]) -> set[str]:
    return {one["code"] for one in body.get("refusals", [])} or {body["code"]}


def _kept() -> Iterator[Kept]:
    """Yield what each rental kept, and where it was before it was moved."""
    moved: dict[str, list[tuple[Any, float]]] = defaultdict(list)
    rows = AuditEvent.objects.filter(name="rental_rescheduled").order_by("occurred_at", "pk")
    for facts, at in rows.values_list("facts", "occurred_at"):
        before = Period(*(datetime.fromisoformat(edge) for edge in facts["before"]))
        moved[facts["number"]].append((before, at.timestamp()))
    for rental in Rental.objects.select_related("instrument"):
        since = rental.created_at.timestamp()
        for before, at in moved[rental.number]:
            yield Kept(rental.instrument.code, before, rental.units, since, at)
            since = at
        yield Kept(rental.instrument.code, rental.time, rental.units, since, _until(rental))


def _until(rental: Rental) -> float:
    """Return when a rental ceased to keep others out: a hold that ran out ceased then, whenever it was expired."""
    if rental.status == rules.EXPIRED and rental.held_until is not None:
        return rental.held_until.timestamp()
    if rental.status in (rules.REJECTED, rules.CANCELLED, rules.NO_SHOW, rules.CHECKED_OUT, rules.SETTLED):
        return rental.changed_at.timestamp()
    if rental.status in rules.LAPSING and rental.held_until is not None:
        return rental.held_until.astimezone(UTC).timestamp()
    return FOREVER
