"""A city many times as large, for measuring: as many instruments as asked for, by COPY, the same for the same seed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import chain
from random import Random
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from psycopg.types.json import Jsonb

from accounts.models import District, Organisation
from bookings.availability import operations as availability
from demo import scale_rentals
from labs.catalogue.models import Instrument, InstrumentCategory, Lab, Offering
from labs.hours.operations import rebuild_open_time
from labs.models import BookingPolicy, CalibrationRecord, Capability, OpeningWindow, Tariff

PREFIX = "SC-"
LAB_PREFIX = "LAB-SC-"
LABS_A_THOUSAND = 60
"""How many labs a thousand instruments stand in."""
BATCH = 1_000
SINCE = datetime(2025, 12, 31, 16, tzinfo=UTC)
WEEKS: tuple[dict[int, tuple[tuple[int, int], ...]], ...] = (
    dict.fromkeys(range(5), ((510, 1080),)),
    dict.fromkeys(range(5), ((540, 720), (810, 1050))),
    {**dict.fromkeys(range(5), ((510, 1230),)), 5: ((540, 1020),)},
    dict.fromkeys(range(8), ((0, 1440),)),
)
NIGHT = {
    "name": "night",
    "name_zh": "夜间优惠",
    "start": "22:00",
    "end": "08:00",
    "day_types": ["workday", "restday", "holiday"],
    "rate_bp": 6000,
}
MAKES = ("高分辨", "便携式", "全自动", "台式", "大型", "微型", "双通道", "高温", "低温", "智能")


class NothingToGrowFromError(RuntimeError):
    """There are no demo data yet, or the city has been enlarged before."""


@transaction.atomic
def grow(
    *, instruments: int, seed: int, now: datetime, occupancies: int = 0, tell: Callable[[str], None] = lambda _: None
) -> int:
    """
    Add labs and published, priced, calibrated instruments with open time; return how many instruments there were made.

    `occupancies` is how many bookings they have, all together, as rentals behind and ahead. `tell` hears how far it is.

    Raises:
        NothingToGrowFromError: there are no demo data to vary, or seeded instruments are there already.
    """
    random = Random(seed)  # noqa: S311 -- the same city for the same seed
    models = list(Instrument.objects.filter(lab__code__startswith="LAB-").order_by("code").values())
    if Instrument.objects.filter(code__startswith=PREFIX).exists():
        raise NothingToGrowFromError("there are seeded instruments already")
    if not models:
        raise NothingToGrowFromError("load the demo first")
    labs = _labs(-(-instruments * LABS_A_THOUSAND // 1_000), random)
    categories = list(InstrumentCategory.objects.order_by("code").values_list("pk", flat=True))
    like: list[int] = []
    copied(_instruments(instruments, labs, models, categories, like, random))
    made = list(Instrument.objects.filter(code__startswith=PREFIX).defer("search_text").order_by("code"))
    copied(_capabilities(made, like))
    made.sort(key=lambda one: (one.lab_id, one.code))
    copied(_rental(one) for one in made)
    copied(_tariff(one, random) for one in made)
    copied(_policy(one, random) for one in made)
    copied(_certificate(one, random) for one in made)
    tell(f"{len(made):,} instruments of {len(labs):,} labs written")
    for begin in range(0, len(made), BATCH):
        rebuild_open_time(made[begin : begin + BATCH], now)
    tell("open time built")
    if occupancies:
        written = scale_rentals.rent_out(prefix=PREFIX, occupancies=occupancies, random=random, now=now, tell=tell)
        tell(f"{written:,} bookings written")
        availability.repair_weeks(now=now, instrument_ids=[one.pk for one in made])
        tell("weeks marked")
    return len(made)


def analyse() -> None:
    """Let PostgreSQL count what there is now, so that it plans for it."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def copied(rows: Iterable[Model]) -> None:
    """Write rows of one model by COPY; the database gives them their keys."""
    waiting = iter(rows)
    first = next(waiting, None)
    if first is None:
        return
    fields = [each for each in first._meta.concrete_fields if not each.primary_key and not each.generated]
    names = ", ".join(str(each.column) for each in fields)
    with connection.cursor() as cursor, cursor.copy(f"COPY {first._meta.db_table} ({names}) FROM STDIN") as copy:
        for row in chain([first], waiting):
            copy.write_row([_value(each, row) for each in fields])


def _value(field: Any, row: Model) -> Any:
    value = field.pre_save(row, True)  # noqa: FBT003 -- Django's signature
    return Jsonb(value) if field.get_internal_type() == "JSONField" else field.get_prep_value(value)


def _labs(number: int, random: Random) -> list[Lab]:
    owners = list(
        Organisation.objects.filter(roles__contains=["lab_owner"], memberships=None).order_by("code")
    ) or list(Organisation.objects.filter(roles__contains=["lab_owner"]).order_by("code"))
    districts = list(District.objects.order_by("adcode"))
    made = []
    for at in range(number):
        district = random.choice(districts)
        made.append(
            Lab(
                code=f"{LAB_PREFIX}{at:04d}",
                organisation=random.choice(owners),
                name_zh=f"示例{district.name_zh}第{at + 1}实验室",
                name_en=f"Example {district.name_en} Laboratory {at + 1}",
                lab_type=random.choice(Lab.Type.values),
                district=district,
                lat=district.lat + random.uniform(-0.05, 0.05),
                lon=district.lon + random.uniform(-0.05, 0.05),
                makeup_policy=random.choice(Lab.MakeupPolicy.values),
            )
        )
    labs = Lab.objects.bulk_create(made)
    OpeningWindow.objects.bulk_create(
        OpeningWindow(lab=lab, day=day, opens_minute=opens, closes_minute=closes)
        for lab in labs
        for day, windows in random.choice(WEEKS).items()
        for opens, closes in windows
    )
    return labs


def _instruments(
    number: int,
    labs: list[Lab],
    models: Sequence[Mapping[str, Any]],
    categories: list[int],
    like: list[int],
    random: Random,
) -> Iterator[Instrument]:
    """Yield varied instruments in order of code, and note in `like` which instrument each is made after."""
    for at in range(number):
        model = random.choice(models)
        like.append(model["id"])
        yield Instrument(
            code=f"{PREFIX}{at:06d}",
            lab=labs[at % len(labs)],
            category_id=model["category_id"] if random.random() < 0.9 else random.choice(categories),
            name_zh=f"{random.choice(MAKES)}{model['name_zh']}",
            name_en=model["name_en"],
            keywords=model["keywords"],
            model=f"示例型号 {random.randrange(1000, 9999)}",
            class_kind=model["class_kind"],
            original_value_fen=random.randrange(1, 500) * 1_000_000,
            commissioned_year=random.randrange(2012, 2027),
            rental_mode=random.choice(Instrument.RentalMode.values),
            training_required=random.random() < 0.5,
            span_closed=random.random() < 0.1,
        )


def _capabilities(made: list[Instrument], like: list[int]) -> Iterator[Capability]:
    """Yield what the instruments can measure: what those can that they are made after."""
    of: dict[int, list[Capability]] = {}
    for capability in Capability.objects.filter(instrument__in=set(like)):
        of.setdefault(capability.instrument_id, []).append(capability)
    for instrument, model in zip(made, like, strict=True):
        for capability in of.get(model, ()):
            capability.instrument_id = instrument.pk
            yield capability


def _rental(instrument: Instrument) -> Offering:
    return Offering(
        code=f"RENT-{instrument.code}",
        lab_id=instrument.lab_id,
        kind=Offering.Kind.RENTAL,
        instrument=instrument,
        name_zh=instrument.name_zh,
        name_en=instrument.name_en,
        state=Offering.State.PUBLISHED,
        price_unit_zh="元/小时",
    )


def _tariff(instrument: Instrument, random: Random) -> Tariff:
    return Tariff(
        instrument=instrument,
        valid_from=SINCE,
        base_rate_fen_per_hour=random.randrange(50, 1000) * 100,
        setup_fee_fen=random.randrange(0, 300) * 100,
        bands=[NIGHT] if random.random() < 0.3 else [],
        sme_discount_bp=1000,
    )


def _policy(instrument: Instrument, random: Random) -> BookingPolicy:
    return BookingPolicy(
        instrument=instrument,
        valid_from=SINCE,
        slot_grid_min=random.choice((15, 30, 60)),
        min_minutes=60,
        max_minutes=480,
        pre_buffer_min=random.choice((0, 10, 15)),
        post_buffer_min=random.choice((0, 10, 15)),
        lead_time_min=random.choice((0, 240, 1440)),
        advance_days=60,
    )


def _certificate(instrument: Instrument, random: Random) -> CalibrationRecord:
    begun = date(2026, random.randrange(1, 12), 1)
    return CalibrationRecord(
        instrument=instrument,
        certificate_no=f"示例校字第{instrument.code}号",
        method="JJG 475-2008",
        issued_by_zh="示例黄埔计量测试研究院",
        calibrated_on=begun,
        valid_from=begun,
        valid_to=begun.replace(year=2028),
    )
