"""
An operation is a transaction; where it is all that a transaction is about, it is that one.

Note [One operation, one transaction]: an operation called inside a transaction opens a savepoint, so that its caller
can go on after a refusal. A request of the API is one operation between the claim of its key and the keeping of its
answer: there a savepoint only costs two statements, for a refusal may undo everything.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, transaction

_given_over: ContextVar[int | None] = ContextVar("given_over", default=None)


@contextmanager
def given_over() -> Iterator[None]:
    """
    Open a transaction that is given over to the one operation called in it.

    An operation that fails marks it for rollback (`connection.needs_rollback`): whoever opened it asks the database
    nothing more, and lets it end.
    """
    with transaction.atomic():
        before = _given_over.set(len(connection.savepoint_ids))
        try:
            yield
        finally:
            _given_over.reset(before)


@contextmanager
def operation() -> Iterator[None]:
    """Open the transaction of an operation: the one given over to it, else one of its own, or a savepoint."""
    is_its_own = connection.in_atomic_block and _given_over.get() == len(connection.savepoint_ids)
    with transaction.atomic(savepoint=not is_its_own):
        yield
