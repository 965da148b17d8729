"""Writing to the books: what happened, once; taking it back; what people post by hand; and keeping the sums."""

from billing.ledger.operations.by_hand import (
    PostingDecided,
    PostingUnbalanced,
    ReasonMissing,
    SecondPersonNeeded,
    approve_posting,
    decline_posting,
    legs_proposed,
    propose_posting,
    propose_reversal,
)
from billing.ledger.operations.checking import check_books
from billing.ledger.operations.posting import AlreadyReversed, EventPostedDifferently, post, post_many, reverse
from billing.ledger.operations.rolling import roll_up

__all__ = [
    "AlreadyReversed",
    "EventPostedDifferently",
    "PostingDecided",
    "PostingUnbalanced",
    "ReasonMissing",
    "SecondPersonNeeded",
    "approve_posting",
    "check_books",
    "decline_posting",
    "legs_proposed",
    "post",
    "post_many",
    "propose_posting",
    "propose_reversal",
    "reverse",
    "roll_up",
]
