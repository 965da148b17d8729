"""What the addresses of billing are about, for the test of access: all its steps together."""

from collections.abc import Callable

from tests.architecture.bill_objects import BILLS
from tests.architecture.invoice_objects import INVOICES
from tests.architecture.ledger_objects import LEDGER
from tests.architecture.payment_objects import PAYMENTS
from tests.architecture.payout_objects import PAYOUTS
from tests.architecture.targets import Target
from tests.architecture.voucher_objects import VOUCHERS

MONEY: dict[str, Callable[[], Target]] = {**LEDGER, **VOUCHERS, **BILLS, **PAYMENTS, **INVOICES, **PAYOUTS}
