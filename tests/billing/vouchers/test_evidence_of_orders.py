"""What rentals and bills bring as evidence: for each order what was agreed, what was done, and what it costs."""

from typing import Any

import pytest

from billing.bills.evidence import of_orders as bills
from billing.bills.models import Way
from billing.models import Tender
from billing.vouchers import evidence
from billing.vouchers.evidence import Kind
from bookings.rentals.evidence import of_orders as of_rentals
from tests.factories.bookings import checked_in, confirmed

pytestmark = pytest.mark.django_db


def test_a_confirmed_rental_brings_its_quote_and_its_bill_in_words() -> None:
    rental = confirmed()

    (agreed,) = of_rentals([rental.number])
    (billed,) = bills([rental.number])

    told = agreed.content.decode("utf-8-sig")
    assert (agreed.kind, billed.kind) == (Kind.CONTRACT, Kind.BILL)
    assert rental.number in told
    assert rental.organisation.uscc in told
    assert rental.instrument.lab.name in told
    assert str(rental.total) in told
    assert str(rental.total) in billed.content.decode("utf-8-sig")


def test_a_rental_in_use_brings_its_usage_record_too() -> None:
    rental = checked_in()

    kinds = [document.kind for document in of_rentals([rental.number])]

    assert kinds == [Kind.CONTRACT, Kind.USAGE]


def test_what_was_paid_is_shown_and_what_is_only_owed_is_not() -> None:
    rental = confirmed()
    assert [document.kind for document in bills([rental.number])] == [Kind.BILL]

    Tender.objects.filter(bill__order_number=rental.number).update(way=Way.TRANSFER)
    _billed, paid = bills([rental.number])

    assert paid.kind == Kind.PAYMENT
    assert str(rental.total) in paid.content.decode("utf-8-sig")


def test_the_roof_names_who_brings_evidence() -> None:
    rental = confirmed()

    assert [each.kind for each in evidence.found([rental.number])] == [Kind.CONTRACT, Kind.BILL]


def test_many_orders_cost_as_many_statements_as_one(django_assert_num_queries: Any) -> None:
    numbers = [confirmed().number for _ in range(3)]

    for asked in (numbers[:1], numbers):
        with django_assert_num_queries(4):
            evidence.found(asked)
