"""What happened to the money of an order."""

from dataclasses import dataclass

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class BillEvent(Event):
    """A fact about the money of one order."""

    order_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BillSettled(BillEvent):
    """An order's price is final and belongs to the lab, less the platform's fee; fen."""

    bill_id: int
    lab_id: int
    total_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundOwed(BillEvent):
    """Money goes back to a customer by a way that takes its time: a bank transfer, or the payment it came by."""

    refund_id: int
    fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPaid(BillEvent):
    """The money has arrived where it came from."""

    refund_id: int
    fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFailed(BillEvent):
    """The way back is closed: somebody of the platform must choose another (BL-31)."""

    refund_id: int
    fen: int
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundAsked(BillEvent):
    """Somebody wants money of a settled order to go back; a second person decides."""

    request_id: int
    lab_id: int
    fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundDecided(BillEvent):
    """The second person agreed, or not."""

    request_id: int
    lab_id: int
    fen: int
    approved: bool
