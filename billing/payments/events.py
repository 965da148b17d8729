"""What happened to transfers, prepaid balances and monthly statements."""

from dataclasses import dataclass

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class BankStatementUploaded(Event):
    """A bank's file was handed in, to be checked."""

    statement_id: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BankStatementImported(Event):
    """The lines of a bank's file were taken in: so many were new. They are matched after it."""

    statement_id: int
    taken: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferReceived(Event):
    """Money for an order is there, and it is enough: whoever keeps the order confirms it now; fen."""

    number: str
    fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferUnmatched(Event):
    """Money came that cannot be matched by itself: two people decide; fen."""

    line_id: int
    fen: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferOwedBack(Event):
    """Money came for an order that cannot take place any more: it goes back whole; fen."""

    refund_id: int
    order_number: str
    fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferSentBack(Event):
    """Such money has gone back: to where it came from, or onto the prepaid balance; fen."""

    refund_id: int
    order_number: str
    fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferNotSentBack(Event):
    """The bank could not carry a refund out: somebody must try again; fen."""

    refund_id: int
    order_number: str
    fen: int
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceToppedUp(Event):
    """Money came onto a prepaid balance; fen."""

    fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionProposed(Event):
    """Somebody says what is to become of money in suspense; a second person decides."""

    line_id: int
    resolution_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionDecided(Event):
    """The second person agreed, or not."""

    line_id: int
    resolution_id: int
    approved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyStatementEvent(Event):
    """A fact about what an organisation owes for a month; fen."""

    statement_id: int
    number: str
    due_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyStatementMade(MonthlyStatementEvent):
    """The month is over: this is owed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyStatementUnpaid(MonthlyStatementEvent):
    """It is soon to be paid, or overdue: a reminder."""

    is_overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyStatementPaid(MonthlyStatementEvent):
    """Its money is there."""
