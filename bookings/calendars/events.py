"""What happens to feeds."""

from dataclasses import dataclass

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedIssued(Event):
    """An address was made at which calendar programs fetch a feed; the one before it, if any, is dead."""

    feed_id: int
    kind: str
    replaced_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRevoked(Event):
    """The address of a feed answers no more."""

    feed_id: int
    kind: str
