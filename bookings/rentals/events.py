"""What happens to a rental."""

from dataclasses import dataclass

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalEvent(Event):
    """A fact about one rental."""

    rental_id: int
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalHeld(RentalEvent):
    """An instrument is kept for a customer while the price is agreed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalSubmitted(RentalEvent):
    """A held rental waits for the lab's approval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalApproved(RentalEvent):
    """The lab agrees; the customer may confirm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalRejected(RentalEvent):
    """The lab declines, with a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalConfirmed(RentalEvent):
    """The rental is binding for both sides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalCancelled(RentalEvent):
    """The rental will not take place; `fee_fen` is what the customer still owes for it."""

    by_lab: bool
    fee_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalExpired(RentalEvent):
    """A hold ran out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalAtRisk(RentalEvent):
    """A rental may not take place as booked: no certificate covers all of its time any more (CAL-3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalSafeAgain(RentalEvent):
    """What put a rental at risk is over."""
