"""How what a workbook says, and what is wrong with it, is told to people."""

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kernel.money import Money
from labs.exchange import rules
from labs.exchange.rules import Column, Unreadable


def problem(found: Unreadable, column: Column) -> str:
    """Return what is wrong with a cell, and what to write instead."""
    options = _(", ").join(words[1 if _is_english() else 0] for words in column.choices.values())
    said = {
        "formula": _("A formula is not read. Put in its value."),
        "required": _("This cell must be filled in."),
        "not_text": _("This is a truth value. Write a text."),
        "date_for_text": _("This is a date or a time. Write it as a text."),
        "too_long": _("The text is longer than {most} characters."),
        "not_number": _("This is not a number."),
        "not_whole": _("This is not a whole number."),
        "too_exact": _("At most {decimals} decimals."),
        "out_of_range": _("The number must lie from {least} to {most}."),
        "not_date": _("This is not a date. Write it as 2026-01-31."),
        "not_moment": _("This is not a date with a time. Write it as 2026-01-31 08:30."),
        "not_clock": _("This is not a time. Write it as 08:30; 24:00 is the end of the day."),
        "not_yes": _("Write yes or no."),
        "not_choice": _("Write one of: {options}."),
        "not_pairs": _("Write it as 10: 90 %; 50: 80 %."),
    }[found.code]
    return said.format_map({**found.facts, "options": options})


def value(column: Column, kept: Any) -> str:
    """Return a value in words."""
    if kept is None or kept is rules.MISSING or kept in ("", [], ()):
        return "–"
    if column.kind == "yuan":
        return str(Money(kept))
    if column.kind == "percent":
        return f"{kept / 100:g} %"
    if column.kind == "moment":
        return f"{kept:%Y-%m-%d %H:%M}"
    return str(rules.write(column, kept, english=_is_english()))


def _is_english() -> bool:
    return (get_language() or "").startswith("en")
