"""Writing to the books: what happened, once; taking it back; and what people post by hand."""

from billing.ledger.operations.posting import AlreadyReversed, EventPostedDifferently, post, post_many, reverse
from billing.ledger.operations.rolling import roll_up

__all__ = ["AlreadyReversed", "EventPostedDifferently", "post", "post_many", "reverse", "roll_up"]
