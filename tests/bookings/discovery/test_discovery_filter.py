"""What the catalogue can be asked beside words and facets, the same of pages and programs."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict

from accounts.models import Membership
from billing.pricing import rules as pricing
from bookings.availability import queries as availability
from bookings.discovery import sorting
from bookings.discovery.filters import DiscoveryFilter, DiscoveryInstrumentFilter
from bookings.discovery.queries.cards import cards, standard_price
from bookings.discovery.wishes import Origin
from kernel.money import Money
from kernel.periods import Period
from labs.models import Instrument, Offering
from tests.factories.accounts import DistrictFactory
from tests.factories.bookings import MONDAY_9, buyer
from tests.factories.labs import CapabilityFactory, InstrumentFactory, LabFactory, ServiceFactory, StandardFactory

pytestmark = pytest.mark.django_db


def asked(query: str, *, member: Membership | None = None, of: type = DiscoveryFilter) -> Any:
    model = Instrument if of is DiscoveryInstrumentFilter else Offering
    return of(QueryDict(query), queryset=model.objects.published(), on=date(2026, 11, 23), now=MONDAY_9, member=member)


def codes(query: str, **how: Any) -> list[str]:
    return [found.code.removeprefix("RENT-") for found in asked(query, **how).qs]


@pytest.fixture
def machines() -> dict[str, Instrument]:
    """A: 0.2 to 100 kN, ±0.5 %, with a test; B: 1 to 300 N, ±1 %; C measures a length."""
    a, b, c = (InstrumentFactory(code=code) for code in "ABC")
    CapabilityFactory(
        instrument=a, quantity="force", stated_low=Decimal("0.2"), stated_high=100, unit="kN", uncertainty="±0.5 %"
    )
    CapabilityFactory(instrument=b, quantity="force", stated_low=1, stated_high=300, unit="N", uncertainty="±1 %")
    CapabilityFactory(instrument=c, quantity="length", stated_low=0, stated_high=150, unit="mm", uncertainty="±0.03 mm")
    ServiceFactory(code="TEST", lab=a.lab, instruments=[a], standards=[StandardFactory()])
    return {"A": a, "B": b, "C": c}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("quantity=force&value=50&unit=kN", {"A", "TEST"}),
        ("value=50 kN", {"A", "TEST"}),
        ("value=50000&unit=N", {"A", "TEST"}),
        ("quantity=force&value=250&unit=N", {"A", "B", "TEST"}),
        ("quantity=force&value=250&unit=N&uncertainty=0.5 %25", {"A", "TEST"}),
        ("quantity=force&value=50&value_to=120&unit=kN", set()),
        ("quantity=force", {"A", "B", "TEST"}),
        ("value=0.05&unit=mm", {"C"}),
        ("value=50 kN&kind=rental", {"A"}),
        ("value=50 kN&standard=GB/T 228.1", {"A", "TEST"}),
    ],
)
def test_capability_narrows_instruments_and_the_services_done_on_them(
    query: str, found: set[str], machines: dict[str, Instrument]
) -> None:
    assert set(codes(query)) == found
    if "kind" not in query:
        assert set(codes(query, of=DiscoveryInstrumentFilter)) == found - {"TEST"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("value=abc&unit=kN", "value"),
        ("value=5&unit=florps", "unit"),
        ("quantity=force&value=5&unit=mm", "unit"),
        ("value=50&value_to=5&unit=kN", "value_to"),
        ("value=5&unit=kN&uncertainty=good", "uncertainty"),
        ("quantity=beauty", "quantity"),
        ("free_from=soon", "free_from"),
        ("free_from=2026-11-25T09:00&minutes=60", "free_to"),
        ("free_to=2026-11-25T09:00&minutes=60", "free_from"),
        ("free_from=2026-11-25T09:00&free_to=2026-11-25T12:00", "minutes"),
        ("free_from=2026-11-25T09:00&free_to=2026-11-25T10:00&minutes=90", "free_to"),
        ("free_from=2026-11-25&free_to=2027-11-25&minutes=60", "free_to"),
        ("minutes=0", "minutes"),
        ("mode=drunk", "mode"),
        ("price_to=cheap", "price_to"),
        ("price_from=-1", "price_from"),
        ("turnaround=soon", "turnaround"),
        ("accredited_on=yesterday", "accredited_on"),
        ("near=91,0", "near"),
        ("near=home", "near"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_field_and_narrows_nothing(
    query: str, field: str, machines: dict[str, Instrument], client: Any, api_as: Any, clock: Any
) -> None:
    found = asked(query)

    assert (list(found.form.errors), found.refused) == ([field], True)
    assert len(found.qs) == 4
    page = client.get(f"/catalogue/?{query}")
    assert page.status_code == 422
    assert f'id="id_{field}_error"' in page.content.decode() or field == "near"
    answer = api_as().get(f"/api/v1/instruments/?{query}" if field != "turnaround" else f"/api/v1/services/?{query}")
    assert (answer.status_code, [wrong["field"] for wrong in answer.json()["errors"]]) == (400, [field])


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-25", datetime(2026, 11, 24, 16, tzinfo=UTC)),
        ("2026-11-25T09:00", datetime(2026, 11, 25, 1, tzinfo=UTC)),
        ("2026-11-25 09:00", datetime(2026, 11, 25, 1, tzinfo=UTC)),
        ("2026-11-25T09:00:00%2B02:00", datetime(2026, 11, 25, 7, tzinfo=UTC)),
        ("2026-11-25T09:00:00+02:00", datetime(2026, 11, 25, 7, tzinfo=UTC)),
        ("2026-11-25T09:00Z", datetime(2026, 11, 25, 9, tzinfo=UTC)),
    ],
)
def test_times_are_the_citys_unless_they_say_otherwise(text: str, instant: datetime) -> None:
    free = asked(f"free_from={text}&free_to=2026-11-26&minutes=60").free

    assert free.within == Period(instant, datetime(2026, 11, 26, 16, tzinfo=UTC))  # the day it ends on is included


def test_the_mode_of_use_narrows_by_itself_too() -> None:
    InstrumentFactory(code="ALONE", rental_mode="self")
    InstrumentFactory(code="BOTH", rental_mode="both")

    assert codes("mode=assisted") == ["BOTH"]
    assert sorted(codes("mode=self")) == ["ALONE", "BOTH"]


def test_price_narrows_by_what_the_card_says_it_costs_from() -> None:
    night = {"name": "night", "start": "22:00", "end": "08:00", "day_types": ["workday"], "rate_bp": 5000}
    InstrumentFactory(code="A", tariff__base_rate_fen_per_hour=30_000, tariff__bands=[night])
    InstrumentFactory(code="B", tariff__base_rate_fen_per_hour=16_000)
    ServiceFactory(code="S", unit_price_fen=15_000)

    assert sorted(codes("price_to=150")) == ["A", "S"]
    assert sorted(codes("price_from=150.01")) == ["B"]
    assert sorted(codes("price_from=100&price_to=160")) == ["A", "B", "S"]


def test_the_price_of_a_use_is_sorted_as_it_is_reckoned() -> None:
    dear = InstrumentFactory(
        code="DEAR",
        tariff__base_rate_fen_per_hour=10_001,
        tariff__billing_increment_min=60,
        tariff__setup_fee_fen=3_333,
    )
    cheap = InstrumentFactory(code="CHEAP", tariff__base_rate_fen_per_hour=10_001, tariff__sme_discount_bp=3_333)
    floor = InstrumentFactory(
        code="FLOOR", tariff__base_rate_fen_per_hour=100, tariff__min_charge_fen=20_000, tariff__sme_discount_bp=500
    )
    assisted = InstrumentFactory(
        code="ASSISTED",
        rental_mode="assisted",
        tariff__operator_fee_fen_per_hour=7_777,
        tariff__min_billable_minutes=200,
    )
    sme = buyer(size="small", verification="verified")
    machines = [dear, cheap, floor, assisted]
    for member in (None, sme):
        for minutes in (30, 90, 100):
            for mode in ("", "assisted"):
                found = asked(f"sort=price&minutes={minutes}&mode={mode}", member=member)
                shown = cards(found.qs.select_related("lab", "instrument"), member=member, now=MONDAY_9, asked=found)
                told = [(card.offering.instrument_id, card.use_price.fen) for card in shown if card.use_price]
                by_sql = [(row.instrument_id, row.sort_by) for row in found.qs]
                assert told == by_sql
                assert [fen for _, fen in told] == sorted(fen for _, fen in told)
                assert len(told) == len(machines)


def test_the_price_of_a_card_is_the_pure_rule_without_bands() -> None:
    instrument = InstrumentFactory(tariff__base_rate_fen_per_hour=10_000, tariff__billing_increment_min=30)
    terms = availability.terms([instrument.pk], within=Period.starting(MONDAY_9, 60), member=None, now=MONDAY_9)

    assert standard_price(terms[instrument.pk], 75, None, MONDAY_9) == Money(15_000)
    assert pricing.rounded_up(75, 30) == 90


def test_distance_is_measured_over_the_earth_from_the_point_or_from_ones_district() -> None:
    huangpu = DistrictFactory(adcode="440112", name_zh="黄埔区", name_en="Huangpu", lat=23.1811, lon=113.4803)
    InstrumentFactory(code="FAR", lab=LabFactory(lat=22.80, lon=113.53))
    InstrumentFactory(code="NEAR", lab=LabFactory(lat=23.18, lon=113.48))
    InstrumentFactory(code="UNKNOWN", lab=LabFactory(lat=None, lon=None))
    member = buyer(district=huangpu)

    assert codes("sort=distance", member=member) == ["NEAR", "FAR", "UNKNOWN"]
    assert codes("sort=distance&near=22.8,113.53") == ["FAR", "NEAR", "UNKNOWN"]
    assert "distance" not in asked("").sorts
    row = asked("sort=distance&near=22.8,113.53").qs[1]
    assert row.sort_by == pytest.approx(sorting.distance_km(23.18, 113.48, Origin(22.8, 113.53)), abs=1e-6)
    # Guangzhou to Shenzhen, as atlases have it: 104 km.
    assert sorting.distance_km(23.1291, 113.2644, Origin(22.5431, 114.0579)) == pytest.approx(104, abs=1.5)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("sort=price", ["B", "A"]),
        ("sort=price&minutes=120&mode=assisted", ["B", "A"]),
        ("sort=distance&near=22.8,113.53", ["A", "B"]),
        ("sort=earliest", ["A", "B"]),
        ("sort=uncertainty&value=10 N", ["A", "B"]),
        ("sort=turnaround", ["A", "B"]),
        ("price_to=200", ["B"]),
        ("free_from=2026-11-24&free_to=2026-11-24&minutes=60&sort=price", ["B", "A"]),
        ("parameter=万能", ["A", "B"]),
    ],
)
def test_programs_sort_instruments_as_people_do(query: str, found: list[str], api_as: Any, clock: Any) -> None:
    a = InstrumentFactory(code="A", lab=LabFactory(lat=22.8, lon=113.53), tariff__base_rate_fen_per_hour=30_000)
    b = InstrumentFactory(code="B", lab=LabFactory(lat=23.5, lon=113.53), tariff__base_rate_fen_per_hour=10_000)
    CapabilityFactory(instrument=a, stated_low=1, unit="N", stated_high=300, uncertainty="±0.5 %")
    CapabilityFactory(instrument=b, stated_low=1, unit="N", stated_high=300, uncertainty="±1 %")

    answer = api_as().get(f"/api/v1/instruments/?{query}")

    assert (answer.status_code, [row["code"] for row in answer.json()["results"]]) == (200, found)


def test_programs_hear_why_an_instrument_fits(machines: dict[str, Instrument], api_as: Any, clock: Any) -> None:
    [row] = api_as().get("/api/v1/instruments/?value=50 kN").json()["results"]

    assert row["fits"]["en"][0].startswith("Covers 50 kN")
    assert row["fits"]["zh"]


def test_under_a_capability_the_surest_comes_first(machines: dict[str, Instrument]) -> None:
    assert codes("value=250&unit=N&quantity=force&sort=uncertainty&kind=rental") == ["A", "B"]
    assert "uncertainty" not in asked("").sorts


def test_the_quickest_report_comes_first_and_rentals_last(machines: dict[str, Instrument]) -> None:
    ServiceFactory(code="QUICK", turnaround_workdays=1)

    assert codes("sort=turnaround")[:2] == ["QUICK", "TEST"]
