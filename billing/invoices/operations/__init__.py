"""Documents given out; invoices asked for, answered, and taken back."""

from billing.invoices.operations.answering import issue, name_item, reject
from billing.invoices.operations.asking import ask, withdraw
from billing.invoices.operations.crediting import confirm, drop, follow_refund, want, write
from billing.invoices.operations.documents import as_pdf, as_picture, quote, receipt, settlement, statement

__all__ = [
    "as_pdf",
    "as_picture",
    "ask",
    "confirm",
    "drop",
    "follow_refund",
    "issue",
    "name_item",
    "quote",
    "receipt",
    "reject",
    "settlement",
    "statement",
    "want",
    "withdraw",
    "write",
]
