"""32 clients, each a process of its own, spend one budget, one voucher and one yearly cap at once (BL-16)."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from billing.models import Grant, Programme, Redemption
from billing.vouchers import operations as vouchers
from billing.vouchers.invariants import VOUCHERS
from kernel.invariants import verified
from kernel.refusals import Busy, Refusal
from tests.factories.accounts import OrganisationFactory
from tests.factories.labs import LabFactory
from tests.factories.processes import in_processes
from tests.factories.vouchers import MONDAY_9, GrantFactory, ProgrammeFactory, reserved

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

CLIENTS = 32
MOST_TRIES = 50


def insisting(act: Callable[[], Any]) -> Any:
    """Do it, again as long as the platform says that it is busy; the answer is a word."""
    for _ in range(MOST_TRIES):
        try:
            return act()
        except Busy:
            continue
        except Refusal as refusal:
            return refusal.code
    return "busy"


def spending(grant: Grant, lab: Any, order: str, fen: int = 100_000) -> Callable[[], Any]:
    return lambda: insisting(lambda: reserved(grant, lab=lab, order=order, fen=fen).amount_fen)


def books_hold() -> bool:
    return not [verdict for verdict in verified(VOUCHERS, now=MONDAY_9) if verdict.count]


def test_32_organisations_spend_one_budget_and_nothing_is_lost_or_spent_twice() -> None:
    """The budget has room for ten and a half uses of 400 yuan: the eleventh gets what is left, nobody more."""
    programme, lab = ProgrammeFactory(budget_fen=420_000), LabFactory()
    grants = [GrantFactory(programme=programme, organisation=OrganisationFactory()) for _ in range(CLIENTS)]

    answers = in_processes([spending(grant, lab, f"R{at}") for at, grant in enumerate(grants)])

    assert Counter(answers) == {40_000: 10, 20_000: 1, "voucher_pays_nothing": 21}
    programme.refresh_from_db()
    assert (programme.committed_fen, Redemption.objects.count()) == (420_000, 11)
    assert books_hold()


def test_32_orders_of_one_organisation_spend_one_voucher() -> None:
    grant, lab = GrantFactory(face_fen=100_000), LabFactory()

    answers = in_processes([spending(grant, lab, f"R{at}") for at in range(CLIENTS)])

    assert Counter(answers) == {40_000: 2, 20_000: 1, "voucher_none_left": 29}
    grant.refresh_from_db()
    assert grant.left_fen == 0
    assert books_hold()


def test_32_clients_who_use_one_order_have_one_voucher() -> None:
    grant, lab = GrantFactory(), LabFactory()

    answers = in_processes([spending(grant, lab, "R1")] * CLIENTS)

    assert Counter(answers) == {40_000: 1, "voucher_already_on_order": 31}
    assert books_hold()


def test_reserving_settling_cancelling_and_claiming_at_once_keeps_the_books() -> None:
    programme, lab = ProgrammeFactory(budget_fen=1_000_000), LabFactory()
    grants = [GrantFactory(programme=programme) for _ in range(8)]
    for at, grant in enumerate(grants):
        for order in (f"A{at}", f"B{at}", f"C{at}"):
            reserved(grant, lab=lab, order=order)

    def settle(order: str) -> Callable[[], Any]:
        return lambda: insisting(lambda: vouchers.consume(order_number=order, fen=30_000, now=MONDAY_9).state)

    def settle_and_refund(order: str) -> Callable[[], Any]:
        def act() -> Any:
            settle(order)()
            taken = insisting(lambda: vouchers.take_back(order_number=order, fen=30_000, now=MONDAY_9))
            return taken.redemption.state

        return act

    def cancel(order: str) -> Callable[[], Any]:
        return lambda: insisting(lambda: vouchers.restore(order_number=order, by_lab=True, now=MONDAY_9).state)

    acts = [
        act
        for at, grant in enumerate(grants)
        for act in (settle(f"A{at}"), cancel(f"B{at}"), settle_and_refund(f"C{at}"), spending(grant, lab, f"D{at}"))
    ]

    answers = in_processes(acts)

    assert len(acts) == CLIENTS
    told = Counter(answers)
    paid_at_once = sum(number for answer, number in told.items() if isinstance(answer, int))
    refused = told["voucher_pays_nothing"]
    assert (told["consumed"], told["released"], told["returned"], paid_at_once + refused) == (8, 8, 8, 8)
    taken = Programme.objects.get(pk=programme.pk).committed_fen
    assert taken == Redemption.objects.live().held_fen() <= 1_000_000
    assert books_hold()
