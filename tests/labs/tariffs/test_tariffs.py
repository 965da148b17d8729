"""Prices and terms come in versions, and are checked field by field."""

from datetime import timedelta

import pytest

from audit.models import AuditEvent
from labs.models import BookingPolicy, Instrument, Tariff
from labs.tariffs import operations as tariffs
from labs.tariffs.models import default_ladder
from labs.tariffs.queries import policy_in_force, tariff_in_force, with_price_from
from labs.tariffs.rules import band_problem, ladder_problem
from tests.conftest import MONDAY_9
from tests.factories.accounts import LabMembershipFactory
from tests.factories.labs import InstrumentFactory, TariffFactory

LATER = MONDAY_9 + timedelta(days=7)
NIGHT = {
    "name": "night",
    "name_zh": "夜间优惠",
    "start": "22:00",
    "end": "08:00",
    "day_types": ["workday", "restday", "holiday"],
    "rate_bp": 6000,
}


@pytest.mark.parametrize(
    ("bands", "path"),
    [
        ([], ""),
        ([NIGHT], ""),
        (None, "bands"),
        ({}, "bands"),
        (["night"], "bands.0"),
        ([NIGHT, {**NIGHT, "name": ""}], "bands.1.name"),
        ([{**NIGHT, "name_zh": 5}], "bands.0.name_zh"),
        ([{**NIGHT, "start": "8:00"}], "bands.0.start"),
        ([{**NIGHT, "end": "24:00"}], "bands.0.end"),
        ([{**NIGHT, "day_types": []}], "bands.0.day_types"),
        ([{**NIGHT, "day_types": ["sunday"]}], "bands.0.day_types"),
        ([{**NIGHT, "rate_bp": 0.6}], "bands.0.rate_bp"),
        ([{**NIGHT, "rate_bp": -1}], "bands.0.rate_bp"),
        ([{**NIGHT, "rate_bp": True}], "bands.0.rate_bp"),
        ([{key: value for key, value in NIGHT.items() if key != "rate_bp"}], "bands.0.rate_bp"),
    ],
)
def test_hour_bands_are_checked_field_by_field(bands, path):
    assert band_problem(bands) == path


@pytest.mark.parametrize(
    ("ladder", "path"),
    [
        (default_ladder(), ""),
        ([{"min_notice_hours": 0, "fee_bp": 0}], ""),
        ([], "cancellation"),
        ("free", "cancellation"),
        ([5], "cancellation.0"),
        ([{"min_notice_hours": 24, "fee_bp": 0}], "cancellation.0.min_notice_hours"),
        (
            [{"min_notice_hours": 24, "fee_bp": 0}, {"min_notice_hours": 24, "fee_bp": 1}],
            "cancellation.1.min_notice_hours",
        ),
        ([{"min_notice_hours": 24, "fee_bp": 5000}, {"min_notice_hours": 0, "fee_bp": 1}], "cancellation.1.fee_bp"),
        ([{"min_notice_hours": 0, "fee_bp": 10_001}], "cancellation.0.fee_bp"),
    ],
)
def test_a_cancellation_ladder_goes_down_in_notice_and_up_in_fee(ladder, path):
    assert ladder_problem(ladder) == path


@pytest.mark.django_db
def test_a_new_price_list_is_a_new_version_and_the_old_one_holds_until_then():
    instrument, member = InstrumentFactory(), LabMembershipFactory()

    made = tariffs.publish_tariff(
        instrument=instrument, valid_from=LATER, by=member, now=MONDAY_9, base_rate_fen_per_hour=40_000, bands=[NIGHT]
    )

    assert made.version == 2
    assert tariff_in_force(instrument, LATER) == made
    assert tariff_in_force(instrument, LATER - timedelta(seconds=1)).base_rate_fen_per_hour == 30_000
    assert AuditEvent.objects.get(name="tariff_published").facts == {
        "tariff_id": made.pk,
        "instrument_id": instrument.pk,
        "version": 2,
        "valid_from": LATER.isoformat(),
    }


@pytest.mark.django_db
def test_new_terms_are_a_new_version():
    instrument = InstrumentFactory()

    made = tariffs.publish_policy(
        instrument=instrument, valid_from=LATER, by=None, now=MONDAY_9, min_minutes=60, max_minutes=120
    )

    assert (made.version, made.cancellation) == (2, default_ladder())
    assert policy_in_force(instrument, LATER) == made
    assert policy_in_force(instrument, MONDAY_9).version == 1
    assert AuditEvent.objects.get(name="booking_policy_published").facts["version"] == 2


@pytest.mark.django_db
def test_terms_that_cannot_be_used_are_refused_by_field():
    given = {"instrument": InstrumentFactory(), "valid_from": LATER, "by": None, "now": MONDAY_9}
    wrong_tariffs = [
        ({"base_rate_fen_per_hour": 1, "bands": [{**NIGHT, "start": "late"}]}, "bands.0.start"),
        ({"base_rate_fen_per_hour": -1}, "base_rate_fen_per_hour"),
        ({"base_rate_fen_per_hour": 1, "billing_increment_min": 0}, "billing_increment_min"),
        ({"base_rate_fen_per_hour": 1, "bill_mode": "guessed"}, "bill_mode"),
        ({"base_rate_fen_per_hour": 1, "sme_discount_bp": 10_001}, "sme_discount_bp"),
    ]
    wrong_policies = [
        ({"cancellation": []}, "cancellation"),
        ({"min_minutes": 60, "max_minutes": 30}, "max_minutes"),
        ({"slot_grid_min": 0}, "slot_grid_min"),
        ({"sme_reserve_bp": 10_001}, "sme_reserve_bp"),
        ({"hold_minutes": 0}, "hold_minutes"),
    ]

    for publish, wrong in ((tariffs.publish_tariff, wrong_tariffs), (tariffs.publish_policy, wrong_policies)):
        for terms, field in wrong:
            with pytest.raises(tariffs.TermsInvalid) as refused:
                publish(**given, **terms)
            assert refused.value.facts == {"field": field}
    assert (Tariff.objects.count(), BookingPolicy.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_what_has_been_promised_keeps_its_terms():
    given = {"instrument": InstrumentFactory(), "valid_from": MONDAY_9 - timedelta(seconds=1), "by": None}

    with pytest.raises(tariffs.TermsInPast):
        tariffs.publish_tariff(**given, now=MONDAY_9, base_rate_fen_per_hour=1)
    with pytest.raises(tariffs.TermsInPast):
        tariffs.publish_policy(**given, now=MONDAY_9)


@pytest.mark.django_db
def test_the_price_from_is_that_of_the_cheapest_band_in_force(django_assert_num_queries):
    plain = InstrumentFactory()
    banded = InstrumentFactory(tariff__bands=[NIGHT, {**NIGHT, "name": "peak", "rate_bp": 15_000}])
    raised = InstrumentFactory()
    TariffFactory(instrument=raised, version=2, valid_from=MONDAY_9, base_rate_fen_per_hour=33_333)
    without = InstrumentFactory(tariff=False)

    with django_assert_num_queries(1):
        found = {row.pk: row.price_from for row in with_price_from(Instrument.objects.all(), MONDAY_9)}

    assert found == {plain.pk: 30_000, banded.pk: 18_000, raised.pk: 33_333, without.pk: None}
