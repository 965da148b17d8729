"""What happens to those who wait."""

from dataclasses import dataclass

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistEvent(Event):
    """A fact about one entry of the waitlist."""

    entry_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistJoined(WaitlistEvent):
    """Somebody waits for time; `displaced_id` is the rental they lost, where they lost one."""

    displaced_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistWindowChanged(WaitlistEvent):
    """Another stretch of time will do; `before` and `after` are [start, end] in UTC."""

    before: tuple[str, str]
    after: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistWithdrawn(WaitlistEvent):
    """They wait no longer: by their own wish, or because what displaced them is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistOver(WaitlistEvent):
    """Nothing became free in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistGivenUp(WaitlistEvent):
    """Offer after offer ran out unanswered; nothing more is held for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistFulfilled(WaitlistEvent):
    """The time they took is confirmed."""

    rental_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistWaitsAgain(WaitlistEvent):
    """The time they took came to nothing; they keep their place in line."""

    rental_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferEvent(WaitlistEvent):
    """A fact about one offer: the freed time that the rental holds."""

    offer_id: int
    rental_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistOffered(OfferEvent):
    """A freed time is held for them until they answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistOfferTaken(OfferEvent):
    """They take the time; it is held like any other now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistOfferDeclined(OfferEvent):
    """They do not want this time; the next in line is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistOfferLapsed(OfferEvent):
    """Nobody answered in time; the next in line is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistOfferWithdrawn(OfferEvent):
    """The lab took the time back."""
