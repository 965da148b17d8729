"""The tables of billing, in the order of the flow."""

from billing.bills.models import Bill

__all__ = ["Bill"]
