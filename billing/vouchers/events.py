"""What happens to vouchers."""

from dataclasses import dataclass
from typing import ClassVar

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherEvent(Event):
    """A fact about a programme, or about something of it."""

    ABOUT: ClassVar[tuple[str, ...]] = ("programme_id",)

    programme_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeAdded(VoucherEvent):
    """A programme was drafted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeEdited(VoucherEvent):
    """What a programme demands or gives is different now; `changed` names the fields."""

    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeStateSet(VoucherEvent):
    """A programme was opened or closed."""

    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherGranted(VoucherEvent):
    """An organisation has a voucher; `application_id` where it had asked for it."""

    grant_id: int
    application_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherExpiresSoon(VoucherEvent):
    """A voucher with something left ends in so many days at most."""

    grant_id: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherApplied(VoucherEvent):
    """An organisation asks for a voucher."""

    application_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherDeclined(VoucherEvent):
    """An organisation is not given what it asked for."""

    application_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherApplicationWithdrawn(VoucherEvent):
    """An organisation asks no longer."""

    application_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RedemptionEvent(Event):
    """A fact about what a voucher pays of one order; `fen` is how much of it the fact is about."""

    redemption_id: int
    order_number: str
    fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherReserved(RedemptionEvent):
    """A part of an order is to be paid by a voucher."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherReservationChanged(RedemptionEvent):
    """The order has changed, and what the voucher is to pay of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherConsumed(RedemptionEvent):
    """The order is settled: the issuer owes the voucher's part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherReleased(RedemptionEvent):
    """The order came to nothing, and the voucher has its value back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherRestored(RedemptionEvent):
    """The order was cancelled, and the voucher has its value back; usable for longer when the lab cancelled."""

    by_lab: bool
    expires_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherTakenBack(RedemptionEvent):
    """A refund after settlement gave a part of the voucher back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimEvent(VoucherEvent):
    """A fact about a claim to the issuer."""

    batch_id: int
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPrepared(ClaimEvent):
    """What was used is put together for the issuer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDropped(ClaimEvent):
    """A prepared claim is not made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimSubmitted(ClaimEvent):
    """A claim was handed to the issuer with its evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimReimbursed(ClaimEvent):
    """The issuer has paid; `refused` of its uses were not accepted."""

    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRefused(ClaimEvent):
    """The issuer pays nothing of a claim."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotChecksDrawn(VoucherEvent):
    """Used vouchers were drawn to be looked at; the seed repeats the draw."""

    seed: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotCheckDecided(VoucherEvent):
    """A used voucher was looked at."""

    redemption_id: int
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AffiliationDeclared(Event):
    """Two organisations are affiliates."""

    one_id: int
    other_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AffiliationEnded(Event):
    """Two organisations are affiliates no longer."""

    one_id: int
    other_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerDeclared(Event):
    """It was said who controls an organisation."""
