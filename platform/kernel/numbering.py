"""Numbers that people read: R20261124000001. Gap-tolerant, from 1 each day, never given twice."""

from datetime import date

from django.db.models import CharField, Func, Value


def next_number(prefix: str, day: date) -> Func:
    """
    Return the SQL expression that takes the next number of a kind on a lab-local day.

    Written into an INSERT, it costs no statement of its own. It never waits for another transaction but on the
    first number of a day: the counter is a sequence, and each day only remembers where it began.
    A number taken by a transaction that fails is lost (gaps are allowed).
    """
    return Func(Value(prefix), Value(day), function="gongheng_next_number", output_field=CharField())
