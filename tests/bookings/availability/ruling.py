"""Facts and wishes for tests of the rules: an instrument that is open on weekdays, and whoever asks for it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import translation

from bookings.availability import rules
from bookings.availability.rules import ASSISTED, SELF, Facts, Operator, Policy, Supply, Taken, Wish
from kernel.periods import Period

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
"""Monday, 09:00 in Guangzhou."""


def at(day: int, clock: float) -> datetime:
    """An instant of November or (beyond the 30th) December 2026, on the lab's clock."""
    midnight = datetime(2026, 11, 1, tzinfo=ZONE) + timedelta(days=day - 1)
    return (midnight + timedelta(hours=clock)).astimezone(UTC)


def on(day: int, start: float, end: float) -> Period:
    return Period(at(day, start), at(day, end))


TUESDAY = 24
OPEN = tuple(on(day, 8.5, 18) for day in range(23, 28))
POLICY = Policy(30, 30, 480, 0, 0, 0, 60, False, 30)


def policy(**changed) -> Policy:
    return Policy(**{name: getattr(POLICY, name) for name in Policy.__slots__} | changed)


def operator(key: int = 1, code: str = "OP-1", *, works=None, busy=(), until=None) -> Operator:
    return Operator(key, code, 100 + key, until or at(60, 0), works, tuple(busy))


def facts(**changed) -> Facts:
    usual = {
        "instrument_id": 1,
        "instrument": "万能试验机",
        "is_bookable": True,
        "zone": ZONE,
        "policy": POLICY,
        "modes": frozenset({SELF, ASSISTED}),
        "span_closed": False,
        "unattended_buffers": True,
        "open": OPEN,
        "blocked": (),
        "calibrated": (on(1, 0, 24 * 60),),
        "calibrated_until": at(60, 0),
        "supplies": (Supply(1, False, 1, ()),),
        "operators": (operator(),),
        "organisation": "示例公司",
    }
    return Facts(**usual | changed)


def supply(*taken: Period, capacity: int = 1, is_room: bool = False, out=()) -> Supply:
    rows = tuple(Taken(1 + number, one) for number, one in enumerate(taken))
    return Supply(2 if is_room else 1, is_room, capacity, rows, tuple(out))


def wish(start: float = 9, end: float = 11, day: int = TUESDAY, **changed) -> Wish:
    return Wish(**{"period": on(day, start, end), "mode": ASSISTED} | changed)


def told(of: Facts, asked: Wish, now: datetime = NOW) -> list[tuple[str, str]]:
    """Every refusal with what would make it pass, in English."""
    with translation.override("en"):
        return [(one.code, one.remedy) for one in rules.refusals(of, asked, now)]


NOBODY = ("NO_QUALIFIED_OPERATOR", "Choose another day, or ask the lab who could operate it.")
