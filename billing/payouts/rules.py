"""When what a lab has earned is paid to it, and how the bank's lines and the books find each other; pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from billing.vouchers.rules import ZONE
from kernel.money import Money

ACCEPTANCE = timedelta(days=15)
"""For so long after its settlement an order may be objected to; then it is paid out (BL-36)."""
MINIMUM = Money(10_000)
"""Less is not paid out, but carried forward (BL-36)."""
TUESDAY = 1
"""As `date.weekday` counts."""

OWES, TOO_LITTLE, NO_ACCOUNT = "owes", "too_little", "no_account"

APART = timedelta(days=10)
"""So far apart a line of the bank and its entry may be, where no serial number joins them."""
FILES_LATE = timedelta(days=3)
"""The bank's file of a day is there after so many days; what is older and in no file is missing."""


# --- Payouts ----------------------------------------------------------------------------------------------------------


def tuesday_before(on: date) -> date:
    """Return the day of payment of a local day: the Tuesday that it is, or the last one."""
    return on - timedelta(days=(on.weekday() - TUESDAY) % 7)


def tuesday_after(on: date) -> date:
    """Return the next day of payment: the Tuesday that it is, or the coming one."""
    return on + timedelta(days=(TUESDAY - on.weekday()) % 7)


def accepted_before(due_on: date) -> datetime:
    """Return the instant before which an order must be settled to be paid on a day: midnight, fifteen days earlier."""
    return datetime.combine(due_on, time.min, ZONE) - ACCEPTANCE


def paid_on(settled_at: datetime) -> date:
    """Return the first day of payment of what was settled at an instant."""
    first = (settled_at.astimezone(ZONE) + ACCEPTANCE).date() + timedelta(days=1)
    return tuesday_after(first)


def held_back(fen: int, *, has_account: bool) -> str:
    """Return why a lab is not paid what is due to it, or ''; what is held back is carried forward (BL-36)."""
    if fen < 0:
        return OWES
    if fen < MINIMUM.fen:
        return TOO_LITTLE
    return "" if has_account else NO_ACCOUNT


# --- Reconciliation ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moved:
    """Money on the custody account, by the bank or by the books: signed fen, its local day, and the bank's serial."""

    key: int
    fen: int
    on: date
    serial: str = ""


def unpaired(bank: Iterable[Moved], books: Iterable[Moved]) -> tuple[list[Moved], list[Moved]]:
    """
    Return the lines of the bank and the entries that have no counterpart of the very same amount (BL-37).

    Those are joined first that name the same serial number; of the rest each line takes the nearest entry of its
    amount, at most ten days apart, that does not name another line of them.
    """
    lines, entries = sorted(bank, key=_in_time), sorted(books, key=_in_time)
    serials = {line.serial for line in lines if line.serial}
    by_serial: dict[tuple[str, int], list[Moved]] = defaultdict(list)
    for entry in entries:
        if entry.serial:
            by_serial[entry.serial, entry.fen].append(entry)
    joined, left = set(), []
    for line in lines:
        named = by_serial.get((line.serial, line.fen))
        if named:
            joined.add(named.pop(0).key)
        else:
            left.append(line)
    free: dict[int, list[Moved]] = defaultdict(list)
    for entry in entries:
        if entry.key not in joined and entry.serial not in serials:
            free[entry.fen].append(entry)
    alone = []
    for line in left:
        nearest = _nearest(line, free[line.fen])
        if nearest is None:
            alone.append(line)
        else:
            free[line.fen].remove(nearest)
            joined.add(nearest.key)
    return alone, [entry for entry in entries if entry.key not in joined]


def _in_time(one: Moved) -> tuple[date, int]:
    return one.on, one.key


def _nearest(line: Moved, entries: Sequence[Moved]) -> Moved | None:
    near = [entry for entry in entries if abs(entry.on - line.on) <= APART]
    return min(near, key=lambda entry: (abs(entry.on - line.on), entry.key), default=None)


def is_missing(on: date, *, covered_until: date | None, today: date) -> bool:
    """Whether an entry of a day should be in a file of the bank by now: in one that is there, or in one overdue."""
    if covered_until is not None and on <= covered_until:
        return True
    return on < today - FILES_LATE
