"""How PostgreSQL plans a statement: once for all, or for what it asks this time."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

FOR_A_SEARCH = """
SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true),
    set_config('max_parallel_workers_per_gather', '0', true), set_config('random_page_cost', '1.1', true)
"""


@contextmanager
def planned_for_what_is_asked() -> Iterator[None]:
    """
    Let the statements of the block be planned for their parameters, at one statement more.

    Elsewhere one plan serves all (docs/adr/0008). A search narrows by anything, or by nothing: the plan that is best
    for one kind of row in ten thousand is the worst for all of them. Compiling it, or calling a second process for it,
    takes longer than any page may: neither is done. What is searched lies in memory, where no page is farther than the
    next: with PostgreSQL's guess of four times as far, words were looked for in every row instead of in their index.
    """
    with transaction.atomic(savepoint=False):
        with connection.cursor() as cursor:
            cursor.execute(FOR_A_SEARCH)
        yield
