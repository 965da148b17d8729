"""When a notice is mailed: at once, after the quiet hours, with the day's others, or not at all."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

AT_ONCE, DIGEST, NEVER = "at_once", "digest", "never"
LEASE = timedelta(minutes=10)
"""How long a mail may take to be sent; after that whoever was sending it is taken for dead."""
KEEP_TRYING_FOR = timedelta(days=7)
"""A mail that could not be sent for so long tells nothing new; the notice stays in the platform."""
READ_KEPT_FOR = timedelta(days=180)
"""How long a notice that was read stays in the list."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a person wants to be mailed, on the clock of their zone; quiet hours may run over midnight, or be None."""

    tz: ZoneInfo
    mail: str = AT_ONCE
    digest_hour: int = 8
    quiet: tuple[int, int] | None = (22, 7)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a mail now: sent (`at_once`, `at` is now), kept until `at` for itself or the digest, or never."""

    mail: str
    at: datetime


def decide(wishes: Wishes, *, is_urgent: bool, now: datetime) -> Verdict:
    """Return when a notice is mailed; an urgent one breaks the quiet hours, but never what a person chose."""
    if wishes.mail == NEVER:
        return Verdict(NEVER, now)
    if wishes.mail == DIGEST:
        return Verdict(DIGEST, next_digest(wishes, now))
    return Verdict(AT_ONCE, now if is_urgent else quiet_until(wishes, now))


def quiet_until(wishes: Wishes, now: datetime) -> datetime:
    """Return when the quiet hours end that `now` lies in, or `now` itself where it lies in none."""
    if wishes.quiet is None:
        return now
    begin, end = wishes.quiet
    local = now.astimezone(wishes.tz)
    is_quiet = begin <= local.hour < end if begin < end else local.hour >= begin or local.hour < end
    return _next(local, end) if is_quiet else now


def next_digest(wishes: Wishes, now: datetime) -> datetime:
    """Return when the next daily mail goes out after `now`."""
    return _next(now.astimezone(wishes.tz), wishes.digest_hour)


def _next(local: datetime, hour: int) -> datetime:
    """Return the next time the clock shows the full hour, after a local time; in UTC days may last 23 or 25 hours."""
    day = local.date() if local.hour < hour else local.date() + timedelta(days=1)
    return datetime.combine(day, time(hour), local.tzinfo)
