"""Bank transfers, prepaid balances, monthly statements: taken in, matched, resolved by two, asked for, sent back."""

from billing.payments.operations.importing import import_statement, upload_statement
from billing.payments.operations.matching import match, match_all
from billing.payments.operations.monthly import make_statements, remind
from billing.payments.operations.references import reference_for, top_up_code
from billing.payments.operations.refunding import not_sent_back, send_again, sent_back
from billing.payments.operations.refusals import (
    LineDealtWith,
    OrderLost,
    OrderUnknown,
    RefundDealtWith,
    ResolutionDone,
    ResolutionWaits,
    SecondPerson,
    SerialKnown,
    StatementFaulty,
    StatementImported,
    StatementPaidAlready,
    TooLittle,
    TransferReasonMissing,
    TransferReferenceMissing,
    WhoseMissing,
)
from billing.payments.operations.resolving import decide_resolution, propose_resolution

__all__ = [
    "LineDealtWith",
    "OrderLost",
    "OrderUnknown",
    "RefundDealtWith",
    "ResolutionDone",
    "ResolutionWaits",
    "SecondPerson",
    "SerialKnown",
    "StatementFaulty",
    "StatementImported",
    "StatementPaidAlready",
    "TooLittle",
    "TransferReasonMissing",
    "TransferReferenceMissing",
    "WhoseMissing",
    "decide_resolution",
    "import_statement",
    "make_statements",
    "match",
    "match_all",
    "not_sent_back",
    "propose_resolution",
    "reference_for",
    "remind",
    "send_again",
    "sent_back",
    "top_up_code",
    "upload_statement",
]
