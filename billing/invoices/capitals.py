"""Amounts in Chinese capitals (大写), as vouchers, receipts and invoices carry them (BL-26)."""

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
SECTIONS = ("", "万", "亿")
MOST_YUAN = 10 ** (4 * len(SECTIONS)) - 1
"""Up to 玖仟玖佰玖拾玖亿…: no invoice is larger."""


def in_capitals(fen: int) -> str:
    """
    Return an amount in capitals: 1234.50 is 壹仟贰佰叁拾肆元伍角整, 16409.02 is 壹万陆仟肆佰零玖元零贰分.

    What ends in yuan or jiao ends with 整; what is below nothing begins with 负.

    Raises:
        ValueError: it is larger than `MOST_YUAN`.
    """
    yuan, cents = divmod(abs(fen), 100)
    if yuan > MOST_YUAN:
        raise ValueError(f"{fen} fen is too much to be written")
    jiao, rest = divmod(cents, 10)
    said = "负" if fen < 0 else ""
    if yuan or not cents:
        said += f"{_whole(yuan)}元"
    if jiao:
        said += f"{DIGITS[jiao]}角"
    if not rest:
        return f"{said}整"
    if yuan and not jiao:
        said += DIGITS[0]
    return f"{said}{DIGITS[rest]}分"


def _whole(yuan: int) -> str:
    """Write whole yuan by sections of four digits; a gap between two sections is one 零."""
    if not yuan:
        return DIGITS[0]
    said, is_gap = "", False
    for power in reversed(range(len(SECTIONS))):
        section = yuan // 10_000**power % 10_000
        if not section:
            is_gap = bool(said)
            continue
        if said and (is_gap or section < 1_000):
            said += DIGITS[0]
        said += _section(section) + SECTIONS[power]
        is_gap = False
    return said


def _section(number: int) -> str:
    """Write a number of one to four digits: 1010 is 壹仟零壹拾."""
    said, is_gap = "", False
    for place in reversed(range(len(PLACES))):
        digit = number // 10**place % 10
        if not digit:
            is_gap = bool(said)
            continue
        said += (DIGITS[0] if is_gap else "") + DIGITS[digit] + PLACES[place]
        is_gap = False
    return said
