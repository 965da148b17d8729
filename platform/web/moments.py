"""How times are said on pages: in the zone of the lab, with the zone beside them."""

from datetime import datetime, timedelta, tzinfo

from django.utils.translation import ngettext, pgettext

from kernel.periods import Period


def weekday(local: datetime) -> str:
    """Return the day of the week, short."""
    names = (
        pgettext("weekday", "Mon"),
        pgettext("weekday", "Tue"),
        pgettext("weekday", "Wed"),
        pgettext("weekday", "Thu"),
        pgettext("weekday", "Fri"),
        pgettext("weekday", "Sat"),
        pgettext("weekday", "Sun"),
    )
    return names[local.weekday()]


def zone(local: datetime) -> str:
    """Return the distance from UTC at that time: UTC+8, UTC-3:30."""
    offset = local.utcoffset() or timedelta()
    sign = "-" if offset < timedelta() else "+"
    hours, minutes = divmod(abs(int(offset.total_seconds())) // 60, 60)
    return f"UTC{sign}{hours}" + (f":{minutes:02d}" if minutes else "")


def day(local: datetime) -> str:
    """Return the day: 2026-11-25 周三."""
    return f"{local:%Y-%m-%d} {weekday(local)}"


def instant(at: datetime, tz: tzinfo) -> str:
    """Return an instant as the lab's clock shows it: 2026-11-25 周三 09:00 (UTC+8)."""
    local = at.astimezone(tz)
    return f"{day(local)} {local:%H:%M} ({zone(local)})"


def period(stretch: Period, tz: tzinfo) -> str:
    """Return a period on the lab's clock; midnight at its end is 24:00 of the same day, a later day is named."""
    start, end = stretch.start.astimezone(tz), stretch.end.astimezone(tz)
    if end.date() == start.date():
        until = f"{end:%H:%M}"
    elif end.date() == start.date() + timedelta(days=1) and (end.hour, end.minute) == (0, 0):
        until = "24:00"
    else:
        until = f" {day(end)} {end:%H:%M} "
        return f"{day(start)} {start:%H:%M} –{until}({zone(start)})"
    return f"{day(start)} {start:%H:%M}–{until} ({zone(start)})"


def length(minutes: int) -> str:
    """Return a length in words: 2 小时 30 分钟."""
    hours, rest = divmod(minutes, 60)
    told = []
    if hours:
        told.append(ngettext("{number} hour", "{number} hours", hours).format(number=hours))
    if rest or not hours:
        told.append(ngettext("{number} minute", "{number} minutes", rest).format(number=rest))
    return " ".join(told)
