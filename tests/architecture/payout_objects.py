"""What the addresses of payouts are about, for the test of access."""

from collections.abc import Callable

from billing.ledger import operations as ledger
from billing.ledger import rules as books
from billing.ledger.chart import Account
from billing.payouts import operations as payouts
from tests.architecture.targets import OTHERS, PUBLIC, Target
from tests.factories.accounts import LabMembershipFactory, OrganisationFactory, PlatformMembershipFactory
from tests.factories.payouts import ACCEPTED, TUESDAY_9, confirmed, earned, paid_lab, sent


def payout() -> Target:
    """A payout at the bank, seen by the platform's finance."""
    return Target({"number": sent().number}, PUBLIC, PlatformMembershipFactory())


def batch() -> Target:
    """A batch that the bank was told of."""
    return Target({"number": sent().batch.number}, PUBLIC, PlatformMembershipFactory())


def sheet() -> Target:
    """A payout, seen by the lab that was paid."""
    paid = confirmed()
    insider = LabMembershipFactory(organisation=paid.lab.organisation, role="finance")
    return Target({"number": paid.number}, OTHERS, insider)


def withdrawal() -> Target:
    """Fee that somebody wants to take out of custody."""
    earned(paid_lab())
    legs = books.topped_up(200_000, OrganisationFactory().pk, Account.CUSTODY_BANK)
    ledger.post(event_id="fixture", event="E4", legs=legs, at=ACCEPTED)
    asked = payouts.propose_withdrawal(fen=100, note="", by=PlatformMembershipFactory(), now=TUESDAY_9)
    return Target({"pk": asked.pk}, PUBLIC, PlatformMembershipFactory())


PAYOUTS: dict[str, Callable[[], Target]] = {
    "payouts:payout": payout,
    "payouts:confirm": payout,
    "payouts:fail": payout,
    "payouts:batch": batch,
    "payouts:approve": batch,
    "payouts:send": batch,
    "payouts:bank-file": batch,
    "payouts:sheet": sheet,
    "payouts:decide-fee": withdrawal,
    "payouts-api:payout": sheet,
}
