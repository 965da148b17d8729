"""
Each business event as its legs (E1 to E14), pure and in whole fen: what `operations.post` writes.

A leg is signed: debit is positive, credit negative. It names what its account is kept by, and whatever else helps to
find it. A builder refuses (ValueError) what no event can be: an amount not above nothing, a part above the whole.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from functools import partial
from typing import Any

from billing.ledger.chart import BY_HAND, CHART, EVENTS, REVERSAL, Account, Per, Type, party
from kernel.money import BASIS_POINTS, Money

__all__ = ["BY_HAND", "CHART", "EVENTS", "REVERSAL", "Account", "Happened", "Leg", "Legs", "Per", "Type", "party"]

PLATFORM_FEE_BP = 500
"""The platform's fee on what a lab earns, tax included, where nothing else is agreed: 5 %."""
PLATFORM_VAT_BP = 600
"""The tax on the platform's own fee (现代服务): 6 %."""


@dataclass(frozen=True, slots=True)
class Leg:
    """
    One line of an entry to be: signed fen on an account, and whom it is about.

    Raises:
        ValueError: nothing is moved, or what the account is kept by is not named.
    """

    account: Account
    fen: int
    organisation_id: int | None = None
    order_number: str = ""
    lab_id: int | None = None
    programme_id: int | None = None
    provider: str = ""

    def __post_init__(self) -> None:
        if not self.fen:
            raise ValueError(f"a leg on {self.account} moves nothing")
        if CHART[self.account].per and not self.party:
            raise ValueError(f"a leg on {self.account} names no {CHART[self.account].per}")

    @property
    def party(self) -> str:
        """Whose sub-ledger it stands in: the id, number or name that the account is kept by; '' where by nothing."""
        return party(self.account, **self.about)

    @property
    def about(self) -> dict[str, int | str | None]:
        """Whom it names, by kind."""
        return {
            "organisation_id": self.organisation_id,
            "order_number": self.order_number,
            "lab_id": self.lab_id,
            "programme_id": self.programme_id,
            "provider": self.provider,
        }

    @property
    def other_side(self) -> Money:
        """The amount of a credit without its sign."""
        return Money(-self.fen)

    def in_full(self) -> tuple[str, ...]:
        """All of it as text: legs are compared in this order."""
        return tuple(str(value) for value in (self.account, self.fen, *self.about.values()))


type Legs = tuple[Leg, ...]


def balanced(legs: Iterable[Leg]) -> Legs:
    """
    Return the legs that make an entry.

    Raises:
        ValueError: fewer than two, or debits and credits differ.
    """
    found = tuple(legs)
    difference = sum(leg.fen for leg in found)
    if len(found) < 2 or difference:
        raise ValueError(f"no entry: {len(found)} legs, off by {difference} fen")
    return found


def opposite(legs: Iterable[Leg]) -> Legs:
    """Return the legs that undo these."""
    return tuple(replace(leg, fen=-leg.fen) for leg in legs)


def platform_fee(gross: int, fee_bp: int = PLATFORM_FEE_BP) -> int:
    """Return the platform's fee on what a lab earns, tax included: F = round-half-up(G x bp / 10000)."""
    return Money(gross).basis_points(fee_bp).fen


def fee_parts(fee: int) -> tuple[int, int]:
    """Return a fee as net and tax: Fn = round-half-up(F x 10000 / 10600), Ft = F - Fn."""
    net = Money(fee).times(Fraction(BASIS_POINTS, BASIS_POINTS + PLATFORM_VAT_BP)).fen
    return net, fee - net


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """
    A business event as it is to be posted: its own id, its code, when, and whom the whole of it is about.

    Raises:
        ValueError: its legs do not balance, or its code or id is none.
    """

    event_id: str
    event: str
    legs: Legs = field(repr=False)
    at: datetime
    order_number: str = ""
    organisation_id: int | None = None
    lab_id: int | None = None
    by_id: int | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        balanced(self.legs)
        if self.event not in EVENTS or not self.event_id or self.at.tzinfo is None:
            raise ValueError(f"no event of the books: {self!r}")

    @property
    def said(self) -> tuple[str, str, list[Leg]]:
        """What makes it the same event when it is posted again: what happened, not when it was told or by whom."""
        return self.event, self.order_number, sorted(self.legs, key=Leg.in_full)


type Place = Callable[[int], Leg]


def _at(account: Account, **about: Any) -> Place:
    """Where a leg goes: an account, and whom it is about; the amount comes later."""
    return partial(Leg, account, **about)


def _entry(*parts: tuple[Place, int]) -> Legs:
    """Make the legs of all parts that are not nothing."""
    return balanced(place(fen) for place, fen in parts if fen)


def _moved(fen: int, debit: Place, credit: Place) -> Legs:
    """Move an amount from where it is credited to where it is debited."""
    return _entry((debit, _above_nothing(fen)), (credit, -fen))


def _set_aside(source: Account, fen: int, organisation_id: int, order_number: str) -> Legs:
    about = {"organisation_id": organisation_id, "order_number": order_number}
    return _moved(fen, _at(source, **about), _at(Account.ESCROW, **about))


def _money(via: Account, provider: str, order_number: str = "") -> Place:
    """Where money comes in or goes out: a provider, or the bank."""
    if via == Account.PSP_CLEARING:
        return _at(via, provider=provider, order_number=order_number)
    if via == Account.CUSTODY_BANK:
        return _at(via, order_number=order_number)
    raise ValueError(f"no money moves through {via}")


def _above_nothing(fen: int) -> int:
    if fen <= 0:
        raise ValueError(f"{fen} fen is no amount of an event")
    return fen


def _within(part: int, whole: int) -> None:
    if not 0 <= part <= whole:
        raise ValueError(f"{part} fen is no part of {whole}")


def online_payment(fen: int, organisation_id: int, provider: str, order_number: str = "") -> Legs:
    """E1: a payment through a provider succeeded; the money is the organisation's until an order is confirmed."""
    return _moved(
        fen,
        _at(Account.PSP_CLEARING, provider=provider, order_number=order_number),
        _at(Account.ADVANCES, organisation_id=organisation_id, order_number=order_number),
    )


def bank_transfer(fen: int, organisation_id: int, order_number: str = "") -> Legs:
    """E2: a transfer arrived on the custody account, and it is known whose it is."""
    advance = _at(Account.ADVANCES, organisation_id=organisation_id, order_number=order_number)
    return _moved(fen, _at(Account.CUSTODY_BANK), advance)


def unmatched_transfer(fen: int) -> Legs:
    """E2: a transfer arrived, and nobody knows whose it is."""
    return _moved(fen, _at(Account.CUSTODY_BANK), _at(Account.SUSPENSE))


def suspense_resolved(fen: int, organisation_id: int, order_number: str = "") -> Legs:
    """E2b: it is known whose a transfer is."""
    advance = _at(Account.ADVANCES, organisation_id=organisation_id, order_number=order_number)
    return _moved(fen, _at(Account.SUSPENSE), advance)


def allocated(fen: int, organisation_id: int, order_number: str) -> Legs:
    """E3: an order is confirmed, and what the organisation paid is put aside for it."""
    return _set_aside(Account.ADVANCES, fen, organisation_id, order_number)


def from_balance(fen: int, organisation_id: int, order_number: str) -> Legs:
    """E3b: an order is paid from the prepaid balance."""
    return _set_aside(Account.PREPAID, fen, organisation_id, order_number)


def on_credit(fen: int, organisation_id: int, order_number: str) -> Legs:
    """E3b: an order is put on the monthly account; what is put aside for it is owed by the organisation."""
    return _set_aside(Account.RECEIVABLE, fen, organisation_id, order_number)


def credit_paid(fen: int, organisation_id: int) -> Legs:
    """E3c: what an organisation paid (E1, E2) settles what it owes on its monthly account."""
    return _moved(
        fen,
        _at(Account.ADVANCES, organisation_id=organisation_id),
        _at(Account.RECEIVABLE, organisation_id=organisation_id),
    )


def topped_up(fen: int, organisation_id: int, via: Account, provider: str = "") -> Legs:
    """E4: money came in for the prepaid balance, through a provider (1012) or the bank (1002)."""
    balance = _at(Account.PREPAID, organisation_id=organisation_id)
    return _moved(fen, _money(via, provider), balance)


def put_on_balance(fen: int, organisation_id: int, order_number: str = "") -> Legs:
    """E4: what an organisation paid (E1, E2) and no order needs goes onto its prepaid balance."""
    advance = _at(Account.ADVANCES, organisation_id=organisation_id, order_number=order_number)
    return _moved(fen, advance, _at(Account.PREPAID, organisation_id=organisation_id))


def deposit_paid(fen: int, organisation_id: int, order_number: str, via: Account, provider: str = "") -> Legs:
    """E5: a deposit came in; it is nobody's revenue."""
    deposit = _at(Account.DEPOSITS, organisation_id=organisation_id, order_number=order_number)
    return _moved(fen, _money(via, provider, order_number), deposit)


def deposit_returned(fen: int, organisation_id: int, order_number: str) -> Legs:
    """E5: a deposit is owed back; E8b pays it."""
    about = {"organisation_id": organisation_id, "order_number": order_number}
    return _moved(fen, _at(Account.DEPOSITS, **about), _at(Account.REFUNDS_PAYABLE, **about))


def deposit_deducted(fen: int, organisation_id: int, order_number: str, lab_id: int) -> Legs:
    """E5: damage is paid to the lab from the deposit."""
    deposit = _at(Account.DEPOSITS, organisation_id=organisation_id, order_number=order_number)
    return _moved(fen, deposit, _at(Account.LAB_PAYABLE, lab_id=lab_id, order_number=order_number))


def voucher_consumed(fen: int, programme_id: int, order_number: str) -> Legs:
    """E6: at settlement the programme owes the voucher's part of the order."""
    owed = _at(Account.VOUCHER_RECEIVABLE, programme_id=programme_id, order_number=order_number)
    return _moved(fen, owed, _at(Account.ESCROW, order_number=order_number))


def programme_reimbursed(fen: int, programme_id: int) -> Legs:
    """E6b: the programme paid what it owed for vouchers."""
    return _moved(fen, _at(Account.CUSTODY_BANK), _at(Account.VOUCHER_RECEIVABLE, programme_id=programme_id))


def settled(gross: int, fee_bp: int, lab_id: int, order_number: str) -> Legs:
    """E7: an order is settled: the lab earns it less the platform's fee, of which a part is tax."""
    _within(fee_bp, BASIS_POINTS)
    net, tax = fee_parts(platform_fee(_above_nothing(gross), fee_bp))
    return _entry(
        (_at(Account.ESCROW, order_number=order_number), gross),
        (_at(Account.LAB_PAYABLE, lab_id=lab_id, order_number=order_number), -(gross - net - tax)),
        (_at(Account.FEE_INCOME, lab_id=lab_id, order_number=order_number), -net),
        (_at(Account.OUTPUT_VAT, lab_id=lab_id, order_number=order_number), -tax),
    )


def refund_owed(fen: int, organisation_id: int, order_number: str) -> Legs:
    """E8a: before settlement, own funds of an order are owed back."""
    owed = _at(Account.REFUNDS_PAYABLE, organisation_id=organisation_id, order_number=order_number)
    return _moved(fen, _at(Account.ESCROW, order_number=order_number), owed)


def advance_owed_back(fen: int, organisation_id: int, order_number: str) -> Legs:
    """E8a: what an organisation paid (E1, E2) for an order that cannot take place any more is owed back."""
    about = {"organisation_id": organisation_id, "order_number": order_number}
    return _moved(fen, _at(Account.ADVANCES, **about), _at(Account.REFUNDS_PAYABLE, **about))


def refund_paid(fen: int, organisation_id: int, via: Account, provider: str = "", order_number: str = "") -> Legs:
    """
    E8b: what was owed back has gone back the way it came.

    Through a provider (1012) or the bank (1002), to the prepaid balance (2204), or off the monthly account (1122).
    """
    about = {"organisation_id": organisation_id, "order_number": order_number}
    inside = via in (Account.PREPAID, Account.RECEIVABLE)
    back = _at(via, **about) if inside else _money(via, provider, order_number)
    return _moved(fen, _at(Account.REFUNDS_PAYABLE, **about), back)


def cancelled(own: int, fee: int, lab_id: int, organisation_id: int, order_number: str) -> Legs:
    """E9: of an order's own funds the lab keeps the cancellation fee (BL-20), the rest is owed back."""
    _within(fee, _above_nothing(own))
    return _entry(
        (_at(Account.ESCROW, order_number=order_number), own),
        (_at(Account.LAB_PAYABLE, lab_id=lab_id, order_number=order_number), -fee),
        (
            _at(Account.REFUNDS_PAYABLE, organisation_id=organisation_id, order_number=order_number),
            -(own - fee),
        ),
    )


def refunded_after_settlement(
    own: int,
    voucher: int,
    fee_back: int,
    lab_id: int,
    organisation_id: int,
    programme_id: int | None = None,
    *,
    reimbursed: bool = False,
    order_number: str = "",
) -> Legs:
    """
    E10: the lab gives back own funds and a voucher's part, the platform its fee in proportion (BL-23).

    The voucher's part is returnable once the programme has reimbursed it; before, the programme just owes less.
    """
    _within(fee_back, _above_nothing(own + voucher))
    _within(own, own + voucher)
    net, tax = fee_parts(fee_back)
    returned = Account.VOUCHER_RETURNABLE if reimbursed else Account.VOUCHER_RECEIVABLE
    return _entry(
        (_at(Account.LAB_PAYABLE, lab_id=lab_id, order_number=order_number), own + voucher - fee_back),
        (_at(Account.FEE_INCOME, lab_id=lab_id, order_number=order_number), net),
        (_at(Account.OUTPUT_VAT, lab_id=lab_id, order_number=order_number), tax),
        (_at(Account.REFUNDS_PAYABLE, organisation_id=organisation_id, order_number=order_number), -own),
        (_at(returned, programme_id=programme_id, order_number=order_number), -voucher),
    )


def payout(fen: int, lab_id: int) -> Legs:
    """E11: a lab was paid from custody."""
    return _moved(fen, _at(Account.LAB_PAYABLE, lab_id=lab_id), _at(Account.CUSTODY_BANK))


def provider_payout(gross: int, fee: int, provider: str) -> Legs:
    """E12: a provider paid out what it had collected, less its own fee."""
    _within(fee, _above_nothing(gross))
    return _entry(
        (_at(Account.CUSTODY_BANK), gross - fee),
        (_at(Account.PROVIDER_FEES, provider=provider), fee),
        (_at(Account.PSP_CLEARING, provider=provider), -gross),
    )


def custody_made_whole(fee: int) -> Legs:
    """E12b: the platform pays the provider's fee into custody from its own bank."""
    return _moved(fee, _at(Account.CUSTODY_BANK), _at(Account.OWN_BANK))


def dispute_opened(fen: int, provider: str, order_number: str = "") -> Legs:
    """E13: a provider took a payment back until a dispute is decided."""
    disputed = _at(Account.DISPUTES, provider=provider, order_number=order_number)
    return _moved(fen, disputed, _at(Account.PSP_CLEARING, provider=provider, order_number=order_number))


def dispute_lost(fen: int, lab_id: int | None = None, provider: str = "", order_number: str = "") -> Legs:
    """E13: a dispute is lost: the lab bears it where one is named, the platform where none is."""
    borne = Account.COMPENSATION if lab_id is None else Account.LAB_PAYABLE
    disputed = _at(Account.DISPUTES, provider=provider, order_number=order_number)
    return _moved(fen, _at(borne, lab_id=lab_id, order_number=order_number), disputed)


def dispute_won(fen: int, provider: str, order_number: str = "") -> Legs:
    """E13: a dispute is won: the provider gives the payment again."""
    return opposite(dispute_opened(fen, provider, order_number))


def fee_taken(fen: int) -> Legs:
    """E14: the platform takes its fees out of custody."""
    return _moved(fen, _at(Account.OWN_BANK), _at(Account.CUSTODY_BANK))
