"""Making a rental binding."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation
from billing.bills import operations as bills
from bookings.rentals import events, rules
from bookings.rentals.models import Rental
from bookings.rentals.operations import charging
from bookings.rentals.operations.steps import RENTAL, demand_place, mark_changed, move, tell
from bookings.schedule import operations as schedule
from kernel.money import Money
from kernel.refusals import Refusal, bounded_wait
from kernel.rows import Joined
from kernel.transactions import operation
from labs.models import BookingPolicy, Instrument, Lab, Tariff

CHARGED = Joined(
    rental=Rental, organisation=Organisation, policy=BookingPolicy, tariff=Tariff, instrument=Instrument, lab=Lab
)

LOCK_CHARGED = """
WITH organisation AS MATERIALIZED (
    SELECT * FROM accounts_organisation WHERE id = %(organisation)s FOR NO KEY UPDATE
)
SELECT {columns} FROM organisation
JOIN bookings_rental rental ON rental.organisation_id = organisation.id
JOIN labs_bookingpolicy policy ON policy.id = rental.policy_id
JOIN labs_tariff tariff ON tariff.id = rental.tariff_id
JOIN labs_instrument instrument ON instrument.id = rental.instrument_id
JOIN labs_lab lab ON lab.id = instrument.lab_id
WHERE rental.number = %(number)s
FOR NO KEY UPDATE OF rental
"""


class NeedsApproval(Refusal):
    """The lab wants to approve the rental before it is confirmed."""

    code = "APPROVAL_REQUIRED"
    message = _("The lab approves bookings of this instrument first. Send it for approval.")


@operation()
def confirm_on_account(*, rental: Rental, by: Membership, now: datetime) -> Rental:
    """
    Confirm a held (or approved) rental, its frozen price on the organisation's monthly account (月结).

    What a voucher pays of it is not on the account. Nothing is read of `rental` but its number and its organisation: it
    is found, and locked, in one statement.

    Raises:
        Rental.DoesNotExist: that organisation has no such rental.
        NeedsApproval: the lab approves first.
        NotPossibleNow: the rental is neither held nor approved.
        HoldLapsed: the hold has run out (BK-18).
        PlaceLost: it cannot take place as booked any more (BK-8).
        NoMonthlyAccount, CreditExceeded: the account does not allow it.
        Busy: others held the organisation or the rental for too long.
    """
    return _confirm(rental, Rental.Payment.ACCOUNT, by=by, now=now)


@operation()
def confirm_from_balance(*, rental: Rental, by: Membership, now: datetime) -> Rental:
    """
    Confirm a held (or approved) rental, paid from the organisation's prepaid balance (预存款).

    Raises:
        NeedsApproval, NotPossibleNow, HoldLapsed, PlaceLost, Busy: as `confirm_on_account`.
        BalanceTooSmall: the balance holds less.
    """
    return _confirm(rental, Rental.Payment.BALANCE, by=by, now=now)


def _confirm(rental: Rental, pays_by: str, *, by: Membership, now: datetime) -> Rental:
    rental = _locked(rental)
    if rental.status == rules.HELD and rental.needs_approval:
        raise NeedsApproval
    move(rental, "confirm", now)
    demand_place(rental)
    return bind(rental, pays_by=pays_by, account=rental.organisation, by=by, now=now)


def _locked(rental: Rental) -> Rental:
    """
    Lock the organisation that is charged, then the rental's row, as every booking does, and return it as it is now.

    On the way of every confirmation: see Note [Rows by hand]. It is asked for twice at most: see Note [Locked and
    joined].
    """
    asked: dict[str, Any] = {"organisation": rental.organisation_id, "number": rental.number}
    statement = LOCK_CHARGED.format(columns=CHARGED.columns)
    with bounded_wait(), connection.cursor() as cursor:
        cursor.execute(statement, asked)
        row = cursor.fetchone() or cursor.execute(statement, asked).fetchone()
    if row is None:
        raise Rental.DoesNotExist
    found: Rental
    found, found.organisation, found.policy, found.tariff, found.instrument, lab = CHARGED.read(row)
    found.instrument.lab = lab
    return found


def bind(
    rental: Rental,
    *,
    pays_by: str,
    by: Membership | None,
    now: datetime,
    account: Organisation | None = None,
    carried: Money | None = None,
) -> Rental:
    """
    Write the bill of a rental whose row is locked and whose state is set, keep its time for good, and say so.

    `account` is the organisation where it is locked already; `carried` is what an order before it left for this one.

    Raises:
        NoMonthlyAccount, CreditExceeded, BalanceTooSmall: what it is paid by does not allow it.
        DifferenceUnpaid: it costs more than was carried over.
    """
    if account is None:
        account = bills.lock_account(rental.organisation_id)
    bills.charge(charging.charge_of(rental), way=pays_by, account=account, carried=carried, now=now)
    rental.pays_by, rental.confirmed_at, rental.held_until = pays_by, now, None
    _bind(rental, now)
    tell(events.RentalConfirmed, rental, by=by, now=now)
    return rental


BIND = f"""
WITH kept AS ({schedule.KEPT})
UPDATE bookings_rental SET status = %(status)s, operator_id = %(operator)s, pays_by = %(pays_by)s, held_until = NULL,
    confirmed_at = %(now)s, changed_at = %(now)s, sequence = %(sequence)s
WHERE id = %(holder)s
"""  # noqa: S608 -- put together from our own fragments


def _bind(rental: Rental, now: datetime) -> None:
    """Save what binding changes of a rental, and let its time last; in one statement, see Note [Rows by hand]."""
    mark_changed(rental, now)
    changed: dict[str, Any] = {
        "holder_kind": RENTAL.value,
        "holder": rental.pk,
        "status": rental.status,
        "operator": rental.operator_id,
        "pays_by": rental.pays_by,
        "sequence": rental.sequence,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(BIND, changed)
