"""What people may be told: the one page; each step describes its own kinds of notices in its `kinds.py`."""

from billing.invoices.kinds import KINDS as INVOICES
from billing.ledger.kinds import KINDS as LEDGER
from billing.payments.kinds import KINDS as PAYMENTS
from billing.payouts.kinds import KINDS as PAYOUTS
from billing.vouchers.kinds import KINDS as VOUCHERS
from bookings.board.kinds import KINDS as BOARD
from bookings.rentals.kinds import KINDS as RENTALS
from bookings.series.kinds import KINDS as SERIES
from bookings.waitlist.kinds import KINDS as WAITLIST
from labs.expiries.kinds import KINDS as EXPIRIES
from notices import kinds
from portal.kinds import KINDS as PORTAL

KINDS = (*PORTAL, *LEDGER, *EXPIRIES, *RENTALS, *BOARD, *SERIES, *WAITLIST, *VOUCHERS, *PAYMENTS, *INVOICES, *PAYOUTS)


def connect() -> None:
    """Name the kinds to the notices; called once when the platform starts."""
    kinds.connect(KINDS)
