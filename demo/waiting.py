"""Who waits in the demo: a few wishes, and one freed time that is held for the demo's buyer."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from accounts.models import Membership, Organisation
from bookings.availability import queries as availability
from bookings.availability import rules
from bookings.models import Rental, WaitlistEntry
from bookings.rentals import operations as rentals
from bookings.waitlist import operations as waitlist
from kernel.periods import Period
from kernel.refusals import Refusal
from labs.models import Instrument

ON_SHOW = "buyer@sme.example"
"""For whom a time is held from the beginning."""
WAITED_FOR = 4
"""So many bookings are waited for by others, the soonest first."""
FROM, UNTIL = timedelta(hours=36), timedelta(days=6)
"""When that time begins, counted from the loading."""
MINUTES = 120
PLENTY = 40
"""So many bookings ahead the demo's buyer may have: there is always room to try one more."""


def load(folder: Path, now: datetime) -> dict[str, int]:
    """Let a few wait where nobody does yet, and return how many there are."""
    del folder  # made up here, from what is booked
    if not WaitlistEntry.objects.exists():
        _offer_to_the_one_on_show(now)
        _wait_for_others(now)
    return {"waitlist entries": WaitlistEntry.objects.count()}


def _bookers() -> list[Membership]:
    bookers = Membership.objects.active().filter(organisation__verification="verified", role__in=("buyer", "owner"))
    return list(bookers.filter(organisation__roles__contains=["customer"]).order_by("pk"))


def _wait_for_others(now: datetime) -> None:
    """Let customers wait for what others have booked, in the time of those bookings."""
    ahead = Rental.objects.filter(status="confirmed", period__startswith__gt=now + timedelta(hours=30), units=1)
    for rental in ahead.select_related("instrument__lab").order_by("period", "pk")[:WAITED_FOR]:
        for member in [each for each in _bookers() if each.organisation_id != rental.organisation_id][:2]:
            _join(rental, member, now)


def _join(rental: Rental, member: Membership, now: datetime) -> WaitlistEntry | None:
    try:
        return waitlist.join(
            by=member,
            now=now,
            instrument=rental.instrument,
            window=rental.time,
            minutes=rental.time.minutes,
            mode=rental.mode,
            purpose="来料检验",
        )
    except Refusal:
        return None  # the instrument has another unit, or is not for them


def _offer_to_the_one_on_show(now: datetime) -> None:
    """
    Let the demo's buyer wait for a time that somebody else holds and then gives back.

    Loaded at night, nothing is offered before the morning (BK-19): the platform's own clock does it then.
    """
    member = next((each for each in _bookers() if each.user.email == ON_SHOW), None)
    other = next((each for each in _bookers() if member and each.organisation_id != member.organisation_id), None)
    if member is None or other is None:
        return
    Organisation.objects.filter(pk=member.organisation_id).update(most_bookings_ahead=PLENTY)
    for instrument, period in _free(other, now):
        try:
            held = rentals.place_hold(instrument=instrument, period=period, mode=rules.ASSISTED, by=other, now=now)
        except Refusal:
            continue
        entry = _join(held, member, now)
        rentals.cancel(rental=held, by=other, now=now)
        if entry is not None:
            waitlist.offer_freed(now=now, instrument_ids=[instrument.pk])
            return


def _free(member: Membership, now: datetime) -> Iterator[tuple[Instrument, Period]]:
    """Yield times that are free, one an instrument."""
    within = Period(now + FROM, now + UNTIL)
    for instrument in Instrument.objects.bookable_by(member).select_related("lab").order_by("code"):
        starts = availability.starts(
            instrument.pk, within=within, minutes=MINUTES, mode=rules.ASSISTED, member=member, now=now, count=1
        )
        yield from ((instrument, Period.starting(start, MINUTES)) for start in starts)
