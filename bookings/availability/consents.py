"""What must be agreed to before a time on an instrument is held (CAL-2)."""

from bookings.availability.rules import Facts, Wish
from labs.catalogue.consents import Consent, consents_needed


def needed(facts: Facts, wish: Wish) -> list[Consent]:
    """Return the consents that holding this time needs: that its results are not traceable, where they are not."""
    on = wish.period.start.astimezone(facts.zone).date()
    return consents_needed(on=on, is_traceable=facts.is_traceable(wish.period))
