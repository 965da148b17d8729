"""
The history of what was answered, held against the database.

The database is right if what it says happened is exactly what was acknowledged, or was asked and never answered: the
audit, written in the transaction of each act, says what happened and when.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from audit.models import AuditEvent
from bookings.models import Rental
from bookings.rentals import rules
from config.invariants import ALL
from kernel.invariants import verified
from kernel.periods import Period
from labs.models import Instrument
from tests.torture.history import Asked, Failed, Heard, read
from tests.torture.known import AFTER_MINUTES

FIRST_REFUSAL, FIRST_FAULT = 400, 500
LEAVES = {
    "hold": "rental_held",
    "submit": "rental_submitted",
    "confirm": "rental_confirmed",
    "cancel": "rental_cancelled",
    "reschedule": "rental_rescheduled",
    "accept-move": "rental_rescheduled",
    "decline-move": "rental_move_declined",
    "extend": "rental_extended",
    "resume": "rental_resumed",
    "rebook": "rental_rebooked",
    "abandon": "rental_abandoned",
    "declare-unusable": "rental_unusable",
    "settle": "rental_settled",
    "wish": "waitlist_joined",
    "withdraw": "waitlist_withdrawn",
    "take": "waitlist_offer_taken",
    "decline": "waitlist_offer_declined",
    "lab-approve": "rental_approved",
    "lab-reject": "rental_rejected",
    "lab-cancel": "rental_cancelled",
    "lab-check-in": "rental_checked_in",
    "lab-check-out": "rental_checked_out",
    "lab-extend": "rental_extended",
    "lab-interrupt": "rental_interrupted",
    "lab-resume": "rental_resumed",
    "lab-object": "rental_unusable_contested",
    "lab-outage": "instrument_outage_announced",
    "lab-lift": "outage_lifted",
}
"""Which trace in the audit each act leaves on what it is about; those on series leave traces on each of its dates."""
OFTEN = {"rental_rescheduled", "rental_extended", "rental_interrupted", "rental_resumed"}
ONCE = frozenset(LEAVES.values()) - OFTEN
"""What happens to one thing once at most."""
MANY_CAUSES = {
    "waitlist_withdrawn",
    "waitlist_offer_taken",
    "waitlist_offer_declined",
    "instrument_outage_announced",
    "outage_lifted",
}
"""What other acts leave too: confirming takes an offer, a breakdown takes the instrument out."""
MAY_BE_GONE = {"accept-move", "decline-move", "lab-lift"}
"""What is about something that others may have answered or lifted meanwhile: then it answers 404."""
IDS = {"waitlist_offer": "offer_id", "waitlist": "entry_id", "rental": "number"}
"""By which fact a trace names what it is about, by how its own name begins; outages by theirs."""


@dataclass
class Figures:
    """What was asked, what became of it, for which codes it was refused, all by act; and what does not add up."""

    asked: Counter[str] = field(default_factory=Counter)
    acknowledged: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    codes: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    faults: Counter[int] = field(default_factory=Counter)
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
            match line:
                case Asked():
                    asked[line.key] = line
                    figures.asked[line.act] += 1
                case Heard():
                    answered.append((asked.pop(line.key), line))
                case Failed():
                    figures.faults[line.status] += 1
        figures.never_known += len(asked)
        figures.anomalies += [f"{one.key} {one.act} {one.path} {one.body}: never answered" for one in asked.values()]
    _count(answered, figures)
    figures.anomalies += _against_the_audit(answered, is_complete=not figures.never_known)
    figures.anomalies += _series_add_up()
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
            figures.refused[asked.act] += 1
            figures.codes[asked.act][heard.body.get("code", str(heard.status))] += 1
        if heard.was_unknown:
            figures.unknown += 1
            figures.unknown_done += is_done and heard.is_replay
            figures.unknown_refused += not is_done
            figures.unknown_anew += is_done and not heard.is_replay
        is_wrong = heard.status in (400, 401, 403, 405) or (heard.status == 404 and asked.act not in MAY_BE_GONE)
        if is_wrong or (heard.body is None and asked.method == "POST"):
            figures.anomalies.append(f"{asked.key} {asked.act} {asked.path}: answered {heard.status} {heard.body}")


# --- No effect without an answer, no answer without its effect --------------------------------------------------------


def _traces() -> dict[str, Counter[str]]:
    """Return how often each thing happened to what, by the audit; what is part of an act on a series is left out."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    rows = AuditEvent.objects.filter(name__in=set(LEAVES.values()), actor__isnull=False).values_list("name", "facts")
    for name, facts in rows.iterator():
        fact = next((IDS[begin] for begin in IDS if name.startswith(begin)), "outage_id")
        if "series_id" not in facts:
            found[_thing(fact, facts[fact])][name] += 1
    return found


def _thing(fact: str, value: Any) -> str:
    return str(value) if fact == "number" else f"{fact} {value}"


def _about(asked: Asked, heard: Heard) -> str:
    """Return what an act that was done is about: what its path names, else what its answer does."""
    named = next((part for part in asked.path.split("/")[1:] if part[:1] == "R" or part.isdigit()), None)
    match asked.act:
        case "wish" | "withdraw":
            return _thing("entry_id", named or heard.body["id"])
        case "take" | "decline":
            return _thing("offer_id", named)
        case "lab-outage" | "lab-lift":
            return _thing("outage_id", named or heard.body["id"])
    return named or str(heard.body["number"])


def _against_the_audit(answered: list[tuple[Asked, Heard]], *, is_complete: bool) -> Iterator[str]:
    """Yield each acknowledged act that left no trace, and each trace that no request explains."""
    traces, said, explained = _traces(), defaultdict[str, Counter[str]](Counter), defaultdict[str, set[str]](set)
    for asked, heard in answered:
        if heard.status < FIRST_REFUSAL:
            for thing, names in _explains(asked, heard).items():
                explained[thing] |= names
        if heard.status < FIRST_REFUSAL and asked.act in LEAVES:
            said[_about(asked, heard)][LEAVES[asked.act]] += 1
    for thing, acts in said.items():
        for trace, often in acts.items():
            happened = traces.get(thing, Counter())[trace]
            if happened < often:
                yield f"{thing}: {trace} was acknowledged {often} times and happened {happened} times"
    for thing, happenings in traces.items():
        for trace, often in happenings.items():
            if trace in ONCE and often > 1:
                yield f"{thing}: {trace} happened {often} times"
            is_known = trace in explained[thing] or trace in MANY_CAUSES
            if is_complete and often > said[thing][trace] and not is_known:
                yield f"{thing}: {trace} happened {often} times and was acknowledged {said[thing][trace]} times"


def _explains(asked: Asked, heard: Heard) -> dict[str, set[str]]:
    """Return what else an act that was done may leave, on what."""
    match asked.act:
        case "rebook":
            return {heard.body["number"]: {"rental_held", "rental_confirmed", "rental_submitted"}}
        case "abandon":
            return {_about(asked, heard): {"rental_unusable"}}
        case "decline" | "withdraw":
            return {offer["rental"]: {"rental_cancelled"} for offer in heard.body["offers"]}
        case "lab-reschedule":
            return {_about(asked, heard): {"rental_rescheduled"}}
    return {}


def _series_add_up() -> Iterator[str]:
    """Yield each series of which not as many dates were held as it says were booked."""
    booked, held = Counter[int](), Counter[int]()
    rows = AuditEvent.objects.filter(facts__series_id__isnull=False)
    for name, facts in rows.values_list("name", "facts").iterator():
        if name in ("series_booked", "series_extended"):
            booked[facts["series_id"]] += facts["booked"]
        held[facts["series_id"]] += name == "rental_held"
    for series_id in booked.keys() | +held:
        if booked[series_id] != held[series_id]:
            yield f"series {series_id}: {booked[series_id]} dates were booked, and {held[series_id]} held"


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
ACT_SECONDS = 5.0
"""How long after the instant it is dated an act may come to its end: it waits for locks, and for a slow machine."""
FOREVER = 1e18


def _refused_for_nothing(answered: list[tuple[Asked, Heard]], instruments: dict[str, int]) -> Iterator[str]:
    """Yield holds refused for lack of capacity although, as long as they were asked, nobody had taken it (BK-18)."""
    kept = [*_kept(), *_broken()]
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
            sought = f"{asked.body['units']} of {instruments[asked.body['instrument']]} units"
            yield f"{asked.key}: refused {sought} of {asked.body['instrument']} {wanted}, for nothing but {meant}"


def _codes(body: dict[str, Any]) -> set[str]:
    return {one["code"] for one in body.get("refusals", [])} or {body["code"]}


def _kept() -> Iterator[Kept]:
    """Yield what each rental kept, where it was before it was moved, and all that comes while it is used."""
    moved: dict[str, list[tuple[Any, float]]] = defaultdict(list)
    rows = AuditEvent.objects.filter(name="rental_rescheduled").order_by("occurred_at", "pk")
    for facts, at in rows.values_list("facts", "occurred_at"):
        before = Period(*(datetime.fromisoformat(edge) for edge in facts["before"]))
        moved[facts["number"]].append((before, at.timestamp()))
    for rental in Rental.objects.select_related("instrument"):
        code, since = rental.instrument.code, rental.created_at.timestamp()
        for before, at in moved[rental.number]:
            yield Kept(code, before, rental.units, since, at + ACT_SECONDS)
            since = at
        yield Kept(code, rental.time, rental.units, since, _until(rental))
        if began := rental.checked_in_at:
            ended = rental.checked_out_at or rental.time.end + timedelta(days=1)
            yield Kept(code, Period(min(began, rental.time.start), ended), rental.units, began.timestamp(), FOREVER)
            all_day = Period(rental.time.start, rental.time.end + timedelta(days=1))
            yield Kept(code, all_day, rental.units, began.timestamp(), _until(rental))


def _broken() -> Iterator[Kept]:
    """Yield the units that were out of service, at whatever time an outage was said to be, until it was lifted."""
    names = ("instrument_outage_announced", "outage_changed", "outage_lifted")
    rows = AuditEvent.objects.filter(name__in=names).order_by("occurred_at", "pk")
    told: dict[int, list[tuple[str, dict[str, Any], float]]] = defaultdict(list)
    for name, facts, at in rows.values_list("name", "facts", "occurred_at"):
        told[facts["outage_id"]].append((name, facts, at.timestamp()))
    codes = dict(Instrument.objects.values_list("pk", "code"))
    for lines in told.values():
        until = next((at + ACT_SECONDS for name, _, at in lines if name == "outage_lifted"), FOREVER)
        for _, facts, at in lines:
            period = Period(datetime.fromisoformat(facts["starts_at"]), datetime.fromisoformat(facts["ends_at"]))
            for key in facts["instrument_ids"] if facts.get("units") else ():
                yield Kept(codes[key], period, facts["units"], at, until)


def _until(rental: Rental) -> float:
    """Return when a rental ceased to keep others out: a hold that ran out ceased then, whenever it was expired."""
    if rental.status == rules.EXPIRED and rental.held_until is not None:
        return rental.held_until.timestamp()
    if rental.status in (rules.REJECTED, rules.CANCELLED, rules.NO_SHOW, rules.CHECKED_OUT, rules.SETTLED):
        return rental.changed_at.timestamp() + ACT_SECONDS
    if rental.status in rules.LAPSING and rental.held_until is not None:
        return rental.held_until.astimezone(UTC).timestamp()
    return FOREVER
