"""What those who wait are told."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from bookings.waitlist import events
from bookings.waitlist.models import WaitlistEntry, WaitlistOffer
from notices.kinds import Facts, Group, Kind


def offer_of(facts: Facts, now: datetime) -> Facts | None:
    """Return the offer as it is now; nothing to write about where it was answered meanwhile."""
    offer = WaitlistOffer.objects.select_related("rental__instrument__lab", "entry").get(pk=facts["offer_id"])
    is_open = offer.outcome == WaitlistOffer.Outcome.OPEN and offer.expires_at > now
    return {"offer": offer, "rental": offer.rental} if is_open else None


def lapsed_offer_of(facts: Facts, now: datetime) -> Facts:
    """Return the offer that ran out, and whether its entry still waits."""
    del now
    offer = WaitlistOffer.objects.select_related("rental__instrument__lab", "entry").get(pk=facts["offer_id"])
    return {"offer": offer, "rental": offer.rental, "entry": offer.entry}


def entry_of(facts: Facts, now: datetime) -> Facts:
    """Return the entry."""
    del now
    entries = WaitlistEntry.objects.select_related("instrument__lab", "group__lab")
    return {"entry": entries.get(pk=facts["entry_id"])}


KINDS = (
    Kind(
        "waitlist_offered",
        Group.WAITLIST,
        label=_("A time you wait for is free"),
        sentence=_("Held for you: {instrument}, {time}. Please answer by {until}."),
        is_urgent=True,
        gather=offer_of,
        done_by=(
            events.WaitlistOfferTaken,
            events.WaitlistOfferDeclined,
            events.WaitlistOfferLapsed,
            events.WaitlistOfferWithdrawn,
        ),
        about="waitlist:{0.entry_id}",
    ),
    Kind(
        "waitlist_offer_lapsed",
        Group.WAITLIST,
        label=_("An offer of the waitlist ran out"),
        sentence=_("Not answered in time: {instrument}, {time}."),
        gather=lapsed_offer_of,
    ),
    Kind(
        "waitlist_given_up",
        Group.WAITLIST,
        label=_("You wait no longer: offers were not answered"),
        sentence=_("Several offers were not answered; nothing more is held for you: {what}, {window}."),
        gather=entry_of,
    ),
    Kind(
        "waitlist_over",
        Group.WAITLIST,
        label=_("Nothing became free in time"),
        sentence=_("Nothing became free: {what}, {window}."),
        gather=entry_of,
    ),
)
