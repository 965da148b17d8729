"""What the database keeps true about what exists, by the names of its constraints."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from psycopg.types.range import NumericRange, TimestamptzRange

from kernel.refusals import violated
from labs.models import (
    Accreditation,
    Capability,
    Cluster,
    DateException,
    HolidayDate,
    Offering,
    OfferingVersion,
    OpeningWindow,
    OpenTime,
    Outage,
    Parameter,
    Standard,
    Zone,
)
from tests.conftest import MONDAY_9
from tests.factories.labs import (
    AccreditationFactory,
    BookingPolicyFactory,
    CapabilityFactory,
    HonourFactory,
    InstrumentFactory,
    InstrumentPhotoFactory,
    LabFactory,
    MeasurementStandardFactory,
    OperatorFactory,
    OperatorQualificationFactory,
    RoomFactory,
    ScopeEntryFactory,
    ServiceFactory,
    StandardFactory,
    TariffFactory,
    UserQualificationFactory,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
AN_HOUR = TimestamptzRange(MONDAY_9, MONDAY_9 + HOUR)


def window(day=0, opens=540, closes=600, lab=None):
    return OpeningWindow.objects.create(
        lab=lab or LabFactory(weekly={}), day=day, opens_minute=opens, closes_minute=closes
    )


def twice(make):
    make()
    return make()


def overlapping_windows():
    lab = LabFactory(weekly={})
    window(lab=lab)
    window(lab=lab, opens=599, closes=700)


def ownerless(model, **values):
    return model.objects.create(lab=None, instrument=None, **values)


def owned_twice(model, **values):
    return model.objects.create(lab=LabFactory(), instrument=InstrumentFactory(), **values)


def replaced_by_itself():
    standard = StandardFactory()
    Standard.objects.filter(pk=standard.pk).update(superseded_by=standard)


def version_of(number):
    offering = Offering.objects.filter(code="SV-V").first() or ServiceFactory(code="SV-V")
    OfferingVersion.objects.create(
        offering=offering, version=number, state="published", snapshot={}, published_at=MONDAY_9
    )


BROKEN = {
    "lab_code_is_unique": lambda: twice(lambda: LabFactory(code="LAB-1")),
    "room_code_is_unique": lambda: twice(lambda: RoomFactory(code="RM-1")),
    "room_capacity_is_at_least_one": lambda: RoomFactory(capacity=0),
    "instrument_code_is_unique": lambda: twice(lambda: InstrumentFactory(code="T-1", published=False)),
    "instrument_capacity_is_at_least_one": lambda: InstrumentFactory(capacity=0),
    "instrument_value_is_not_negative": lambda: InstrumentFactory(original_value_fen=-1),
    "parameter_position_is_unique": lambda: Parameter.objects.bulk_create(
        [Parameter(instrument=InstrumentFactory(), position=0, name_zh="力值")] * 2
    ),
    "standard_number_key_is_unique": lambda: (
        StandardFactory(number="GB/T 1-2021"),
        StandardFactory(number="GBT 1-2021"),
    ),
    "offering_code_is_unique": lambda: twice(lambda: ServiceFactory(code="SV-1")),
    "offering_of_rental_has_its_instrument": lambda: ServiceFactory(kind=Offering.Kind.RENTAL),
    "offering_price_is_not_negative": lambda: ServiceFactory(unit_price_fen=-1),
    "offering_least_quantity_is_at_least_one": lambda: ServiceFactory(min_qty=0),
    "accreditation_ends_after_it_begins": lambda: Accreditation.objects.create(
        lab=LabFactory(), kind="CMA", number="1", valid_from=date(2026, 2, 1), valid_to=date(2026, 1, 31)
    ),
    "accreditation_is_unique": lambda: (
        made := AccreditationFactory(),
        AccreditationFactory(lab=made.lab, number=made.number),
    ),
    "zone_code_is_unique": lambda: twice(lambda: Zone.objects.create(code="z", name_zh="科学城")),
    "cluster_code_is_unique": lambda: twice(lambda: Cluster.objects.create(code="c", name_zh="化妆品")),
    "scope_entry_is_unique": lambda: (
        made := ScopeEntryFactory(standard=None),
        ScopeEntryFactory(accreditation=made.accreditation, standard=None),
    ),
    "scope_entry_ends_after_it_begins": lambda: ScopeEntryFactory(valid_to=date(2024, 12, 31)),
    "scope_entry_coverage_factor_is_positive": lambda: ScopeEntryFactory(coverage_factor=0),
    "measurement_standard_certificate_is_unique": lambda: twice(lambda: MeasurementStandardFactory(certificate_no="1")),
    "measurement_standard_ends_after_it_begins": lambda: MeasurementStandardFactory(valid_to=date(2024, 12, 31)),
    "honour_is_unique": lambda: (made := HonourFactory(), HonourFactory(lab=made.lab, name_zh=made.name_zh)),
    "honour_ends_after_it_begins": lambda: HonourFactory(valid_to=date(2024, 12, 31)),
    "standard_does_not_replace_itself": replaced_by_itself,
    "photo_position_is_unique": lambda: (
        made := InstrumentPhotoFactory(),
        InstrumentPhotoFactory(instrument=made.instrument, position=made.position),
    ),
    "offering_fees_are_not_negative": lambda: ServiceFactory(trip_fee_fen=-1),
    "offering_compulsory_verification_is_free": lambda: ServiceFactory(
        kind=Offering.Kind.VERIFICATION, mandatory=True, unit_price_fen=1
    ),
    "offering_version_is_unique": lambda: twice(lambda: version_of(1)),
    "offering_version_counts_from_one": lambda: version_of(0),
    "capability_range_is_not_empty": lambda: Capability.objects.filter(pk=CapabilityFactory().pk).update(
        si_range=NumericRange(empty=True)
    ),
    "capability_has_a_bound": lambda: Capability.objects.filter(pk=CapabilityFactory().pk).update(
        stated_low=None, stated_high=None
    ),
    "capability_coverage_factor_is_positive": lambda: Capability.objects.filter(pk=CapabilityFactory().pk).update(
        coverage_factor=0
    ),
    "capability_uncertainty_is_whole": lambda: Capability.objects.filter(pk=CapabilityFactory().pk).update(
        uncertainty_share=None
    ),
    "holiday_date_is_unique": lambda: twice(
        lambda: HolidayDate.objects.create(date=date(2027, 1, 1), kind="holiday", name_zh="元旦")
    ),
    "opening_window_day_is_known": lambda: window(day=8),
    "opening_window_is_within_the_day": lambda: window(opens=600, closes=600),
    "opening_windows_do_not_overlap": overlapping_windows,
    "date_exception_is_of_a_lab_or_an_instrument": lambda: ownerless(DateException, date=date(2026, 11, 23)),
    "outage_is_of_a_lab_or_an_instrument": lambda: owned_twice(Outage, kind="closure", period=AN_HOUR),
    "outage_has_a_beginning_and_an_end": lambda: Outage.objects.create(
        lab=LabFactory(), kind="closure", period=TimestamptzRange(MONDAY_9, None)
    ),
    "outage_takes_at_least_one_unit": lambda: Outage.objects.create(
        instrument=InstrumentFactory(), kind="closure", period=AN_HOUR, units=0
    ),
    "open_time_has_a_horizon": lambda: OpenTime.objects.create(
        instrument=InstrumentFactory(open_time=False),
        open=[],
        blocked=[],
        calibrated=[],
        horizon_from=date(2026, 11, 23),
        horizon_to=date(2026, 11, 23),
        built_at=MONDAY_9,
    ),
    "operator_code_is_unique": lambda: twice(lambda: OperatorFactory(code="OP-1")),
    "operator_qualification_is_unique": lambda: (
        made := OperatorQualificationFactory(),
        OperatorQualificationFactory(operator=made.operator, instrument=made.instrument),
    ),
    "user_qualification_is_unique": lambda: (
        made := UserQualificationFactory(),
        UserQualificationFactory(user=made.user, instrument=made.instrument),
    ),
    "user_qualification_ends_after_it_begins": lambda: UserQualificationFactory(valid_to=date(2025, 12, 31)),
    "tariff_version_is_unique": lambda: TariffFactory(instrument=InstrumentFactory()),
    "tariff_amounts_are_not_negative": lambda: TariffFactory(base_rate_fen_per_hour=-1),
    "tariff_increment_is_a_minute": lambda: TariffFactory(billing_increment_min=0),
    "tariff_discount_is_at_most_the_whole": lambda: TariffFactory(sme_discount_bp=10_001),
    "booking_policy_version_is_unique": lambda: BookingPolicyFactory(instrument=InstrumentFactory()),
    "booking_policy_grid_is_within_a_day": lambda: BookingPolicyFactory(slot_grid_min=0),
    "booking_policy_longest_is_not_below_shortest": lambda: BookingPolicyFactory(min_minutes=60, max_minutes=30),
    "booking_policy_reserve_is_at_most_the_whole": lambda: BookingPolicyFactory(sme_reserve_bp=10_001),
    "booking_policy_hold_is_a_minute": lambda: BookingPolicyFactory(hold_minutes=0),
}


@pytest.mark.parametrize("constraint", BROKEN)
def test_the_database_refuses_what_must_never_be(constraint):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        BROKEN[constraint]()

    assert violated(refused.value) == constraint


def test_an_outage_cannot_be_empty():
    instrument = InstrumentFactory()

    with (
        pytest.raises(IntegrityError) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO labs_outage (instrument_id, kind, period, reason_zh, reason_en)"
            " VALUES (%s, 'closure', 'empty', '', '')",
            [instrument.pk],
        )

    assert violated(refused.value) == "outage_has_a_beginning_and_an_end"


def test_windows_may_touch_and_reach_midnight():
    lab = LabFactory(weekly={})

    window(lab=lab, opens=0, closes=600)
    window(lab=lab, opens=600, closes=1440)

    assert OpeningWindow.objects.filter(lab=lab).count() == 2


def test_the_tariff_in_force_is_the_last_that_has_begun():
    instrument = InstrumentFactory()
    later = datetime(2026, 12, 1, tzinfo=UTC)
    second = TariffFactory(instrument=instrument, version=2, valid_from=later)

    assert instrument.tariffs.in_force(later).get() == second
    assert instrument.tariffs.in_force(later - HOUR).get().version == 1
