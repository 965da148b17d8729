"""Waiting, for another time than before, and no longer."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import Membership, Organisation
from bookings.availability import queries as availability
from bookings.availability import rules as booking
from bookings.waitlist import asking, events, rules
from bookings.waitlist.fitting import Customer, Look, Waiting, best
from bookings.waitlist.models import WaitlistEntry, WaitlistOffer
from bookings.waitlist.operations.answering import let_go
from bookings.waitlist.operations.refusals import (
    AlreadyWaiting,
    FreeNow,
    NothingFits,
    NotWaiting,
    TooManyEntries,
    WindowOver,
    WindowTooLong,
    WindowTooShort,
)
from bookings.waitlist.operations.steps import tell
from kernel.locks import lock
from kernel.money import Money
from kernel.periods import Period
from kernel.refusals import Refusal, Refusals, bounded_wait
from labs.models import Instrument, InstrumentGroup

NEVER_MENDED = (
    booking.InstrumentUnavailable,
    booking.OrganisationSuspended,
    booking.ModeNotOffered,
    booking.NotOnSlotGrid,
    booking.DurationTooShort,
    booking.DurationTooLong,
    booking.UnitsOutOfRange,
)
"""What no freed time makes right: a wish that is refused for one of these is not waited for."""


@transaction.atomic
def join(
    *,
    by: Membership,
    now: datetime,
    window: Period,
    minutes: int,
    instrument: Instrument | None = None,
    group: InstrumentGroup | None = None,
    query: Mapping[str, Any] | None = None,
    mode: str = "",
    units: int = 1,
    max_price: Money | None = None,
    purpose: str = "",
    profile: str = "",
    materials: Sequence[str] = (),
    agreed: Collection[str] = (),
) -> WaitlistEntry:
    """
    Wait for `minutes` of time inside a window: on an instrument, on any of a group, or on any that a search finds.

    `query` are parameters of the catalogue, as in its address; `mode` empty takes either; `max_price` is the most it
    may cost, tax included; `agreed` are codes of consents given beforehand (CAL-2).

    Raises:
        Refusals, or one of them: OrganisationSuspended, WindowOver, WindowTooLong, WindowTooShort, NothingFits, or what
            no freed time makes right (the wrong length, mode or number, an instrument that cannot be booked).
        TooManyEntries, AlreadyWaiting: the organisation waits for enough, or for the very same.
        FreeNow: it could be booked at once; the facts say what, when and at what price.
    """
    entry = WaitlistEntry(
        organisation_id=by.organisation_id,
        placed_by_id=by.user_id,
        instrument=instrument,
        group=group,
        query=None if query is None else asking.understood(query),
        window=window.as_range(),
        minutes=minutes,
        mode=mode,
        units=units,
        max_price_fen=None if max_price is None else max_price.fen,
        purpose=purpose,
        profile=profile,
        materials=list(materials),
        agreed=list(agreed),
        created_at=now,
        changed_at=now,
    )
    _demand(entry, by=by, now=now)
    with bounded_wait():  # the limit is the organisation's: two of its people never pass it together
        Organisation.objects.select_for_update(no_key=True, of=("self",)).get(pk=by.organisation_id)
    _demand_room(entry)
    _demand_nothing_free(entry, by=by, now=now)
    if entry.query is not None:
        entry.described = asking.described(entry.query, now=now)
    entry.save()
    tell(events.WaitlistJoined, entry, by=by, now=now)
    return entry


@transaction.atomic
def change_window(*, entry: WaitlistEntry, window: Period, by: Membership, now: datetime) -> WaitlistEntry:
    """
    Wait for the same inside another window; the place in line stays.

    Raises:
        NotWaiting: a time is offered just now, or the entry is closed.
        Refusals, or one of them, FreeNow: as for `join`.
    """
    entry = _locked(entry)
    if entry.state != entry.State.WAITING:
        raise NotWaiting(state=str(entry.get_state_display()))
    before, entry.window = entry.time, window.as_range()
    _demand(entry, by=by, now=now)
    _demand_nothing_free(entry, by=by, now=now)
    entry.changed_at = now
    entry.save(update_fields=["window", "changed_at"])
    tell(
        events.WaitlistWindowChanged,
        entry,
        by=by,
        now=now,
        before=(before.start.isoformat(), before.end.isoformat()),
        after=(window.start.isoformat(), window.end.isoformat()),
    )
    return entry


@transaction.atomic
def withdraw(*, entry: WaitlistEntry, by: Membership | None, now: datetime) -> WaitlistEntry:
    """
    Wait no longer; a time that is offered just now is let go.

    Raises:
        NotWaiting: the entry is closed, or its time was taken: then the rental is what is cancelled.
    """
    for offer in WaitlistOffer.objects.filter(entry=entry, outcome=WaitlistOffer.Outcome.OPEN):
        let_go(offer, by=by, now=now)  # the rental before the entry: see Note [Rental first]
    entry = _locked(entry)
    if entry.state != entry.State.WAITING:
        raise NotWaiting(state=str(entry.get_state_display()))
    entry.state, entry.changed_at = entry.State.WITHDRAWN, now
    entry.save(update_fields=["state", "changed_at"])
    tell(events.WaitlistWithdrawn, entry, by=by, now=now)
    return entry


def _locked(entry: WaitlistEntry) -> WaitlistEntry:
    rows = WaitlistEntry.objects.filter(pk=entry.pk).select_related("instrument__lab", "group__lab")
    return lock(rows)[0]


# --- What is demanded of a wish ------------------------------------------------------------------------------------


def _demand(entry: WaitlistEntry, *, by: Membership, now: datetime) -> None:
    """Refuse a wish that can never be fulfilled, with all that is wrong with it."""
    failing = [*_of_organisation(by.organisation, now), *_of_window(entry, now)]
    failing = failing or _of_instruments(entry, by=by, now=now)
    if failing:
        raise failing[0] if len(failing) == 1 else Refusals(failing)


def _of_organisation(organisation: Organisation, now: datetime) -> list[Refusal]:
    until = organisation.suspended_until
    if until is None or until <= now:
        return []
    return [booking.OrganisationSuspended(organisation=organisation.name, until=f"{until:%Y-%m-%d %H:%M} UTC")]


def _of_window(entry: WaitlistEntry, now: datetime) -> list[Refusal]:
    window = entry.time
    if window.end - window.start > rules.LONGEST_WINDOW:
        return [WindowTooLong(days=rules.LONGEST_WINDOW.days)]
    if window.end - window.start < timedelta(minutes=entry.minutes):
        return [WindowTooShort(minutes=entry.minutes)]
    return [WindowOver()] if rules.is_over(window, entry.minutes, now) else []


def _of_instruments(entry: WaitlistEntry, *, by: Membership, now: datetime) -> list[Refusal]:
    """Return what speaks against every instrument that is waited for, whatever the time; nothing where one will do."""
    if entry.query is not None:
        return [] if asking.asked(entry.query, now=now).qs.exists() else [NothingFits()]
    ids = entry.group.instruments.values_list("pk", flat=True) if entry.group else [entry.instrument_id or 0]
    told = availability.terms(ids, within=entry.time, member=by, now=now)
    failing: list[Refusal] = [booking.InstrumentUnavailable(instrument=entry.what)]
    for terms in told.values():
        failing = _of_terms(entry, terms, now=now)
        if not failing:
            break
    return failing


def _of_terms(entry: WaitlistEntry, terms: availability.Terms, *, now: datetime) -> list[Refusal]:
    facts = terms.facts
    local = entry.time.start.astimezone(facts.zone)
    midnight = datetime.combine(local.date(), time(), facts.zone)
    mode = entry.mode or next(iter(sorted(facts.modes)))
    wish = booking.Wish(
        Period.starting(midnight, entry.minutes), mode, entry.units, entry.profile, tuple(entry.materials)
    )
    return [refusal for refusal in booking.refusals(facts, wish, now) if isinstance(refusal, NEVER_MENDED)]


def _demand_room(entry: WaitlistEntry) -> None:
    mine = WaitlistEntry.objects.open().filter(organisation_id=entry.organisation_id, displaced__isnull=True)
    same: dict[str, Any] = {}
    for name in ("instrument_id", "group_id", "query", "window", "minutes", "mode", "units"):
        value = getattr(entry, name)
        same |= {f"{name}__isnull": True} if value is None else {name: value}
    if mine.filter(**same).exists():
        raise AlreadyWaiting
    if mine.count() >= settings.WAITLIST_MOST_ENTRIES:
        raise TooManyEntries(most=settings.WAITLIST_MOST_ENTRIES)


def _demand_nothing_free(entry: WaitlistEntry, *, by: Membership, now: datetime) -> None:
    fit = best(Waiting(entry, Customer(by.organisation_id, by.user_id)), Look(now, is_offer=False))
    if fit is None:
        return
    instrument = Instrument.objects.select_related("lab").get(pk=fit.place.instrument_id)
    local = fit.place.period.start.astimezone(instrument.lab.tz)
    raise FreeNow(
        instrument=instrument.name,
        code=instrument.code,
        start=f"{local:%Y-%m-%d %H:%M}",
        starts_at=local.isoformat(),
        minutes=entry.minutes,
        mode=fit.mode,
        total_fen=fit.price.fen,
    )
