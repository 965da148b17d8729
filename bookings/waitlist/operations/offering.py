"""Freed time is held for whoever comes first in line (BK-19)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from bookings.rentals import operations as rentals
from bookings.waitlist import events, queries
from bookings.waitlist.fitting import Fit, Look, Place, Waiting, best
from bookings.waitlist.models import WaitlistEntry, WaitlistOffer
from bookings.waitlist.operations.steps import tell
from bookings.waitlist.rules import offer_ends
from kernel.locks import lock
from kernel.periods import Period
from kernel.refusals import Busy, Refusal
from labs.models import Instrument

MOST_TRIES = 3
"""How often a time is looked for on behalf of one entry, where others are faster or a hold is refused."""


def offer_freed(
    *,
    now: datetime,
    instrument_ids: list[int] | None = None,
    freed: Mapping[int, Period] | None = None,
) -> list[WaitlistOffer]:
    """
    Hold what is free for those who wait, in the order of the line, and return the offers made; for jobs.

    With `instrument_ids` only time on these is offered, with `freed` (by instrument) that time before any other.
    Each offer is a transaction of its own: whoever is stopped half-way has lost nothing, and whoever runs twice, or
    beside others, offers nothing twice. Entries that are refused, and for whom nothing fits, keep their place.

    Note [Nobody is passed over]
        Whoever stands ahead may have been looked at just before the time became free. So once a time is found for
        somebody, all ahead of them who would take that instrument are asked again, now that it is free; only then is
        it theirs. Two runs at once each go through the line in its order, and the entry's row decides who offers.
    """
    run = _Run(now, None if instrument_ids is None else frozenset(instrument_ids), dict(freed or {}))
    line = queries.line(now=now, instrument_ids=instrument_ids, freed=freed)
    for place, waiting in enumerate(line):
        if (fit := best(waiting, run.look)) is None:
            continue
        for other in queries.ahead(line[:place], fit.place.instrument_id):
            run.serve(other, run.look.at(fit.place.instrument_id))
        run.serve(waiting, run.look)
    return run.made


@dataclass(slots=True)
class _Run:
    """One way along the line: what was offered on it, and to whom."""

    now: datetime
    only: frozenset[int] | None
    freed: Mapping[int, Period]
    made: list[WaitlistOffer] = field(default_factory=list)
    done: set[int] = field(default_factory=set)

    @property
    def look(self) -> Look:
        return Look(self.now, self.only, self.freed)

    def serve(self, waiting: Waiting, look: Look) -> None:
        """Offer an entry the best there is for it; a time that somebody else got first is not tried again."""
        refused: list[Place] = []
        while waiting.entry.pk not in self.done and len(refused) < MOST_TRIES:
            but = Waiting(waiting.entry, waiting.customer, (*waiting.not_again, *refused))
            if (fit := best(but, look)) is None:
                return
            try:
                offer = make_offer(waiting=waiting, fit=fit, now=self.now)
            except Busy:
                raise  # nobody behind may get what could not be asked for here; the next run goes on
            except Refusal:
                refused.append(fit.place)
                continue
            self.done.add(waiting.entry.pk)
            if offer is not None:
                self.made.append(offer)


class _ServedError(Exception):
    """Somebody has served or changed the entry meanwhile: what was held for it is undone."""


def make_offer(*, waiting: Waiting, fit: Fit, now: datetime) -> WaitlistOffer | None:
    """
    Hold a time for an entry, if it still waits as it was read; None where somebody has served or changed it.

    The hold comes before the entry's row: see Note [Rental first].

    Raises:
        Refusal: what `rentals.place_hold` is refused for; nothing is held then.
    """
    as_read = WaitlistEntry.objects.filter(
        pk=waiting.entry.pk, state=WaitlistEntry.State.WAITING, changed_at=waiting.entry.changed_at
    )
    ends = offer_ends(now=now, start=fit.place.period.start)
    if ends is None or not as_read.exists():
        return None
    try:
        return _offered(as_read, waiting, fit, ends, now=now)
    except _ServedError:
        return None


@transaction.atomic
def _offered(
    as_read: QuerySet[WaitlistEntry], waiting: Waiting, fit: Fit, ends: datetime, *, now: datetime
) -> WaitlistOffer:
    """Hold the time, then make sure that the entry still waits, and offer it."""
    entry = waiting.entry
    rental = rentals.place_hold(
        instrument=Instrument.objects.select_related("lab").get(pk=fit.place.instrument_id),
        period=fit.place.period,
        mode=fit.mode,
        by=None,
        on_behalf=waiting.customer,
        now=now,
        purpose=entry.purpose,
        expected=fit.price,
        agreed=entry.agreed,
        units=entry.units,
        profile=entry.profile,
        materials=entry.materials,
        offered_until=ends,
    )
    found = lock(as_read)
    if not found:
        raise _ServedError
    (entry,) = found
    offer = WaitlistOffer.objects.create(entry=entry, rental=rental, offered_at=now, expires_at=ends)
    entry.state, entry.changed_at = entry.State.OFFERED, now
    entry.save(update_fields=["state", "changed_at"])
    tell(events.WaitlistOffered, entry, by=None, now=now, offer_id=offer.pk, rental_id=rental.pk)
    return offer
