"""What must always be true: the one page. `manage.py verify_invariants` asks it of all the data there is."""

from billing.bills.invariants import BILLS
from billing.invoices.invariants import INVOICES
from billing.ledger.invariants import LEDGER
from billing.payments.invariants import PAYMENTS
from billing.payouts.invariants import PAYOUTS
from billing.vouchers.invariants import VOUCHERS
from bookings.rentals.invariants import RENTALS
from bookings.schedule.invariants import SCHEDULE
from bookings.waitlist.invariants import WAITLIST
from kernel.invariants import Invariant

ALL: tuple[Invariant, ...] = (
    *SCHEDULE,
    *RENTALS,
    *WAITLIST,
    *LEDGER,
    *VOUCHERS,
    *BILLS,
    *PAYMENTS,
    *PAYOUTS,
    *INVOICES,
)
