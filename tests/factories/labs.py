"""
Labs and instruments for tests: open Monday to Friday 08:30 to 18:00, calibrated, priced, and ready to be booked.

Open time is built as of Monday 23 November 2026, 09:00 in Guangzhou; tests that use the real clock say
`InstrumentFactory(open_time=timezone.now())`.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import factory

from labs.hours.operations import rebuild_open_time
from labs.models import (
    Accreditation,
    BookingPolicy,
    CalibrationRecord,
    Capability,
    Cluster,
    Honour,
    Instrument,
    InstrumentCategory,
    InstrumentPhoto,
    Lab,
    MeasurementStandard,
    Offering,
    OpeningWindow,
    Operator,
    OperatorQualification,
    Outage,
    Parameter,
    Room,
    ScopeEntry,
    Standard,
    Tariff,
    UserQualification,
    Zone,
)
from tests.factories.accounts import DistrictFactory, LabOrganisationFactory, UserFactory

MONDAY_9 = datetime(2026, 11, 23, 1, tzinfo=UTC)
"""Monday, 09:00 in Guangzhou."""
WEEK: Mapping[int, Sequence[tuple[int, int]]] = dict.fromkeys(range(5), ((510, 1080),))
"""Monday to Friday, 08:30 to 18:00."""
ALWAYS: Mapping[int, Sequence[tuple[int, int]]] = dict.fromkeys(range(8), ((0, 1440),))
"""Around the clock, holidays too."""


class LabFactory(factory.django.DjangoModelFactory):
    """A lab in Tianhe; `weekly=ALWAYS` or other windows by day, as `set_opening_hours` takes them."""

    class Meta:
        model = Lab
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"LAB-T{n}")
    organisation = factory.SubFactory(LabOrganisationFactory)
    name_zh = factory.Sequence(lambda n: f"示例实验室{n}")
    name_en = factory.Sequence(lambda n: f"Example Laboratory {n}")
    district = factory.SubFactory(DistrictFactory)

    @factory.post_generation
    def weekly(self: Lab, create: bool, extracted: Mapping[int, Sequence[tuple[int, int]]] | None, **_: Any) -> None:
        if create:
            OpeningWindow.objects.bulk_create(
                OpeningWindow(lab=self, day=day, opens_minute=opens, closes_minute=closes)
                for day, windows in (WEEK if extracted is None else extracted).items()
                for opens, closes in windows
            )


class ZoneFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Zone
        django_get_or_create = ("code",)

    code = "science-city"
    name_zh = "科学城"
    name_en = "Science City"


class ClusterFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Cluster
        django_get_or_create = ("code",)

    code = "cosmetics"
    name_zh = "化妆品"
    name_en = "Cosmetics"


class AccreditationFactory(factory.django.DjangoModelFactory):
    """A CNAS accreditation, valid in 2025 to 2028."""

    class Meta:
        model = Accreditation

    lab = factory.SubFactory(LabFactory)
    kind = Accreditation.Kind.CNAS
    number = factory.Sequence(lambda n: f"CNAS L{98000 + n}")
    valid_from = date(2025, 1, 1)
    valid_to = date(2028, 12, 31)


class ScopeEntryFactory(factory.django.DjangoModelFactory):
    """The tensile strength of metals by GB/T 228.1-2021, from 2025 on."""

    class Meta:
        model = ScopeEntry

    accreditation = factory.SubFactory(AccreditationFactory)
    object_zh = "金属材料"
    parameter_zh = "抗拉强度"
    parameter_en = "tensile strength"
    standard = factory.SubFactory("tests.factories.labs.StandardFactory")
    valid_from = date(2025, 1, 1)


class MeasurementStandardFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = MeasurementStandard

    lab = factory.SubFactory(LabFactory)
    certificate_no = factory.Sequence(lambda n: f"〔2025〕粤量标示例证字第{n:04d}号")
    discipline_code = "12"
    discipline_zh = "力学"
    name_zh = "示例测力仪标准装置"
    name_en = "Example force standard"
    range_text = "1–300 kN"
    uncertainty_text = "0.1级"
    valid_from = date(2025, 1, 1)
    valid_to = date(2029, 12, 31)
    objects_zh = ["万能试验机"]


class HonourFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Honour

    lab = factory.SubFactory(LabFactory)
    kind = Honour.Kind.QUALITY_CENTRE
    name_zh = factory.Sequence(lambda n: f"示例国家质检中心{n}")
    name_en = factory.Sequence(lambda n: f"Example National Quality Centre {n}")
    granted_on = date(2025, 1, 1)


class RoomFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Room

    code = factory.Sequence(lambda n: f"RM-{n}")
    lab = factory.SubFactory(LabFactory)
    name_zh = factory.Sequence(lambda n: f"房间{n}")


class CategoryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = InstrumentCategory
        django_get_or_create = ("scheme", "code")

    scheme = "national-large-instruments"
    code = "0201"
    name_zh = "力学性能测试仪器"
    name_en = "Mechanical testing"


class InstrumentFactory(factory.django.DjangoModelFactory):
    """
    A published instrument of 300 yuan an hour, booked on a grid of 30 minutes, calibrated in 2025 to 2028.

    `tariff__...`, `policy__...` and `calibration__...` change its price list, booking policy and certificate;
    `calibration=False` leaves it without one, `published=False` out of the catalogue, `open_time=False` without open
    time, and an instant given as `open_time` builds it as of then. It has operators of its own who keep the lab's
    hours, more than can be needed at once; `operator=False` leaves it without, an `Operator` given is the only one.
    """

    class Meta:
        model = Instrument
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"T-{n:04d}")
    lab = factory.SubFactory(LabFactory)
    category = factory.SubFactory(CategoryFactory)
    name_zh = "电子万能试验机"
    name_en = "Universal testing machine"
    model = factory.LazyAttribute(lambda made: f"示例型号 {made.code}")
    rental_mode = Instrument.RentalMode.BOTH

    @factory.post_generation
    def published(self: Instrument, create: bool, extracted: bool | None, **_: Any) -> None:
        if create:
            Offering.objects.create(
                code=f"RENT-{self.code}",
                lab=self.lab,
                kind=Offering.Kind.RENTAL,
                instrument=self,
                name_zh=self.name_zh,
                name_en=self.name_en,
                state=Offering.State.DRAFT if extracted is False else Offering.State.PUBLISHED,
            )

    @factory.post_generation
    def tariff(self: Instrument, create: bool, extracted: bool | None, **changed: Any) -> None:
        if create and extracted is not False:
            TariffFactory(instrument=self, **changed)

    @factory.post_generation
    def policy(self: Instrument, create: bool, extracted: bool | None, **changed: Any) -> None:
        if create and extracted is not False:
            BookingPolicyFactory(instrument=self, **changed)

    @factory.post_generation
    def calibration(self: Instrument, create: bool, extracted: bool | None, **changed: Any) -> None:
        if create and extracted is not False:
            CalibrationRecordFactory(instrument=self, **changed)

    @factory.post_generation
    def operator(self: Instrument, create: bool, extracted: Operator | bool | None, **_: Any) -> None:
        if create and extracted is not False:
            given = [extracted] if isinstance(extracted, Operator) else None
            built = OperatorFactory.build_batch(2 * self.capacity + 1, lab=self.lab)
            OperatorQualification.objects.bulk_create(
                OperatorQualification(operator=who, instrument=self, valid_to=date(2028, 12, 31))
                for who in given or Operator.objects.bulk_create(built)
            )

    @factory.post_generation
    def open_time(self: Instrument, create: bool, extracted: datetime | bool | None, **_: Any) -> None:
        if create and extracted is not False:
            rebuild_open_time([self], extracted if isinstance(extracted, datetime) else MONDAY_9)


class InstrumentPhotoFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = InstrumentPhoto

    instrument = factory.SubFactory(InstrumentFactory)
    position = factory.Sequence(lambda n: n)
    file = "instruments/2026/example.png"


class ParameterFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Parameter

    instrument = factory.SubFactory(InstrumentFactory)
    position = factory.Sequence(lambda n: n)
    name_zh = "力值"
    name_en = "Force"
    range = "0.2–100"
    unit = "kN"
    accuracy = "±0.5 %"


class CapabilityFactory(factory.django.DjangoModelFactory):
    """A force of 0.2 to 100 kN, to ±0.5 %; what compares is worked out when it is saved."""

    class Meta:
        model = Capability

    instrument = factory.SubFactory(InstrumentFactory)
    quantity = "force"
    stated_low = Decimal("0.2")
    stated_high = Decimal(100)
    unit = "kN"
    uncertainty = "±0.5 %"


class TariffFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Tariff

    instrument = factory.SubFactory(InstrumentFactory, tariff=False)
    version = 1
    valid_from = datetime(2025, 12, 31, 16, tzinfo=UTC)
    base_rate_fen_per_hour = 30_000
    billing_increment_min = 30


class BookingPolicyFactory(factory.django.DjangoModelFactory):
    """A grid of 30 minutes, up to eight hours at once, and as many hours a week as anybody likes."""

    class Meta:
        model = BookingPolicy

    instrument = factory.SubFactory(InstrumentFactory, policy=False)
    version = 1
    valid_from = datetime(2025, 12, 31, 16, tzinfo=UTC)
    slot_grid_min = 30
    min_minutes = 30
    max_minutes = 480
    week_max_minutes = None


class CalibrationRecordFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CalibrationRecord

    instrument = factory.SubFactory(InstrumentFactory, calibration=False)
    certificate_no = factory.Sequence(lambda n: f"示例校字第{n}号")
    method = "JJG 475-2008"
    issued_by_zh = "示例计量院"
    calibrated_on = date(2025, 1, 1)
    valid_from = date(2025, 1, 1)
    valid_to = date(2028, 12, 31)


class StandardFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Standard
        django_get_or_create = ("number",)

    number = "GB/T 228.1-2021"
    title_zh = "金属材料 拉伸试验 第1部分:室温试验方法"
    title_en = "Metallic materials — tensile testing at room temperature"


class ServiceFactory(factory.django.DjangoModelFactory):
    """A published test; `instruments` and `standards` are lists."""

    class Meta:
        model = Offering
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"SV-{n:04d}")
    lab = factory.SubFactory(LabFactory)
    kind = Offering.Kind.TESTING
    name_zh = "金属室温拉伸"
    name_en = "Tensile test of metals"
    state = Offering.State.PUBLISHED
    price_unit_zh = "元/样"
    unit_price_fen = 15_000
    turnaround_workdays = 5

    @factory.post_generation
    def instruments(self: Offering, create: bool, extracted: Sequence[Instrument] | None, **_: Any) -> None:
        if create and extracted:
            self.instruments.set(extracted)

    @factory.post_generation
    def standards(self: Offering, create: bool, extracted: Sequence[Standard] | None, **_: Any) -> None:
        if create and extracted:
            self.standards.set(extracted)


class OperatorFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Operator

    code = factory.Sequence(lambda n: f"STAFF-{n}")
    lab = factory.SubFactory(LabFactory)
    name_zh = factory.Sequence(lambda n: f"示例工程师{n}")
    roles = [Operator.Role.OPERATOR]


class OperatorQualificationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OperatorQualification

    operator = factory.SubFactory(OperatorFactory)
    instrument = factory.SubFactory(InstrumentFactory)
    valid_to = date(2028, 12, 31)


class UserQualificationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = UserQualification

    user = factory.SubFactory(UserFactory)
    instrument = factory.SubFactory(InstrumentFactory)
    issued_on = date(2026, 1, 1)
    valid_to = date(2028, 12, 31)


class OutageFactory(factory.django.DjangoModelFactory):
    """A maintenance of an instrument on Monday from 10:00 to 11:00; the open time is rebuilt."""

    class Meta:
        model = Outage

    instrument = factory.SubFactory(InstrumentFactory)
    kind = Outage.Kind.MAINTENANCE
    period = (MONDAY_9 + timedelta(hours=1), MONDAY_9 + timedelta(hours=2))
    reason_zh = "更换夹具"
    reason_en = "New grips"

    @classmethod
    def _create(cls, model_class: type[Outage], *args: Any, **kwargs: Any) -> Outage:
        made = super()._create(model_class, *args, **kwargs)
        made.refresh_from_db(fields=["period"])
        rebuild_open_time([made.instrument] if made.instrument else made.lab.instruments.all(), MONDAY_9)
        return made
