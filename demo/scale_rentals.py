"""
The bookings of the enlarged city: confirmed ahead, settled behind, each a rental with its time in the schedule.

They are written by COPY, without the operations: no bills, events or mails. Every occupancy is held by a rental of an
organisation of the enlarged city, inside the lab's opening hours, at the price list and policy of its instrument.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from psycopg import sql

from accounts.models import District, Membership, Organisation, User
from bookings.models import Occupancy, Rental
from bookings.schedule.operations import add_missing_resources
from labs.models import BookingPolicy, HolidayDate, Instrument, OpeningWindow, Tariff

ORGANISATION_PREFIX = "ORG-SC-"
ORGANISATIONS = 200
NUMBER_PREFIX = "RSC"
DAYS_AHEAD, DAYS_BEHIND = 56, 2_000
"""How far bookings reach ahead; behind, they go on until an instrument has had its share."""
ZONE = ZoneInfo("Asia/Shanghai")
AT_ONCE = 20_000
"""Rows handed to COPY in one piece."""

type Tell = Callable[[str], None]
type Windows = Mapping[int, Sequence[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Place:
    """What the bookings of one instrument need to know of it."""

    instrument_id: int
    resource_id: int
    windows: Windows
    grid: int
    before: int
    after: int
    policy_id: int
    tariff_id: int
    rate_fen: int
    setup_fen: int
    mode: str


@dataclass(frozen=True, slots=True)
class Customer:
    """Who books."""

    organisation_id: int
    user_id: int


def rent_out(*, prefix: str, occupancies: int, random: Random, now: datetime, tell: Tell) -> int:
    """Give the instruments whose code begins so their bookings, `occupancies` in all; return how many there are."""
    add_missing_resources()
    customers = _customers(random, now)
    places = _places(prefix)
    a_place = -(-occupancies // len(places))
    holidays = set(HolidayDate.objects.values_list("date", flat=True))
    first_rental = _next_key(Rental)
    with _laid_aside(Rental, Occupancy, tell=tell):
        rows = _bookings(places, a_place, occupancies, holidays, random, now)
        return _written(rows, first_rental, customers, now, random, tell)


def _customers(random: Random, now: datetime) -> list[Customer]:
    districts = list(District.objects.order_by("adcode"))
    organisations = Organisation.objects.bulk_create(
        Organisation(
            code=f"{ORGANISATION_PREFIX}{at:04d}",
            name_zh=f"示例第{at + 1}制造有限公司",
            name_en=f"Example Manufacturing {at + 1}",
            org_type=Organisation.OrgType.ENTERPRISE,
            foreign_reg_no=f"SC{at:06d}",
            country="SG",
            district=random.choice(districts),
            size=random.choice([Organisation.Size.MICRO, Organisation.Size.SMALL, Organisation.Size.LARGE]),
            roles=[Organisation.Role.CUSTOMER],
            verification=Organisation.Verification.VERIFIED,
            verified_at=now,
        )
        for at in range(ORGANISATIONS)
    )
    users = User.objects.bulk_create(
        User(email=f"buyer{at}@scale.gongheng.example", name=f"示例采购{at + 1}", password="!")  # noqa: S106 -- none
        for at in range(ORGANISATIONS)
    )
    Membership.objects.bulk_create(
        Membership(user=user, organisation=organisation, role=Membership.Role.BUYER)
        for user, organisation in zip(users, organisations, strict=True)
    )
    return [Customer(one.pk, user.pk) for one, user in zip(organisations, users, strict=True)]


def _places(prefix: str) -> list[Place]:
    windows: dict[int, dict[int, list[tuple[int, int]]]] = {}
    for lab, day, opens, closes in OpeningWindow.objects.values_list("lab_id", "day", "opens_minute", "closes_minute"):
        windows.setdefault(lab, {}).setdefault(day, []).append((opens, closes))
    ours = {"instrument__code__startswith": prefix}
    policies = {one.instrument_id: one for one in BookingPolicy.objects.filter(**ours)}
    tariffs = {one.instrument_id: one for one in Tariff.objects.filter(**ours)}
    rows = Instrument.objects.filter(code__startswith=prefix).order_by("code")
    return [
        Place(
            instrument_id=pk,
            resource_id=resource,
            windows=windows.get(lab, {}),
            grid=policies[pk].slot_grid_min,
            before=policies[pk].pre_buffer_min,
            after=policies[pk].post_buffer_min,
            policy_id=policies[pk].pk,
            tariff_id=tariffs[pk].pk,
            rate_fen=tariffs[pk].base_rate_fen_per_hour,
            setup_fen=tariffs[pk].setup_fee_fen,
            mode="self" if mode == "self" else "assisted",
        )
        for pk, lab, mode, resource in rows.values_list("pk", "lab_id", "rental_mode", "resource__pk")
    ]


type Booking = tuple[Place, int, int]
"""Where, the first minute (counted from 1970, UTC), and how many minutes."""


def _bookings(
    places: Sequence[Place], a_place: int, most: int, holidays: set[date], random: Random, now: datetime
) -> Iterator[Booking]:
    """Yield bookings in order of instruments: the days around today first, then back until each has its share."""
    today = now.astimezone(ZONE).date()
    left = most
    midnights = {after: _minute_of(today + timedelta(days=after)) for after in range(-DAYS_BEHIND, DAYS_AHEAD)}
    offsets = sorted(midnights.keys() - {0}, key=lambda after: (abs(after), -after))
    days = [(after, (today + timedelta(days=after))) for after in offsets]
    open_days = [(midnights[after], day.weekday()) for after, day in days if day not in holidays]
    for place in places:
        wanted = min(a_place, left)
        left -= wanted
        load = random.uniform(0.15, 0.95)
        for midnight, weekday in open_days:
            for opens, closes in place.windows.get(weekday, ()):
                for start, minutes in _in_window(opens, closes, place, load, random):
                    if wanted:
                        wanted -= 1
                        yield place, midnight + start, minutes
            if not wanted:
                break


def _in_window(opens: int, closes: int, place: Place, load: float, random: Random) -> Iterator[tuple[int, int]]:
    """Yield (first minute, minutes) of bookings in one opening window of a day, buffers around each inside it too."""
    grid, chance = place.grid, random.random
    at = opens + place.before
    at += -at % grid
    while at + 60 + place.after <= closes:
        if chance() > load:
            at += 60 + -60 % grid
            continue
        minutes = max(60, grid * int(1 + 240 / grid * chance()))
        minutes += -minutes % grid
        if at + minutes + place.after > closes:
            break
        yield at, minutes
        at += minutes + place.after + place.before
        at += -at % grid


def _minute_of(day: date) -> int:
    return int(datetime.combine(day, datetime.min.time(), ZONE).timestamp()) // 60


def _written(
    rows: Iterator[Booking], key: int, customers: list[Customer], now: datetime, random: Random, tell: Tell
) -> int:
    """Write rentals and occupancies, turn by turn, so that neither waits in memory."""
    begun = int(now.timestamp()) // 60
    fixed, columns = _fixed(Rental(), _RENTAL)
    told = _Told()
    written = 0
    while True:
        rentals, occupancies = [], []
        for place, start, minutes in rows:
            who = random.choice(customers)
            total = place.setup_fen + place.rate_fen * minutes // 60
            used = f"[{told(start)},{told(start + minutes)})"
            taken = f"[{told(start - place.before)},{told(start + minutes + place.after)})"
            status = "confirmed" if start > begun else "settled"
            lines = (
                f'[{{"kind": "usage", "minutes": {minutes}, "rate_fen_per_hour": {place.rate_fen}, "rate_bp": 10000,'
                f' "band": "", "band_zh": "", "units": 1, "list_fen": {total}, "discount_bp": 0, "discount_fen": 0,'
                f' "amount_fen": {total}}}]'
            )
            placed = told(min(start, begun) - 4_000)
            over = told(start + minutes) if status == "settled" else "\\N"
            came = told(start) if status == "settled" else "\\N"
            rentals.append(
                f"{key}\t{random.getrandbits(128):032x}\t{NUMBER_PREFIX}{key:012d}\t{place.instrument_id}\t"
                f"{who.organisation_id}\t{who.user_id}\t{place.mode}\t{used}\t{status}\t{place.tariff_id}\t"
                f"{place.policy_id}\t{lines}\t{total}\t{placed}\t{placed}\t{placed}\t{came}\t{over}\t{over}\t{fixed}\n"
            )
            occupancies.append(f"{place.resource_id}\t1\t{taken}\t{used}\trental\t{key}\n")
            key += 1
            if len(rentals) == AT_ONCE:
                break
        if not rentals:
            break
        _copy(Rental, [*_RENTAL, *columns], rentals)
        _copy(Occupancy, ["resource_id", "unit", "period", "usage", "holder_kind", "holder_id"], occupancies)
        written += len(rentals)
        if written % (25 * AT_ONCE) == 0:
            tell(f"{written:,} bookings written")
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [Rental._meta.db_table, max(key - 1, 1)])
    return written


_RENTAL = (
    "id", "uuid", "number", "instrument_id", "organisation_id", "placed_by_id", "mode", "period", "status",
    "tariff_id", "policy_id", "price_lines", "total_fen", "created_at", "changed_at", "confirmed_at",
    "checked_in_at", "checked_out_at", "settled_at",
)  # fmt: skip


class _Told:
    """Minutes counted from 1970 as PostgreSQL reads instants; each written once."""

    def __init__(self) -> None:
        self.known: dict[int, str] = {}

    def __call__(self, minute: int) -> str:
        known = self.known.get(minute)
        if known is None:
            known = f'"{datetime.fromtimestamp(60 * minute, UTC):%Y-%m-%d %H:%M}+00"'
            self.known[minute] = known
        return known


def _fixed(empty: Rental, given: Sequence[str]) -> tuple[str, list[str]]:
    """Return what all rentals have in common, as COPY reads it, and the names of those columns."""
    columns, values = [], []
    for field in empty._meta.concrete_fields:
        if field.column not in given and not field.generated:
            value = getattr(empty, field.attname)
            columns.append(str(field.column))
            is_none = value == [] and isinstance(field, ArrayField)
            values.append("\\N" if value is None else "{}" if is_none else "[]" if value == [] else str(value))
    return "\t".join(values), columns


def _copy(model: type[Any], columns: Sequence[str], lines: list[str]) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write("".join(lines))


def _next_key(model: type[Any]) -> int:
    """Return the first key above all there are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [model._meta.db_table])
        key: int = cursor.fetchone()[0]
    return key


# --- A bulk load: what is looked after row by row is made anew for all rows at the end ------------------------------

CONSTRAINTS = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = %s::regclass AND contype IN ('f', 'x', 'u') ORDER BY contype DESC, conname
"""
INDEXES = """
SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = %s::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
"""


@contextmanager
def _laid_aside(*models: type[Any], tell: Tell) -> Iterator[None]:
    """Take foreign keys, uniqueness, exclusion, indexes and triggers off tables, and put them back over all rows."""
    back: list[tuple[str, str]] = []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in (model._meta.db_table for model in models):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(INDEXES, [table])
            for name, definition in cursor.fetchall():
                cursor.execute(f'DROP INDEX "{name}"')
                back.append((name, definition))
            cursor.execute(CONSTRAINTS, [table])
            for name, definition in cursor.fetchall():
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
                back.append((name, f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}'))
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        for name, statement in back:
            cursor.execute(statement)
            tell(f"{name} is back")
        for table in (model._meta.db_table for model in models):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
