"""A rule of recurrence in words: 每周二、周四 09:00–12:00,共 10 次."""

from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from bookings.series.rules import DAILY, WEEKLY, Plan, Rule, Weekday
from web import moments


def told(plan: Plan) -> str:
    """Return a plan in words: the days, the time of day, and the end."""
    return _("{days} {clock}, {end}").format(
        days=days_told(plan.rule, plan.first_on),
        clock=clock_told(plan.starts_at, plan.minutes),
        end=end_told(plan.rule),
    )


def days_told(rule: Rule, first: date) -> str:
    """Return the days of a rule in words; where the rule leaves the day open, it is the first date's."""
    number = rule.interval
    if rule.freq == DAILY:
        every = _("every day") if number == 1 else _("every {number} days").format(number=number)
        return _("{every} (only {days})").format(every=every, days=_listed(rule.by_day)) if rule.by_day else every
    if rule.freq == WEEKLY:
        days = _listed(rule.by_day or (Weekday(first.weekday()),))
        every = _("every {days}") if number == 1 else _("every {number} weeks on {days}")
        return every.format(number=number, days=days)
    days = _listed(rule.by_day) if rule.by_day else _day_of_month(first.day)
    every = _("every month on {days}") if number == 1 else _("every {number} months on {days}")
    return every.format(number=number, days=days)


def clock_told(starts_at: time, minutes: int) -> str:
    """Return the time of day in words: 09:00–12:00; a later day at its end is counted."""
    begins = datetime.combine(date(2024, 1, 1), starts_at)  # any day: only its clock is read
    ends = begins + timedelta(minutes=minutes)
    later = (ends.date() - begins.date()).days
    if later == 1 and ends.time() == time():
        return f"{begins:%H:%M}–24:00"
    if later:
        days = ngettext("{number} day later", "{number} days later", later).format(number=later)
        return f"{begins:%H:%M}–{ends:%H:%M} ({days})"
    return f"{begins:%H:%M}–{ends:%H:%M}"


def end_told(rule: Rule) -> str:
    """Return how a rule ends in words."""
    if rule.until is not None:
        return _("until {date}").format(date=rule.until.isoformat())
    return ngettext("{number} time", "{number} times", rule.count or 0).format(number=rule.count)


def weekday_name(day: int) -> str:
    """Return a day of the week, 0 is Monday."""
    return moments.weekday(datetime(2024, 1, 1 + day))  # noqa: DTZ001 -- a Monday and the days after it


def _listed(days: tuple[Weekday, ...]) -> str:
    return pgettext("between weekdays", ", ").join(_weekday(each) for each in days)


def _weekday(wanted: Weekday) -> str:
    name = weekday_name(wanted.day)
    if wanted.nth == 0:
        return name
    if wanted.nth == -1:
        return _("the last {weekday}").format(weekday=name)
    if wanted.nth < 0:
        return _("the {weekday} number {number} from the end").format(number=-wanted.nth, weekday=name)
    return _("the {weekday} number {number}").format(number=wanted.nth, weekday=name)


def _day_of_month(day: int) -> str:
    said = _("day {number}").format(number=day)
    return said if day <= 28 else _("{day} (months without it are left out)").format(day=said)
