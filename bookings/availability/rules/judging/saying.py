"""How refusals say instants, hours and lengths: on the lab's clock, as a colleague of the lab would write them."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from bookings.availability.rules.facts import Facts
from kernel.periods import Period


def said(instant: datetime, facts: Facts) -> str:
    """Return a day and a clock: `2026-12-02 09:00`."""
    return f"{instant.astimezone(facts.zone):%Y-%m-%d %H:%M}"


def clock(instant: datetime, facts: Facts) -> str:
    """Return the clock alone: `08:30`."""
    return f"{instant.astimezone(facts.zone):%H:%M}"


def day(instant: datetime, facts: Facts) -> str:
    """Return the local day alone: `2026-12-02`."""
    return instant.astimezone(facts.zone).date().isoformat()


def last_day(until: datetime, facts: Facts) -> str:
    """Return the last local day before an instant."""
    return day(until - timedelta(microseconds=1), facts)


def windows(periods: list[Period], midnight: datetime, facts: Facts) -> str:
    """Return the opening windows of a day that ends at a midnight: `08:30–12:00, 13:30–24:00`."""
    return ", ".join(
        f"{clock(one.start, facts)}–{'24:00' if one.end == midnight else clock(one.end, facts)}" for one in periods
    )


def hours(minutes: int) -> str:
    """Return a number of minutes in hours, as people say it: `3`, `2.5`."""
    return f"{round(minutes / 60, 2):g}"


def near(instant: datetime, asked: datetime, facts: Facts) -> str:
    """Return the clock of an instant on the day that was asked for, day and clock of any other."""
    return clock(instant, facts) if day(instant, facts) == day(asked, facts) else said(instant, facts)


def listed(names: list[str]) -> str:
    """Return names one after the other, as the language does it."""
    return _(", ").join(names)
