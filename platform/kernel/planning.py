"""How PostgreSQL plans a statement: once for all, or for what it asks this time."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def planned_for_what_is_asked() -> Iterator[None]:
    """
    Let the statements of the block be planned for their parameters, at one statement more.

    Elsewhere one plan serves all (docs/adr/0008). A search narrows by anything, or by nothing: the plan that is best
    for one kind of row in ten thousand is the worst for all of them.
    """
    with transaction.atomic(savepoint=False):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        yield
