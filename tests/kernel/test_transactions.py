"""An operation is a transaction of its own, the one given over to it, or a part of its caller's."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kernel.refusals import Refusal
from kernel.transactions import given_over, operation

pytestmark = pytest.mark.django_db


def asked(captured: CaptureQueriesContext) -> list[str]:
    return [query["sql"].split()[0] for query in captured.captured_queries]


@operation()
def act(*, refuses: bool = False) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if refuses:
        raise Refusal


@operation()
def act_of_several() -> None:
    act()
    with pytest.raises(Refusal):
        act(refuses=True)
    act()


def test_the_operation_that_a_transaction_is_given_over_to_needs_no_savepoint():
    with given_over(), CaptureQueriesContext(connection) as captured:
        act()

    assert asked(captured) == ["SELECT"]


def test_an_operation_that_fails_undoes_the_transaction_given_over_to_it():
    with given_over():
        with pytest.raises(Refusal):
            act(refuses=True)
        is_undone = connection.needs_rollback

    assert is_undone


def test_operations_within_an_operation_keep_their_savepoints_and_its_caller_goes_on_after_a_refusal():
    with given_over(), CaptureQueriesContext(connection) as captured:
        act_of_several()

    assert asked(captured) == [
        *("SAVEPOINT", "SELECT", "RELEASE"),
        *("SAVEPOINT", "SELECT", "ROLLBACK", "RELEASE"),
        *("SAVEPOINT", "SELECT", "RELEASE"),
    ]
