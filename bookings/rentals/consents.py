"""What a customer agreed to when holding a time: asked for, refused without, and kept word for word."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from bookings.availability import consents
from bookings.availability import queries as availability
from bookings.availability.rules import Facts, Wish
from kernel.refusals import Refusal


class ConsentMissing(Refusal):
    """Something must be agreed to first; `consents` are the codes to send, `sentences` what they say."""

    code = "CONSENT_REQUIRED"
    message = _("Please tick that you agree: {sentences}")
    cure = _("Tick that you agree.")
    status = 422


def missing(facts: Facts, wish: Wish, *, agreed: Collection[str]) -> ConsentMissing | None:
    """Return the refusal of a wish that needs a tick which was not set, or None."""
    lacking = [consent for consent in consents.needed(facts, wish) if consent.code not in agreed]
    if not lacking:
        return None
    sentences = " ".join(consent.sentence for consent in lacking)
    return ConsentMissing(consents=[consent.code for consent in lacking], sentences=sentences)


def demand(facts: Facts, wish: Wish, *, agreed: Collection[str]) -> None:
    """
    Let a wish pass whose consents were all given.

    Raises:
        ConsentMissing: something needs a tick that was not set.
    """
    if refusal := missing(facts, wish, agreed=agreed):
        raise refusal


def kept(facts: Facts, wish: Wish, *, by: availability.Customer, now: datetime) -> list[dict[str, Any]]:
    """Return what is kept with a rental: code, the text that was shown, who agreed, and when (UTC)."""
    return [
        {"code": consent.code, "text": consent.sentence, "by": by.user_id, "at": now.isoformat()}
        for consent in consents.needed(facts, wish)
    ]
