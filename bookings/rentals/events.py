"""What happens to a rental."""

from dataclasses import dataclass
from typing import Any, ClassVar

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalEvent(Event):
    """
    A fact about one rental.

    `series_id` is set where it is part of one act on a series, which is told of as one; `is_offer` where the rental was
    held for somebody who waited.
    """

    rental_id: int
    number: str
    series_id: int | None = None
    is_offer: bool = False

    def facts(self) -> dict[str, Any]:
        """Leave out the series where there is none, and that it is no offer: most rentals are alone."""
        told = Event.facts(self)
        return {name: told[name] for name in told if name not in ("series_id", "is_offer") or told[name]}


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
    """
    The rental will not take place; `fee_fen` is what the customer still owes for it.

    `was_asked_for` where it waited for the lab's approval or for money, or was confirmed: more than a mere hold.
    """

    by_lab: bool
    fee_fen: int
    was_asked_for: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalExpired(RentalEvent):
    """A hold ran out; `was_asked_for` where it waited for the lab's approval or for money."""

    was_asked_for: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalAtRisk(RentalEvent):
    """A rental may not take place as booked: no certificate covers all of its time any more (CAL-3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalSafeAgain(RentalEvent):
    """What put a rental at risk is over."""


# --- Before its time -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalAwaitsPayment(RentalEvent):
    """It needs no approval; its time is kept until it is paid, at the latest until the hold ends."""

    pays_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalCheckoutStarted(RentalEvent):
    """The customer is at the till; the hold reaches a little beyond the payment page's own end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalRescheduled(RentalEvent):
    """It takes place at another time, or on another instrument; `before` and `after` are [start, end] in UTC."""

    before: tuple[str, str]
    after: tuple[str, str]
    by_lab: bool = False
    difference_fen: int = 0
    instrument_before: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalMoveOffered(RentalEvent):
    """The lab asks the customer to come at another time: `start` and `end` in UTC."""

    start: str
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalMoveDeclined(RentalEvent):
    """The customer keeps the time that was agreed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalHandedOver(RentalEvent):
    """A colleague of the same organisation comes instead."""

    from_user_id: int
    to_user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalNoShow(RentalEvent):
    """Nobody came; the whole price is owed, and the rest of the time is free."""

    fee_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalNeedsRebooking(RentalEvent):
    """
    It cannot take place as booked (BK-8): the instrument is out of service, or there are fewer units of it.

    Not `is_news` where that was known already, and only the reason is another.
    """

    why: str
    is_news: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalPlaceRestored(RentalEvent):
    """It can take place as booked after all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalCutShort(RentalEvent):
    """The instrument goes out of service while it is used, `out_from` an instant in UTC (BK-8)."""

    out_from: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalSpared(RentalEvent):
    """The instrument stays in service after all while it is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalReassigned(RentalEvent):
    """Another operator of the lab is assigned to it (BK-10)."""

    operator_id: int
    before_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalLacksOperator(RentalEvent):
    """Whoever was assigned to it is not there then, and nobody else who is qualified is free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabCancelledLate(RentalEvent):
    """A lab called off a confirmed rental with less than a day's notice: a mark against it; `notice_minutes`."""

    ABOUT: ClassVar[tuple[str, ...]] = ("lab_id",)
    lab_id: int
    notice_minutes: int


# --- In use, and after ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalCheckedIn(RentalEvent):
    """Somebody has come, and the instrument is theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalVoucherUsed(RentalEvent):
    """A voucher pays a part of what is not confirmed yet, or does not any more (`voucher_fen` 0)."""

    programme_id: int | None
    voucher_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalExtended(RentalEvent):
    """It goes on longer: until `until` (UTC) instead of `before`, for `added_fen` more."""

    before: str
    until: str
    added_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalInterrupted(RentalEvent):
    """The instrument broke down; the customer chooses what becomes of the rest (BL-24)."""

    fault: str
    expected_back_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalResumed(RentalEvent):
    """The instrument is mended, and the use goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalRebooked(RentalEvent):
    """The rest is used another time: by the rental `new_rental_id`; `credit_fen` is what the old one gave back."""

    new_rental_id: int
    new_number: str
    credit_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalAbandoned(RentalEvent):
    """An interrupted use ends where it stopped; only the minutes until then are owed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalUnusable(RentalEvent):
    """The customer says that an interrupted run was of no use; nothing is owed unless the lab objects in time (UTC)."""

    object_until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalUnusableContested(RentalEvent):
    """The lab objects: the minutes used are owed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalCheckedOut(RentalEvent):
    """
    The use is over and recorded; what follows is free.

    `corrected` tells which of `started_at` and `ended_at` the desk corrected: [before, after] in UTC.
    """

    condition: str
    corrected: dict[str, list[str]] | None = None

    def facts(self) -> dict[str, Any]:
        """Leave out what the clock said and nobody corrected."""
        told = RentalEvent.facts(self)
        if self.corrected is None:
            del told["corrected"]
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalRunsOver(RentalEvent):
    """Its use goes on beyond the booked end, or an early one is not free yet: whoever comes next has to wait."""

    next_rental_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalSettled(RentalEvent):
    """The price is final."""

    total_fen: int


FREEING: tuple[type[RentalEvent], ...] = (
    RentalCancelled,
    RentalRejected,
    RentalExpired,
    RentalRescheduled,
    RentalNoShow,
    RentalRebooked,
    RentalAbandoned,
    RentalCheckedOut,
)
"""After these, time may be free that was taken before: the waitlist listens."""
