"""What is enclosed with a claim for vouchers: the one page; each step brings its own documents in its `evidence.py`."""

from billing.bills import evidence as bills
from billing.vouchers import evidence
from bookings.rentals import evidence as rentals

PROVIDERS = (rentals.of_orders, bills.of_orders)


def connect() -> None:
    """Name the providers to the claims; called once when the platform starts."""
    evidence.connect(PROVIDERS)
