"""Reference codes (BL-33), what becomes of a line of the bank, and when a month's statement is due; pure."""

import re
import secrets
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from billing.vouchers.rules import ZONE

ORDER, STATEMENT, TOP_UP = "order", "statement", "top_up"
"""What a transfer is for."""

UNKNOWN, SEVERAL, PAYER, TOO_LITTLE = "unknown", "several", "payer", "too_little"
PAID_ALREADY, NOT_PAYABLE = "paid_already", "not_payable"
"""What is against matching a line by itself."""

LATE, LOST = "late", "lost"
"""Why an order cannot take the money that came for it: it goes back."""

# --- Reference codes --------------------------------------------------------------------------------------------------

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Of what codes are made: 32 characters, none that is taken for another (no 0, O, 1, I)."""
LENGTH = 8
FIELD = 0b100101
"""x^5 + x^2 + 1: the field of 32 elements in which the check character is computed."""

SEPARATORS = re.compile(r"[\s\-_.·,，、:：/]+")
RUN = re.compile(f"[{ALPHABET}]{{{LENGTH + 1},}}")
NUMBER = re.compile(r"(?<![A-Z0-9])[A-Z]{1,3}\d{14}(?!\d)")


def check_character(body: str) -> str:
    """
    Return what follows the 8 characters of a code: one wrong character and any two swapped are found by it.

    The sum of each character times another power of the field's root; the check character itself counts once.
    """
    total = 0
    for character in reversed(body):
        total = _times_root(total ^ ALPHABET.index(character))
    return ALPHABET[total]


def _times_root(value: int) -> int:
    doubled = value << 1
    return doubled ^ FIELD if doubled & 0b100000 else doubled


def new_code(choice: Callable[[str], str] = secrets.choice) -> str:
    """Return a fresh code: 8 random characters and the one that checks them."""
    body = "".join(choice(ALPHABET) for _ in range(LENGTH))
    return body + check_character(body)


def is_code(text: str) -> bool:
    """Whether a text is well formed and its check character right."""
    return (
        len(text) == LENGTH + 1 and all(one in ALPHABET for one in text) and check_character(text[:LENGTH]) == text[-1]
    )


def grouped(code: str) -> str:
    """Return a code in threes, as people read it: ABC DEF GHJ."""
    return " ".join(code[start : start + 3] for start in range(0, len(code), 3))


def plain(text: str) -> str:
    """Return a text as programs compare it: half-width capitals."""
    return unicodedata.normalize("NFKC", text).upper()


def codes_in(remark: str) -> list[str]:
    """
    Return what may be a code in a free remark, in order: spaced, in small letters, in full width, amid other words.

    What only looks like one is among them: whoever asks looks which of them were given out.
    """
    found = []
    for run in RUN.findall(SEPARATORS.sub("", plain(remark))):
        windows = (run[start : start + LENGTH + 1] for start in range(len(run) - LENGTH))
        found += [window for window in windows if is_code(window)]
    return list(dict.fromkeys(found))


def numbers_in(remark: str) -> list[str]:
    """Return the order and statement numbers that stand in a remark, in order."""
    return list(dict.fromkeys(NUMBER.findall(plain(remark))))


# --- Matching ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Known:
    """A reference that stands in a remark: what it is for, whose, and what must arrive; fen."""

    key: int
    purpose: str
    names: Collection[str]
    expected_fen: int | None
    is_paid: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of money that came: the reference it is for and what is more than expected, or why it waits."""

    key: int | None
    rest_fen: int = 0
    why: str = ""


def same_name(payer: str, names: Collection[str]) -> bool:
    """Whether a payer is one of these names; spaces, width, brackets and the case of letters do not matter."""
    return _name(payer) in {_name(name) for name in names if name}


def _name(text: str) -> str:
    return re.sub(r"[\s()\[\].,·]+", "", plain(text))


def decide(*, fen: int, payer: str, found: Sequence[Known]) -> Verdict:
    """
    Say what becomes of money that came (BL-33).

    One reference, its organisation as the payer, and enough: matched, and what is more than expected goes onto the
    prepaid balance. Else people look at it: with the reference where there is one, as unknown where there is none.
    """
    if not found:
        return Verdict(None, why=UNKNOWN)
    if len(found) > 1:
        return Verdict(None, why=SEVERAL)
    (known,) = found
    if not same_name(payer, known.names):
        return Verdict(known.key, why=PAYER)
    if known.is_paid:
        return Verdict(known.key, why=PAID_ALREADY)
    if known.expected_fen is None:
        return Verdict(known.key)
    if fen < known.expected_fen:
        return Verdict(known.key, why=TOO_LITTLE)
    return Verdict(known.key, rest_fen=fen - known.expected_fen)


# --- Monthly statements -----------------------------------------------------------------------------------------------

DUE_DAY = 20
"""A month's statement is to be paid by this day of the next month, that day included."""
REMIND_BEFORE = timedelta(days=5)
REMIND_EVERY = timedelta(days=7)


def month_before(day: date) -> date:
    """Return the first day of the month before a day's own."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def month_after(month: date) -> date:
    """Return the first day of the next month."""
    return (month + timedelta(days=31)).replace(day=1)


def month_begins(month: date) -> datetime:
    """Return the instant of a month's first midnight."""
    return datetime(month.year, month.month, 1, tzinfo=ZONE)


def due_on(month: date) -> date:
    """Return the last day on which a month's statement may be paid."""
    return month_after(month).replace(day=DUE_DAY)


def is_to_be_reminded(*, due: date, today: date, reminded: date | None) -> bool:
    """Whether a reminder goes out today: some days before the end, and then every week."""
    if today < due - REMIND_BEFORE:
        return False
    return reminded is None or today - reminded >= REMIND_EVERY
