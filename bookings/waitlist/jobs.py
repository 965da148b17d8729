"""Freed time is offered by a job, and by the clock. Each job may run twice, late, or beside itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from bookings.rentals.events import RentalEvent, RentalRescheduled
from bookings.rentals.models import Rental
from bookings.waitlist import events, operations, queries
from bookings.waitlist.models import WaitlistEntry, WaitlistOffer
from kernel.events import Event
from kernel.periods import Period
from labs.models import Instrument
from notices import facts
from notices import operations as notices

QUEUE = "rentals"


@app.task(name="waitlist.offer_freed", queue=QUEUE)
def offer_freed(*, instrument_ids: list[int], freed: tuple[str, str] | None = None) -> None:
    """Offer what has become free on instruments, the freed time first; what fails here is made good by the clock."""
    period = Period(*map(datetime.fromisoformat, freed)) if freed else None
    operations.offer_freed(
        now=timezone.now(),
        instrument_ids=instrument_ids,
        freed=dict.fromkeys(instrument_ids, period) if period else None,
    )


@app.periodic(cron="* * * * *", periodic_id="keep_waitlist_right")
@app.task(name="waitlist.keep_right", queue=QUEUE, queueing_lock="keep_waitlist_right", pass_context=False)
def keep_right(timestamp: int) -> None:
    """End what has run out, and offer what is free; it is right even where no other job has run."""
    del timestamp  # the minute it was meant for; offers follow the clock
    operations.keep_right(now=timezone.now())


# --- Reactions: what may be free now ----------------------------------------------------------------------------------


def after_rental(event: RentalEvent) -> None:
    """Have the time offered that a rental has left, where anybody waits for such."""
    rental = Rental.objects.values("instrument_id", "period").get(pk=event.rental_id)
    instrument_ids, freed = [rental["instrument_id"]], Period.from_range(rental["period"])
    if isinstance(event, RentalRescheduled):
        freed = Period(*map(datetime.fromisoformat, event.before))
        if event.instrument_before:
            instrument_ids = list(Instrument.objects.filter(code=event.instrument_before).values_list("pk", flat=True))
    _defer(instrument_ids, now=event.occurred_at, freed=freed)


def after_rentals(happened: Sequence[RentalEvent]) -> None:
    """Have the time offered that many rentals have left in one act; whether anybody waits is asked once for each."""
    rentals = [event.rental_id for event in happened]
    instrument_of = dict(Rental.objects.filter(pk__in=rentals).values_list("pk", "instrument_id"))
    now = happened[0].occurred_at
    waited = {key: queries.is_waited_for([key], now=now) for key in sorted(set(instrument_of.values()))}
    for event in happened:
        left_another = isinstance(event, RentalRescheduled) and event.instrument_before
        if left_another or waited[instrument_of[event.rental_id]]:
            after_rental(event)


def after_change(event: Event) -> None:
    """Have looked again at instruments whose hours, outages, status, certificates or terms have changed."""
    if lab_id := getattr(event, "lab_id", None):
        instrument_ids = list(Instrument.objects.filter(lab_id=lab_id).values_list("pk", flat=True))
    else:
        one = getattr(event, "instrument_id", None)
        instrument_ids = [one] if one else list(getattr(event, "instrument_ids", ()))
    _defer(instrument_ids, now=event.occurred_at)


def _defer(instrument_ids: list[int], *, now: datetime, freed: Period | None = None) -> None:
    if instrument_ids and queries.is_waited_for(instrument_ids, now=now):
        told = (freed.start.isoformat(), freed.end.isoformat()) if freed else None
        offer_freed.defer(instrument_ids=sorted(instrument_ids), freed=told)


# --- Reactions: who is told -------------------------------------------------------------------------------------------


def tell_of_offer(event: events.WaitlistOffered | events.WaitlistOfferLapsed) -> None:
    """Tell whoever waits that a time is held for them, or was in vain; kind and letter are named after the event."""
    offer = WaitlistOffer.objects.select_related("rental__instrument__lab").get(pk=event.offer_id)
    rental, tz = offer.rental, offer.rental.instrument.lab.tz
    _tell(
        event,
        user_id=rental.placed_by_id,
        organisation_id=rental.organisation_id,
        told={
            "offer_id": offer.pk,
            "instrument": facts.name(rental.instrument.name_zh, rental.instrument.name_en),
            "time": facts.stretch(rental.time, tz),
            "until": facts.instant(offer.expires_at, tz),
        },
    )


def tell_over(event: events.WaitlistOver | events.WaitlistGivenUp) -> None:
    """Tell whoever waited that nothing became free in time, or that they do not wait any more."""
    entry = WaitlistEntry.objects.select_related("instrument__lab", "group__lab").get(pk=event.entry_id)
    thing, described = entry.instrument or entry.group, entry.described or {}
    zh, en = (thing.name_zh, thing.name_en) if thing else (described.get("zh", ""), described.get("en", ""))
    _tell(
        event,
        user_id=entry.placed_by_id,
        organisation_id=entry.organisation_id,
        told={
            "entry_id": entry.pk,
            "what": facts.name(zh, en),
            "window": facts.stretch(entry.time, entry.tz),
        },
    )


def _tell(event: events.WaitlistEvent, *, user_id: int, organisation_id: int, told: dict[str, Any]) -> None:
    notices.tell(
        users=[user_id],
        kind=event.name(),
        facts=told,
        link=f"{reverse('waitlist:list')}#entry-{event.entry_id}",
        letter=f"bookings/waitlist/mail/{event.name()}.txt",
        organisation_id=organisation_id,
        occurred_at=event.occurred_at,
        about=f"waitlist:{event.entry_id}",
    )
