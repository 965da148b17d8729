"""
What a rule of recurrence means (BK-21): a subset of RFC 5545's RRULE, read strictly, expanded into dates.

Dates are dates of the lab; only `Plan.period` knows of a clock, and says so where a clock change spoils a time.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from kernel.periods import Period
from kernel.refusals import Refusal

DAILY, WEEKLY, MONTHLY = "DAILY", "WEEKLY", "MONTHLY"
FREQUENCIES = (DAILY, WEEKLY, MONTHLY)
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
PARTS = ("FREQ", "INTERVAL", "BYDAY", "COUNT", "UNTIL")
MOST_DATES = 52
"""A series has no more dates than this (BK-21)."""
LONGEST_DAYS = 180
"""The last date of a series is no more days after its first than this (BK-21)."""
LONGEST_TEXT = 200
ORDINALS = 5
"""A month has at most five of a weekday."""

ALL_OR_NOTHING, SKIP_CONFLICTS = "all_or_nothing", "skip_conflicts"
CONFIRM, HOLD = "confirm", "hold"
"""What is done with each date once it is held: confirmed (or sent for approval), or nothing yet."""
THIS, FOLLOWING, ALL = "this", "following", "all"
WHICH = (THIS, FOLLOWING, ALL)
"""Which dates of a series an act is about, as seen from one of them."""


class RuleWrong(Refusal):
    """A part of the rule cannot be read; `part` names it."""

    code = "RULE_WRONG"
    message = _("{part} of the rule cannot be read: {value}")
    status = 422


class RulePartUnknown(RuleWrong):
    code = "RULE_PART_UNKNOWN"
    message = _("The rule has a part that is not supported: {part}")


class RulePartTwice(RuleWrong):
    code = "RULE_PART_TWICE"
    message = _("{part} stands in the rule twice.")


class RulePartMissing(RuleWrong):
    code = "RULE_PART_MISSING"
    message = _("{part} is missing in the rule.")


class RuleEndsTwice(RuleWrong):
    code = "RULE_ENDS_TWICE"
    message = _("Say either how often (COUNT) or until when (UNTIL), not both.")


class RuleTooManyDates(RuleWrong):
    code = "RULE_TOO_MANY_DATES"
    message = _("A series has at most {most} dates.")


class RuleTooLong(RuleWrong):
    code = "RULE_TOO_LONG"
    message = _("A series ends at most {most} days after it begins, on {latest}.")


class RuleWithoutDates(RuleWrong):
    code = "RULE_WITHOUT_DATES"
    message = _("No date fits the rule from {first} on.")


class TimeSkipped(Refusal):
    """The lab's clock is put forward over that time (BK-22); never guessed."""

    code = "LOCAL_TIME_SKIPPED"
    message = _("There is no {clock} on {day}: the lab's clock is put forward.")


class TimeTwice(Refusal):
    """The lab's clock shows that time twice (BK-22); never guessed."""

    code = "LOCAL_TIME_AMBIGUOUS"
    message = _("{clock} comes twice on {day}: the lab's clock is put back.")


class MonthlyStays(Refusal):
    """Days of a month cannot be shifted as a rule."""

    code = "MONTHLY_KEEPS_ITS_DAYS"
    message = _("A monthly series keeps its days: move single dates, or book a new series.")
    status = 422


@dataclass(frozen=True, slots=True, order=True)
class Weekday:
    """A day of the week, 0 is Monday; `nth` counts it in its month, from the end where negative, 0 is every one."""

    day: int
    nth: int = 0

    def __str__(self) -> str:
        return f"{self.nth or ''}{DAYS[self.day]}"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of recurrence; `str()` writes it as RFC 5545 does. It ends by `count` or with the date `until`."""

    freq: str
    interval: int = 1
    by_day: tuple[Weekday, ...] = ()
    count: int | None = None
    until: date | None = None

    def __str__(self) -> str:
        parts = [f"FREQ={self.freq}"]
        if self.interval != 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.by_day:
            parts.append(f"BYDAY={','.join(map(str, self.by_day))}")
        parts.append(f"COUNT={self.count}" if self.until is None else f"UNTIL={self.until:%Y%m%d}")
        return ";".join(parts)

    def dates(self, first: date) -> tuple[date, ...]:
        """
        Return the dates from `first` on, in order; `first` itself only where it fits the rule.

        Raises:
            RuleTooManyDates, RuleTooLong: beyond 52 dates or 180 days; `part` is what asks for it.
            RuleWithoutDates: there is none.
        """
        latest = first + timedelta(days=LONGEST_DAYS)
        if self.until is not None and self.until > latest:
            raise RuleTooLong(part="UNTIL", most=LONGEST_DAYS, latest=latest.isoformat())
        last = latest if self.until is None else self.until
        wanted = MOST_DATES + 1 if self.count is None else self.count
        found = tuple(islice(self._from(first, last), wanted))
        if len(found) > MOST_DATES:
            raise RuleTooManyDates(part="UNTIL" if self.count is None else "COUNT", most=MOST_DATES)
        if not found:
            raise RuleWithoutDates(part="FREQ" if self.until is None else "UNTIL", first=first.isoformat())
        if self.count is not None and len(found) < self.count:
            raise RuleTooLong(part="COUNT", most=LONGEST_DAYS, latest=latest.isoformat())
        return found

    def _from(self, first: date, last: date) -> Iterator[date]:
        """Yield the dates that fit, from `first` through `last`."""
        for day in _each_day(first, last):
            if self._step_of(day, first) % self.interval == 0 and self._fits(day, first):
                yield day

    def _step_of(self, day: date, first: date) -> int:
        """Count the days, weeks (from Monday) or months from the first date's to this one's."""
        if self.freq == DAILY:
            return (day - first).days
        if self.freq == WEEKLY:
            return (_monday(day) - _monday(first)).days // 7
        return (day.year - first.year) * 12 + day.month - first.month

    def _fits(self, day: date, first: date) -> bool:
        if self.by_day:
            return any(_is(day, wanted) for wanted in self.by_day)
        if self.freq == WEEKLY:
            return day.weekday() == first.weekday()
        return self.freq == DAILY or day.day == first.day

    def shifted(self, days: int) -> "Rule":
        """
        Return the rule whose dates are so many days later (or earlier).

        Raises:
            MonthlyStays: a monthly rule cannot be shifted by days.
        """
        if not days:
            return self
        if self.freq == MONTHLY:
            raise MonthlyStays
        moved = tuple(sorted(Weekday((wanted.day + days) % 7) for wanted in self.by_day))
        until = None if self.until is None else self.until + timedelta(days=days)
        return replace(self, by_day=moved, until=until)


def _each_day(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _is(day: date, wanted: Weekday) -> bool:
    if day.weekday() != wanted.day:
        return False
    if wanted.nth == 0:
        return True
    if wanted.nth > 0:
        return (day.day - 1) // 7 + 1 == wanted.nth
    days_in_month = ((day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day
    return (days_in_month - day.day) // 7 + 1 == -wanted.nth


def parse(text: str) -> Rule:
    """
    Read a rule: FREQ (DAILY, WEEKLY, MONTHLY), INTERVAL, BYDAY, and COUNT or UNTIL (a date, YYYYMMDD, included).

    BYDAY counts in the month (2TU, -1FR) only with MONTHLY. Anything else RFC 5545 knows is refused, not left out.

    Raises:
        RuleWrong: what cannot be read; its fact `part` says which part, its class why.
    """
    if len(text) > LONGEST_TEXT:
        raise RuleWrong(part="RRULE", value=text[:20] + "…")
    parts: dict[str, str] = {}
    for piece in text.strip().upper().removeprefix("RRULE:").split(";"):
        name, equals, value = piece.partition("=")
        if not equals or not value:
            raise RuleWrong(part=name or "RRULE", value=piece or "—")
        if name not in PARTS:
            raise RulePartUnknown(part=name)
        if name in parts:
            raise RulePartTwice(part=name)
        parts[name] = value
    if "FREQ" not in parts:
        raise RulePartMissing(part="FREQ")
    if "COUNT" in parts and "UNTIL" in parts:
        raise RuleEndsTwice(part="COUNT")
    if "COUNT" not in parts and "UNTIL" not in parts:
        raise RulePartMissing(part="COUNT")
    freq = parts["FREQ"]
    if freq not in FREQUENCIES:
        raise RuleWrong(part="FREQ", value=freq)
    return Rule(
        freq=freq,
        interval=_number("INTERVAL", parts.get("INTERVAL", "1")),
        by_day=_weekdays(parts["BYDAY"], freq) if "BYDAY" in parts else (),
        count=_count(parts["COUNT"]) if "COUNT" in parts else None,
        until=_date(parts["UNTIL"]) if "UNTIL" in parts else None,
    )


def _number(part: str, value: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,2}", value, re.ASCII):
        raise RuleWrong(part=part, value=value)
    return int(value)


def _count(value: str) -> int:
    count = _number("COUNT", value)
    if count > MOST_DATES:
        raise RuleTooManyDates(part="COUNT", most=MOST_DATES)
    return count


def _date(value: str) -> date:
    if not re.fullmatch(r"[0-9]{8}", value, re.ASCII):
        raise RuleWrong(part="UNTIL", value=value)
    try:
        until = date.fromisoformat(value)
    except ValueError:
        raise RuleWrong(part="UNTIL", value=value) from None
    if not 2000 <= until.year < 2200:
        raise RuleWrong(part="UNTIL", value=value)
    return until


def _weekdays(value: str, freq: str) -> tuple[Weekday, ...]:
    found = []
    for each in value.split(","):
        read = re.fullmatch(rf"([+-]?[1-{ORDINALS}])?({'|'.join(DAYS)})", each, re.ASCII)
        if read is None or (read[1] and freq != MONTHLY):
            raise RuleWrong(part="BYDAY", value=each or "—")
        found.append(Weekday(DAYS.index(read[2]), int(read[1] or 0)))
    if len(set(found)) != len(found):
        raise RulePartTwice(part="BYDAY")
    return tuple(sorted(found))


def weekly(days: Iterable[int]) -> tuple[Weekday, ...]:
    """Return days of the week, by number, as a rule has them."""
    return tuple(sorted(Weekday(day) for day in days))


@dataclass(frozen=True, slots=True)
class Plan:
    """What is wanted again and again: the rule, from which date, at what time of the lab's day, how long, and how."""

    rule: Rule
    first_on: date
    starts_at: time
    minutes: int
    mode: str
    units: int = 1
    profile: str = ""
    materials: tuple[str, ...] = ()

    def ending(self, *, count: int | None, until: date | None) -> "Plan":
        """Return the plan with another end."""
        return replace(self, rule=replace(self.rule, count=count, until=until))

    def dates(self) -> tuple[date, ...]:
        """
        Return the dates of the rule.

        Raises:
            RuleWrong: too many, too far, or none.
        """
        return self.rule.dates(self.first_on)

    def period(self, on: date, zone: ZoneInfo) -> Period:
        """
        Return the time of one date; its length is elapsed time, whatever the clock does meanwhile.

        Raises:
            TimeSkipped, TimeTwice: the lab's clock does not show the start exactly once on that date.
        """
        return Period.starting(instant(on, self.starts_at, zone), self.minutes)


def instant(on: date, clock: time, zone: ZoneInfo) -> datetime:
    """
    Return the instant of a local time (UTC).

    Raises:
        TimeSkipped, TimeTwice: the clock does not show it exactly once on that date.
    """
    first = datetime.combine(on, clock, zone)
    again = first.replace(fold=1)
    before, after = first.utcoffset(), again.utcoffset()
    if before is not None and after is not None and before != after:
        raise (TimeSkipped if before < after else TimeTwice)(clock=f"{clock:%H:%M}", day=on.isoformat())
    return first.astimezone(UTC)


def shares_setup(before: Period, period: Period, *, pause: timedelta, zone: ZoneInfo) -> bool:
    """
    Whether the instrument is still set up from an earlier date of the series (BL-5): it ended on the same local day.

    `pause` is the longest gap that is still consecutive: the buffers between two bookings.
    """
    gap = period.start - before.end
    on_one_day = before.end.astimezone(zone).date() == period.start.astimezone(zone).date()
    return on_one_day and timedelta() <= gap <= pause
