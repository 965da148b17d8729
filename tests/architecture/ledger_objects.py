"""What the addresses of the ledger are about, for the test of access."""

from collections.abc import Callable

from billing.ledger import operations, rules
from tests.architecture.targets import PUBLIC, Target
from tests.factories.accounts import PlatformMembershipFactory
from tests.factories.ledger import MONDAY_9, posted


def account() -> Target:
    """An account of the chart: one set of books for all who keep them."""
    return Target({"code": "1002"}, PUBLIC, PlatformMembershipFactory())


def entry() -> Target:
    """An entry."""
    return Target({"pk": posted().pk}, PUBLIC, PlatformMembershipFactory())


def entry_for_programs() -> Target:
    """An entry, as programs ask for it."""
    return Target({"entry_id": posted().pk}, PUBLIC, PlatformMembershipFactory())


def posting() -> Target:
    """What somebody proposes to post by hand."""
    member = PlatformMembershipFactory()
    legs = rules.unmatched_transfer(100)
    proposed = operations.propose_posting(legs=legs, reason="fixture", by=member, now=MONDAY_9)
    return Target({"pk": proposed.pk}, PUBLIC, PlatformMembershipFactory())


LEDGER: dict[str, Callable[[], Target]] = {
    "ledger:account": account,
    "ledger:lines": account,
    "ledger:entry": entry,
    "ledger:reverse": entry,
    "ledger:posting": posting,
    "ledger:decide": posting,
    "ledger-api:account": account,
    "ledger-api:entry": entry_for_programs,
}
