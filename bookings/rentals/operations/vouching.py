"""Paying a part of a held rental with a voucher (BL-14 to BL-16)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from billing.bills import operations as bills
from billing.pricing.rules import Price
from billing.vouchers import operations as vouchers
from billing.vouchers import queries as offered
from billing.vouchers import rules as worth
from billing.vouchers.models import Grant, Programme
from bookings.rentals import events, rules
from bookings.rentals.models import Rental
from bookings.rentals.operations import charging
from bookings.rentals.operations.steps import HoldLapsed, NotPossibleNow, locked, save, tell
from kernel.money import Money
from kernel.refusals import Refusal

ENDED = (rules.EXPIRED, rules.REJECTED, rules.CANCELLED)

KIND = "rental"
"""What vouchers call a rental."""


class DiscountSavesMore(Refusal):
    """The programme pays no discounted prices, and the discount is worth at least as much (BL-14)."""

    code = "discount_saves_more"
    message = _("{programme} cannot be combined with your discount, and the discount saves as much: you pay {own}.")
    cure = _("Keep the voucher for another order.")


class NoVoucherChosen(Refusal):
    """It was not said which voucher is to pay."""

    code = "no_voucher_chosen"
    message = _("Choose the voucher that is to pay.")
    status = 422


class NoVoucherUsed(Refusal):
    """There is no voucher to do without."""

    code = "no_voucher_used"
    message = _("No voucher pays a part of {number}.")


@transaction.atomic
def use_voucher(*, rental: Rental, programme: Programme, by: Membership, now: datetime) -> Rental:
    """
    Let a voucher pay its part of a rental that is not confirmed yet: it is reserved until then (BL-16).

    Where the programme pays no discounted prices, the rental is priced without its discount if that makes the
    customer's own payment smaller (BL-14).

    Raises:
        NotPossibleNow, HoldLapsed: it is confirmed, over, or waits for a payment that was begun.
        DiscountSavesMore: the voucher would not make it cheaper.
        Refusal: why the voucher cannot pay it (`vouchers.reserve`).
        Busy: others held the organisation or the budget for too long.
    """
    rental = _open(rental, now)
    if rental.voucher_fen:
        _without(rental, now=now, by=by)
    before = {
        "lines": rental.price_lines,
        "priced_from": rental.priced_from,
        "total_fen": rental.total_fen,
        "discount": rental.discount,
    }
    if rental.discount and not programme.is_stackable:
        listed = without_discount(rental)
        if listed is not None:
            _demand_worth(rental, listed, programme, now=now)
            rental.before_voucher = before
            charging.freeze(rental, listed)
            rental.discount = ""
    used = vouchers.reserve(
        order_number=rental.number,
        organisation_id=rental.organisation_id,
        lab_id=rental.instrument.lab_id,
        programme_id=programme.pk,
        kind=KIND,
        lines=rental.price_lines,
        service_on=charging.service_day(rental),
        now=now,
        by=by,
    )
    rental.voucher_fen = used.amount_fen
    save(rental, now)
    tell(events.RentalVoucherUsed, rental, by=by, now=now, programme_id=programme.pk, voucher_fen=rental.voucher_fen)
    return rental


@transaction.atomic
def do_without_voucher(*, rental: Rental, by: Membership, now: datetime) -> Rental:
    """
    Give a voucher back before the rental is confirmed; a discount it excluded applies again.

    Raises:
        NoVoucherUsed: there is none.
        NotPossibleNow, HoldLapsed: it is confirmed, over, or waits for a payment that was begun.
        Busy: others held the organisation or the budget for too long.
    """
    rental = _open(rental, now)
    if not rental.voucher_fen:
        raise NoVoucherUsed(number=rental.number)
    _without(rental, now=now, by=by)
    save(rental, now)
    tell(events.RentalVoucherUsed, rental, by=by, now=now, programme_id=None, voucher_fen=0)
    return rental


@dataclass(frozen=True, slots=True)
class Offered:
    """What a voucher would pay of a rental, and of which price: that without discount, where it excludes one."""

    grant: Grant
    amount: Money
    price: Money
    obstacles: tuple[worth.Obstacle, ...]

    @property
    def programme(self) -> Programme:
        """The programme it is of."""
        return self.grant.programme

    @property
    def own(self) -> Money:
        """What would be left to pay."""
        return self.price - self.amount


def offers(rental: Rental, *, now: datetime) -> list[Offered]:
    """
    Return what the customer's vouchers would pay of a held rental, the most first; each says why, where it cannot.

    A programme that pays no discounted prices is offered what it pays of the price without discount.
    """
    asked: dict[str, Any] = {
        "organisation": rental.organisation,
        "lab": rental.instrument.lab,
        "kind": KIND,
        "service_on": charging.service_day(rental),
        "now": now,
    }
    found = _offered(offered.offers(lines=rental.price_lines, **asked), rental.total)
    listed = without_discount(rental) if rental.discount else None
    if listed is None or all(offer.programme.is_stackable for offer in found):
        return found
    alone = _offered(offered.offers(lines=listed.as_json(), **asked), listed.total)
    by_grant = {offer.grant.pk: offer for offer in alone}
    both = [offer if offer.programme.is_stackable else by_grant[offer.grant.pk] for offer in found]
    return sorted(both, key=lambda offer: offer.own.fen)


def _offered(found: list[offered.Offer], price: Money) -> list[Offered]:
    return [Offered(offer.grant, offer.amount, price, offer.obstacles) for offer in found]


def without_discount(rental: Rental) -> Price | None:
    """Return a rental's price without its discount; None where what it was computed from is not known."""
    inputs = charging.inputs_of(rental)
    return replace(inputs, discounts=()).price() if inputs is not None else None


def release_ended(*, now: datetime, limit: int = 500) -> int:
    """
    Give back the vouchers of rentals that came to nothing: expired, rejected, let go; for the clock's job.

    Returns how many. Each in a transaction of its own; safe to run late, twice, or at once.
    """
    ended = Rental.objects.filter(voucher_fen__gt=0, status__in=ENDED, confirmed_at__isnull=True).order_by("pk")
    lapsed = Rental.objects.filter(voucher_fen__gt=0).lapsed(now).order_by("pk")
    return sum(_release(rental, now=now) for rental in [*ended[:limit], *lapsed[:limit]])


@transaction.atomic
def _release(rental: Rental, *, now: datetime) -> int:
    bills.lock_account(rental.organisation_id)
    rental = locked(rental)
    if rental.status_at(now) not in ENDED or rental.confirmed_at is not None or not rental.voucher_fen:
        return 0
    _without(rental, now=now, by=None)
    save(rental, now)
    return 1


def _open(rental: Rental, now: datetime) -> Rental:
    """Lock a rental whose price may still be paid in another way, the organisation before it."""
    bills.lock_account(rental.organisation_id)
    rental = locked(rental)
    if rental.status in rules.LAPSING and rental.status_at(now) == rules.EXPIRED:
        raise HoldLapsed(number=rental.number)
    if rental.status not in rules.LAPSING or rental.pays_by:
        raise NotPossibleNow(number=rental.number, status=str(rental.get_status_display()))
    return rental


def _without(rental: Rental, *, now: datetime, by: Membership | None) -> None:
    vouchers.release(order_number=rental.number, now=now, by=by)
    rental.voucher_fen = 0
    if rental.before_voucher is not None:
        before, rental.before_voucher = rental.before_voucher, None
        rental.price_lines, rental.priced_from = before["lines"], before["priced_from"]
        rental.total_fen, rental.discount = before["total_fen"], before["discount"]


def _demand_worth(rental: Rental, listed: Price, programme: Programme, *, now: datetime) -> None:
    would = offered.offers(
        organisation=rental.organisation,
        lab=rental.instrument.lab,
        kind=KIND,
        lines=listed.as_json(),
        service_on=charging.service_day(rental),
        now=now,
    )
    best = max((offer.amount for offer in would if offer.programme.pk == programme.pk), default=Money(0))
    if best and not worth.without_discount_is_cheaper(
        listed=listed.total, voucher_on_listed=best, discounted=rental.total
    ):
        raise DiscountSavesMore(programme=programme.name, own=str(rental.total))
