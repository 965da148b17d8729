"""What happened to payouts, to the platform's fee, and to what was compared with the bank."""

from dataclasses import dataclass

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutsDue(Event):
    """It is Tuesday, and so many labs are to be paid; fen."""

    labs: int
    fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutsPrepared(Event):
    """A week's payouts are put together, and wait for a second person; fen."""

    batch_id: int
    number: str
    payouts: int
    fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutEvent(Event):
    """A fact about one payout; the organisation is the lab's; fen."""

    payout_id: int
    number: str
    lab_id: int
    fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutApproved(PayoutEvent):
    """A second person agreed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutSent(PayoutEvent):
    """The bank was told to pay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutConfirmed(PayoutEvent):
    """The bank has paid."""

    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutFailed(PayoutEvent):
    """It was not paid: what it was for is free for another payout."""

    because: str
    was_sent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeWithdrawalProposed(Event):
    """Somebody wants to take the platform's fee out of custody; fen."""

    withdrawal_id: int
    fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeWithdrawalDecided(Event):
    """A second person agreed, or not; fen."""

    withdrawal_id: int
    fen: int
    approved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferencesFound(Event):
    """The books do not agree with the bank or with the bills: so many differences are new, so many stand in all."""

    run_id: int
    opened: int
    standing: int
