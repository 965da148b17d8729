"""
A voucher pays a part of an order: reserved at the hold, consumed at settlement, given or taken back (BL-14, BL-16).

Whoever sells calls these from inside the transaction of its own act. An order is known by its number here, and by
what vouchers ask of it: the kind of service, the lab, its lines, and the local day on which the service starts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.models import Membership
from billing.ledger import operations as ledger
from billing.ledger.rules import voucher_consumed
from billing.vouchers import events, queries, rules
from billing.vouchers.models import ClaimItem, Grant, Programme, Redemption
from billing.vouchers.operations.refusals import MoreThanReserved, NothingLeft, NoVoucher, OrderHasVoucher
from billing.vouchers.operations.steps import (
    Locked,
    actor,
    lock_organisation,
    lock_programme,
    lock_redemption,
    refuse_for,
    take,
)
from kernel.events import announce
from kernel.money import Money
from kernel.refusals import bounded_wait, refusing
from labs.models import Lab

type Lines = Iterable[Mapping[str, Any]]


@transaction.atomic
def reserve(
    *,
    order_number: str,
    organisation_id: int,
    lab_id: int,
    programme_id: int,
    kind: str,
    lines: Lines,
    service_on: date,
    now: datetime,
    by: Membership | None = None,
) -> Redemption:
    """
    Set aside what a voucher of a programme pays of an order: budget and grant are reduced, nothing is posted (BL-16).

    Of several grants the one that pays the most is used, of equal ones that which ends first. `lines` are the order's
    as they are frozen; for a programme that is not stackable those without discount.

    Raises:
        OrderHasVoucher: a voucher is on the order already: one programme an order.
        NoVoucher: the organisation has no grant of the programme with something left.
        ProgrammeClosed, ProgrammeNotBegun, VoucherOver, VoucherOverAtService, KindNotPaid, NotVerified,
        SizeNotEligible, DistrictNotEligible, LabNotEligible, Affiliated: what the programme demands is not so.
        NothingLeft: it would pay nothing; `bound` says what is used up.
        Busy: others held the budget for too long.
    """
    organisation, programme = lock_organisation(organisation_id), lock_programme(programme_id)
    lab = Lab.objects.select_related("organisation").get(pk=lab_id)
    with bounded_wait():
        mine = Grant.objects.filter(organisation=organisation, programme=programme, left_fen__gt=0)
        grants = list(mine.order_by("pk").select_for_update(no_key=True))
    if not grants:
        raise NoVoucher(programme=programme.name)
    frozen = [dict(line) for line in lines]
    to_pay = queries.order(kind=kind, lab=lab, customer=organisation, service_on=service_on)
    grant, cover = _best(programme, grants, to_pay, frozen, now=now)
    with refusing(redemption_one_live_per_order=OrderHasVoucher(order=order_number)):
        made = Redemption.objects.create(
            order_number=order_number,
            kind=kind,
            programme=programme,
            grant=grant,
            organisation=organisation,
            lab=lab,
            reserved_fen=cover.amount.fen,
            amount_fen=cover.amount.fen,
            eligible_fen=cover.eligible.fen,
            bound=cover.bound,
            lines=frozen,
            service_on=service_on,
            reserved_at=now,
        )
    take(programme, grant, cover.amount.fen)
    _announce(events.VoucherReserved, made, fen=made.amount_fen, by=by, now=now)
    return made


def _best(
    programme: Programme,
    grants: list[Grant],
    to_pay: queries.Order,
    lines: list[dict[str, Any]],
    *,
    now: datetime,
    besides: Redemption | None = None,
) -> tuple[Grant, rules.Cover]:
    """
    Return the grant that pays the most of what it may, and how much; refused for what stands in the way of all.

    What `besides` holds counts as free: it is what is being reserved anew.
    """
    terms = queries.terms_of(programme)
    in_the_way = {grant.pk: queries.obstacles(terms, grant, to_pay, now=now) for grant in grants}
    usable = [grant for grant in grants if not in_the_way[grant.pk]]
    if not usable:
        last = max(grants, key=lambda grant: grant.expires_on)
        refuse_for(in_the_way[last.pk], valid_from=programme.valid_from, usable_until=last.expires_on)
    eligible = rules.eligible_amount(lines, urgent_eligible=programme.urgent_eligible)
    free = queries.freed_by(besides, year=to_pay.service_on.year)
    held = queries.held_in_year(programme.pk, to_pay.customer.organisation_id, to_pay.service_on.year)
    covers = {
        grant: rules.cover(eligible, queries.limits(programme, grant, held_in_year_fen=held, free=free))
        for grant in usable
    }
    best = min(usable, key=lambda grant: (-covers[grant].amount.fen, grant.expires_on, grant.pk))
    if not covers[best].amount:
        raise NothingLeft(bound=str(Redemption.Bound(covers[best].bound).label))
    return best, covers[best]


@transaction.atomic
def change(
    *, order_number: str, lines: Lines, service_on: date, now: datetime, by: Membership | None = None
) -> Redemption:
    """
    Reserve anew for an order that was moved or priced anew, from the same grant; it may be more or less.

    Raises:
        OrderWithoutVoucher: nothing is reserved for the order.
        VoucherOverAtService and the other refusals of `reserve`: the voucher cannot pay the order as it is now.
        NothingLeft, Busy: as `reserve`.
    """
    locked = lock_redemption(order_number, rules.RESERVED)
    programme, grant, held = locked.programme, locked.grant, locked.redemption
    lab = Lab.objects.select_related("organisation").get(pk=held.lab_id)
    frozen = [dict(line) for line in lines]
    to_pay = queries.order(kind=held.kind, lab=lab, customer=locked.organisation, service_on=service_on)
    _, cover = _best(programme, [grant], to_pay, frozen, now=now, besides=held)
    take(programme, grant, cover.amount.fen - held.amount_fen)
    held.service_on, held.lines, held.bound = service_on, frozen, cover.bound
    held.reserved_fen = held.amount_fen = cover.amount.fen
    held.eligible_fen = cover.eligible.fen
    held.save(update_fields=["service_on", "lines", "bound", "reserved_fen", "amount_fen", "eligible_fen"])
    _announce(events.VoucherReservationChanged, held, fen=held.amount_fen, by=by, now=now)
    return held


@transaction.atomic
def consume(*, order_number: str, fen: int, now: datetime, by: Membership | None = None) -> Redemption:
    """
    Let a voucher pay its part of a settled order (E6); what was reserved beyond it returns to budget and grant.

    `queries.at_settlement` says how much that is. Nothing (0) releases the voucher instead: nothing is posted.

    Raises:
        OrderWithoutVoucher: nothing is reserved for the order.
        MoreThanReserved: more than was reserved.
        Busy: others held the budget for too long.
    """
    locked = lock_redemption(order_number, rules.RESERVED)
    used = locked.redemption
    if fen > used.amount_fen or fen < 0:
        raise MoreThanReserved(asked=str(Money(fen)), there=str(Money(used.amount_fen)), order=order_number)
    if fen == 0:
        _give_back(locked, now=now)
        _announce(events.VoucherReleased, used, fen=used.amount_fen, by=by, now=now)
        return used
    take(locked.programme, locked.grant, fen - used.amount_fen)
    used.state, used.amount_fen, used.consumed_at = rules.CONSUMED, fen, now
    used.save(update_fields=["state", "amount_fen", "consumed_at"])
    ledger.post(
        event_id=f"voucher-consumed:{used.pk}",
        event="E6",
        legs=voucher_consumed(fen, used.programme_id, order_number),
        at=now,
        order_number=order_number,
        organisation_id=used.organisation_id,
        lab_id=used.lab_id,
        by=by,
    )
    _announce(events.VoucherConsumed, used, fen=fen, by=by, now=now)
    return used


@transaction.atomic
def release(*, order_number: str, now: datetime, by: Membership | None = None) -> Redemption:
    """
    Give back what is reserved for an order that came to nothing: expired, rejected, or withdrawn by its customer.

    Raises:
        OrderWithoutVoucher: nothing is reserved for the order.
        Busy: others held the budget for too long.
    """
    locked = lock_redemption(order_number, rules.RESERVED)
    given = locked.redemption
    _give_back(locked, now=now)
    _announce(events.VoucherReleased, given, fen=given.amount_fen, by=by, now=now)
    return given


@transaction.atomic
def restore(*, order_number: str, by_lab: bool, now: datetime, by: Membership | None = None) -> Redemption:
    """
    Give back in full what is reserved for an order that was cancelled (BL-16, BL-20); it never pays a fee.

    Where the lab cancelled, the grant can be used for 30 more days at least, beyond its programme's end if need be.

    Raises:
        OrderWithoutVoucher: nothing is reserved for the order.
        Busy: others held the budget for too long.
    """
    locked = lock_redemption(order_number, rules.RESERVED)
    grant, given = locked.grant, locked.redemption
    _give_back(locked, now=now)
    until = rules.expiry_after_restoring(grant.expires_on, by_lab=by_lab, today=rules.local_day(now))
    if until != grant.expires_on:
        grant.expires_on, grant.warned_days = until, None
        grant.save(update_fields=["expires_on", "warned_days"])
    announce(
        events.VoucherRestored(
            occurred_at=now,
            actor_id=actor(by),
            organisation_id=given.organisation_id,
            redemption_id=given.pk,
            order_number=order_number,
            fen=given.amount_fen,
            by_lab=by_lab,
            expires_on=until.isoformat(),
        )
    )
    return given


def _give_back(locked: Locked, *, now: datetime) -> None:
    given = locked.redemption
    take(locked.programme, locked.grant, -given.amount_fen)
    given.state, given.ended_at = rules.RELEASED, now
    given.save(update_fields=["state", "ended_at"])


@dataclass(frozen=True, slots=True)
class TakenBack:
    """
    What a refund took back from a voucher, and how E10 posts it.

    `reimbursed`: the programme has paid, or will for a claim that is with it: the part is owed back to it (2209).
    Otherwise the programme owes less (1123).
    """

    redemption: Redemption
    fen: int
    reimbursed: bool


@transaction.atomic
def take_back(*, order_number: str, fen: int, now: datetime, by: Membership | None = None) -> TakenBack:
    """
    Take a part of a used voucher back, or all that is left of it: the voucher's part of a refund (BL-22, E10).

    Budget and grant have it again; the entry of E10 is posted by whoever refunds. A claim that is only prepared asks
    for less from now on.

    Raises:
        OrderWithoutVoucher: no voucher was used for the order, or all of it was taken back.
        MoreThanReserved: more than is left of what it paid, or nothing.
        Busy: others held the budget for too long.
    """
    locked = lock_redemption(order_number, *rules.SETTLED)
    used = locked.redemption
    if not 0 < fen <= used.held.fen:
        raise MoreThanReserved(asked=str(Money(fen)), there=str(used.held), order=order_number)
    take(locked.programme, locked.grant, -fen)
    item = ClaimItem.objects.select_related("batch").filter(redemption=used, state=ClaimItem.State.PENDING).first()
    is_with_issuer = item is not None and item.batch.state == item.batch.State.SUBMITTED
    owed_back = used.state == rules.REIMBURSED or is_with_issuer
    used.returned_fen += fen
    if used.returned_fen == used.amount_fen:
        used.state, used.ended_at = rules.RETURNED, now
    used.save(update_fields=["returned_fen", "state", "ended_at"])
    if item is not None and not is_with_issuer:
        _claim_less(item, used)
    _announce(events.VoucherTakenBack, used, fen=fen, by=by, now=now)
    return TakenBack(used, fen, owed_back)


def _claim_less(item: ClaimItem, used: Redemption) -> None:
    """Let a prepared claim ask for what is left; what nothing is left of is dropped from it."""
    batch, left = item.batch, used.amount_fen - used.returned_fen
    batch.total_fen -= item.amount_fen - left
    batch.save(update_fields=["total_fen"])
    if left:
        item.amount_fen = left
    else:
        item.state = ClaimItem.State.DROPPED
    item.save(update_fields=["amount_fen", "state"])


def _announce(
    kind: type[events.RedemptionEvent], redemption: Redemption, *, fen: int, by: Membership | None, now: datetime
) -> None:
    announce(
        kind(
            occurred_at=now,
            actor_id=actor(by),
            organisation_id=redemption.organisation_id,
            redemption_id=redemption.pk,
            order_number=redemption.order_number,
            fen=fen,
        )
    )
