"""
Who reacts to what: the one page.

`TO_ALL` hear every event. Those in `TO_EACH` run in the transaction of what happened, and undo it when they fail;
a reaction that only defers a job writes the job's row in that same transaction (see docs/adr/0004).
"""

from audit.trail import operations as trail
from kernel import events

TO_ALL: list[events.Reaction] = [trail.record]

TO_EACH: dict[type[events.Event], list[events.Reaction]] = {}


def connect() -> None:
    """Join the events to their reactions; called once when the platform starts."""
    events.connect(to_all=TO_ALL, to_each=TO_EACH)
