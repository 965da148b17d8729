"""Those who wait, for tests: joined through the operation, while somebody else has the time."""

from datetime import timedelta
from typing import Any

from accounts.models import Membership
from bookings.models import Rental, WaitlistEntry, WaitlistOffer
from bookings.rentals import operations as rentals
from bookings.waitlist import operations as waitlist
from kernel.periods import Period
from labs.models import Instrument
from tests.factories.bookings import MONDAY_9, buyer, confirmed, hours
from tests.factories.labs import InstrumentFactory

TWO_HOURS = Period(hours(0, 2).start, hours(0, 2).end)
"""Tuesday 09:00 to 11:00 in Guangzhou."""


def taken(*, instrument: Instrument | None = None, period: Period = TWO_HOURS, **how: Any) -> Rental:
    """A confirmed rental of somebody else, who has what is waited for."""
    return confirmed(instrument=instrument or InstrumentFactory(), period=period, **how)


def waits(
    rental: Rental, *, by: Membership | None = None, window: Period = TWO_HOURS, minutes: int = 120, **how: Any
) -> WaitlistEntry:
    """An entry that waits for the time of a rental."""
    wanted = {"instrument": rental.instrument, "mode": "assisted", "now": MONDAY_9, **how}
    return waitlist.join(by=by or buyer(), window=window, minutes=minutes, **wanted)


def freed(rental: Rental) -> Rental:
    """Cancel a rental as its customer; the job that offers its time is only deferred."""
    customer = Membership.objects.get(organisation=rental.organisation, user=rental.placed_by)
    return rentals.cancel(rental=rental, by=customer, now=MONDAY_9)


def offered(*, by: Membership | None = None, **how: Any) -> WaitlistOffer:
    """An open offer of Tuesday 09:00 to 11:00, made on Monday at 09:00."""
    rental = taken()
    entry = waits(rental, by=by, **how)
    freed(rental)
    waitlist.offer_freed(now=MONDAY_9)
    return WaitlistOffer.objects.get(entry=entry)


LATER = MONDAY_9 + timedelta(hours=2)
"""When an offer of Monday 09:00 has run out."""
