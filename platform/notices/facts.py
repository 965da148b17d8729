"""
What a notice's sentence is filled with: kept as JSON, said in the language of whoever reads it.

A fact is plain text or a number, or one of the three made here: a name in two languages, an instant, a stretch of time.
Never a price, a secret or a test result: notices lie in mails and digests.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from kernel.bilingual import chosen
from kernel.periods import Period
from web import moments

MISSING = "—"


def name(zh: str, en: str) -> dict[str, str]:
    """Return a name, shown in the reader's language."""
    return {"zh": zh, "en": en}


def instant(at: datetime, tz: ZoneInfo) -> dict[str, str]:
    """Return an instant, shown on the clock of a zone: the lab's."""
    return {"at": at.isoformat(), "zone": tz.key}


def stretch(period: Period, tz: ZoneInfo) -> dict[str, str]:
    """Return a stretch of time, shown on the clock of a zone: the lab's."""
    return {"start": period.start.isoformat(), "end": period.end.isoformat(), "zone": tz.key}


class Told(dict[str, Any]):
    """Facts in words; one that was not told leaves a dash, so that a sentence never fails."""

    def __missing__(self, key: str) -> str:
        return MISSING


def told(facts: Mapping[str, Any]) -> Told:
    """Return the facts in words of the active language."""
    return Told({key: _said(value) for key, value in facts.items()})


def _said(fact: Any) -> Any:
    match fact:
        case {"zh": zh, "en": en}:
            return chosen(zh, en)
        case {"start": start, "end": end, "zone": zone}:
            return moments.period(Period(datetime.fromisoformat(start), datetime.fromisoformat(end)), ZoneInfo(zone))
        case {"at": at, "zone": zone}:
            return moments.instant(datetime.fromisoformat(at), ZoneInfo(zone))
    return fact
