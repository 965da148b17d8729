"""Which instruments fit what is asked, by the database, and why, in one statement."""

from decimal import Decimal

import pytest
from django.db import connection

from labs.capabilities import queries, rules, wording
from labs.models import Capability
from tests.factories.labs import CapabilityFactory, InstrumentFactory, ParameterFactory

pytestmark = pytest.mark.django_db


def quiet(**changed):
    """An instrument that nobody books."""
    return InstrumentFactory(tariff=False, policy=False, calibration=False, open_time=False, **changed)


def capability(**changed):
    return CapabilityFactory(instrument=quiet(), **changed)


def wanted(**asked):
    return rules.wish(**asked)


def found(wish):
    return set(queries.instruments_for(wish))


def test_a_capability_stated_in_newton_answers_who_asks_in_kilonewton():
    made = capability(stated_low=Decimal(200), stated_high=Decimal(100_000), unit="N")

    assert found(wanted(quantity="force", value="50", unit="kN")) == {made.instrument_id}
    assert found(wanted(quantity="force", value="101", unit="kN")) == set()


def test_a_capability_stated_in_micrometres_answers_who_asks_in_millimetres():
    made = capability(
        quantity="length", stated_low=Decimal(10), stated_high=Decimal(500), unit="µm", uncertainty="±2 µm"
    )

    assert found(wanted(value="0.05", unit="mm", uncertainty="0.003 mm")) == {made.instrument_id}
    assert found(wanted(value="0.05", unit="mm", uncertainty="0.001 mm")) == set()


def test_temperatures_are_points_of_the_scale_and_their_uncertainties_differences():
    made = capability(
        quantity="temperature", stated_low=Decimal(-70), stated_high=Decimal(150), unit="℃", uncertainty="±2 ℃"
    )

    assert made.si_range.lower == Decimal("203.15")
    assert made.best_uncertainty_si == Decimal(2)
    assert found(wanted(value="-40", value_to="150", unit="℃", uncertainty="2 ℃")) == {made.instrument_id}
    assert found(wanted(quantity="temperature", value="233.15", value_to="423.15", unit="K")) == {made.instrument_id}
    assert found(wanted(quantity="temperature", value="-94", unit="℉", uncertainty="3.6 ℉")) == {made.instrument_id}
    assert found(wanted(value="-71", unit="℃")) == set()


def test_both_ends_of_a_range_belong_to_it():
    made = capability()

    assert found(wanted(quantity="force", value="0.2", value_to="100", unit="kN")) == {made.instrument_id}


def test_a_range_may_be_open():
    made = capability(quantity="pressure", stated_low=None, stated_high=Decimal(125), unit="MPa", uncertainty="")

    assert found(wanted(value="1", unit="kPa")) == {made.instrument_id}
    assert found(wanted(value="126", unit="MPa")) == set()


def test_an_expression_is_judged_at_the_value_asked():
    made = capability(
        quantity="length", stated_low=Decimal(0), stated_high=Decimal(1000), unit="mm", uncertainty="±(1.9+L/300) µm"
    )

    assert found(wanted(value="300", unit="mm", uncertainty="2.9 µm")) == {made.instrument_id}
    assert found(wanted(value="600", unit="mm", uncertainty="2.9 µm")) == set()


def test_a_root_of_squares_is_judged_at_the_value_asked_and_sorted_by_its_value():
    """As scopes of calibration state it: 0.5 µm at nothing, 1.12 µm at 300 mm, 2.06 µm at 600 mm."""
    root, line = (
        capability(
            quantity="length", stated_low=Decimal(0), stated_high=Decimal(1000), unit="mm", uncertainty=said
        ).instrument_id
        for said in ("U=sqrt(0.5^2+(L/300)^2) µm (k=2)", "U=(0.5+L/300) µm (k=2)")
    )

    assert found(wanted(value="300", unit="mm", uncertainty="1.2 µm")) == {root}
    assert found(wanted(value="300", unit="mm", uncertainty="1.1 µm")) == set()
    assert found(wanted(value="300", value_to="600", unit="mm", uncertainty="2.07 µm")) == {root}
    assert found(wanted(value="600", unit="mm", uncertainty="2.06 µm")) == set()
    ordered = Capability.objects.annotate(
        sure=queries.uncertainty_for(wanted(value="400", unit="mm"), instrument="instrument_id")
    )
    assert list(ordered.order_by("sure").values_list("instrument_id", flat=True)) == [root, line]


def test_what_states_no_uncertainty_that_compares_fits_only_who_asks_for_none():
    made = capability(uncertainty="0.5级")

    assert made.best_uncertainty_si is None
    assert found(wanted(quantity="force", value="50", unit="kN")) == {made.instrument_id}
    assert found(wanted(quantity="force", value="50", unit="kN", uncertainty="50 %")) == set()


@pytest.mark.parametrize("rows", [1, 3])
def test_why_each_fits_comes_in_one_statement(rows, django_assert_num_queries):
    instruments = [quiet() for _ in range(rows)]
    for instrument in instruments:
        CapabilityFactory(instrument=instrument, parameter=ParameterFactory(instrument=instrument))
    wish = wanted(quantity="force", value="50", unit="kN", uncertainty="1 %")

    with django_assert_num_queries(1):
        fits = queries.fits([instrument.pk for instrument in instruments], wish)

    assert {key: fit.ratio for key, fit in fits.items()} == {instrument.pk: Decimal(2) for instrument in instruments}
    assert all(wording.why(fit) for fit in fits.values())


def test_nothing_is_asked_of_the_database_for_no_instrument(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert queries.fits([], wanted(quantity="force", value="50", unit="kN")) == {}


def test_of_several_capabilities_the_one_that_fits_best_is_told():
    instrument = quiet()
    for uncertainty in ("±1 %", "±0.5 %", "0.5级"):
        CapabilityFactory(instrument=instrument, uncertainty=uncertainty)

    fits = queries.fits([instrument.pk], wanted(quantity="force", value="50", unit="kN"))

    assert fits[instrument.pk].capable.stated_uncertainty == "±0.5 %"


def test_instruments_are_sorted_by_how_surely_they_measure_what_is_asked():
    worse, better = (capability(uncertainty=said).instrument_id for said in ("±1 %", "±0.5 %"))
    wish = wanted(quantity="force", value="50", unit="kN")

    ordered = Capability.objects.annotate(sure=queries.uncertainty_for(wish, instrument="instrument_id"))

    assert list(ordered.order_by("sure").values_list("instrument_id", "sure")) == [
        (better, Decimal(250)),
        (worse, Decimal(500)),
    ]


def test_the_database_and_the_rule_say_the_same():
    for low, high, said in (
        (0, 1000, "±(1.9+L/300) µm"),
        (10, 500, "0.03 µm+0.5×10⁻⁶L (k=3)"),
        (0, 700, "±0.1 %"),
        (0, 1000, "U=sqrt(0.5^2+(L/300)^2) µm"),
    ):
        capability(quantity="length", stated_low=Decimal(low), stated_high=Decimal(high), unit="mm", uncertainty=said)
    everything = {row.instrument_id: row.capable for row in Capability.objects.select_related("parameter")}

    for value in ("1", "10", "300", "600", "1000"):
        for uncertainty in ("", "1 µm", "2.9 µm", "0.1 %", "0.1 µm (k=3)"):
            last = "700" if value in {"1", "10"} else value
            wish = wanted(value=value, value_to=last, unit="mm", uncertainty=uncertainty)
            by_rule = {key for key, capable in everything.items() if isinstance(rules.fit(capable, wish), rules.Fit)}
            assert found(wish) == by_rule, wish


def test_the_range_is_found_by_its_index():
    capability()
    wish = wanted(quantity="force", value="50", unit="kN", uncertainty="1 %")

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = queries.instruments_for(wish).explain()

    assert "capability_by_range" in plan
