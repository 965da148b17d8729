"""
The rows of a voucher, locked in one order.

Note [Organisation, programme, grant]
    Whoever changes what a voucher pays locks the organisation first (its yearly cap), then the programme (its budget),
    then the grant, last the redemption; a claim locks the programme, then its batch. So two that compete for the last
    of a budget wait for each other, and nobody waits in a circle. The CHECK constraints have the last word.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import F

from accounts.models import Membership, Organisation
from billing.vouchers.models import Grant, Programme, Redemption
from billing.vouchers.operations.refusals import OF_OBSTACLE, OrderWithoutVoucher
from billing.vouchers.rules import Obstacle
from kernel.refusals import Refusal, Refusals, bounded_wait


def lock_organisation(organisation_id: int) -> Organisation:
    """
    Lock the organisation whose voucher it is; an order that charges it has done so before.

    Raises:
        Busy: others held it for too long.
    """
    with bounded_wait():
        return Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)


def lock_programme(programme_id: int) -> Programme:
    """
    Lock a programme with its budget.

    Raises:
        Busy: others held it for too long.
    """
    with bounded_wait():
        return Programme.objects.select_for_update(no_key=True).get(pk=programme_id)


@dataclass(frozen=True, slots=True)
class Locked:
    """What a voucher pays of an order, locked whole, as it is now."""

    organisation: Organisation
    programme: Programme
    grant: Grant
    redemption: Redemption


def lock_redemption(order_number: str, *states: str) -> Locked:
    """
    Lock what a voucher pays of an order, in the order of the note above.

    Raises:
        OrderWithoutVoucher: there is nothing, or nothing in one of the states.
        Busy: others held a row for too long.
    """
    found = Redemption.objects.filter(order_number=order_number, state__in=states).order_by("-pk").first()
    if found is None:
        raise OrderWithoutVoucher(order=order_number)
    organisation, programme = lock_organisation(found.organisation_id), lock_programme(found.programme_id)
    with bounded_wait():
        grant = Grant.objects.select_for_update(no_key=True).get(pk=found.grant_id)
        redemption = Redemption.objects.select_for_update(no_key=True).get(pk=found.pk)
    if redemption.state not in states:
        raise OrderWithoutVoucher(order=order_number)
    grant.programme = redemption.programme = programme
    redemption.grant = grant
    return Locked(organisation, programme, grant, redemption)


def take(programme: Programme, grant: Grant, fen: int) -> None:
    """Take fen out of a locked budget and a locked grant, or give them back (less than nothing): two statements."""
    Programme.objects.filter(pk=programme.pk).update(committed_fen=F("committed_fen") + fen)
    Grant.objects.filter(pk=grant.pk).update(left_fen=F("left_fen") - fen)
    programme.committed_fen += fen
    grant.left_fen -= fen


def refuse_for(obstacles: list[Obstacle], **facts: Any) -> None:
    """
    Refuse where there are obstacles, all of them at once.

    Raises:
        Refusal: the one that an obstacle means, or several of them.
    """
    found: list[Refusal] = [OF_OBSTACLE[each](**facts) for each in obstacles]
    if len(found) == 1:
        raise found[0]
    if found:
        raise Refusals(found)


def actor(by: Membership | None) -> int | None:
    """Return who acts; nobody where the clock does."""
    return by.user_id if by else None
