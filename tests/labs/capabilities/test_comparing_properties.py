"""What must hold of every comparison, whatever the numbers, units and uncertainties."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from labs.capabilities import rules
from labs.capabilities.quantities import QUANTITIES
from labs.capabilities.units import unit

PLAIN = sorted(code for code, each in QUANTITIES.items() if each.si not in {"K", "%", "%RH"})
quantities = st.sampled_from(PLAIN).map(QUANTITIES.__getitem__)
numbers = st.decimals(min_value=-10_000, max_value=10_000, places=3)
positive = st.decimals(min_value=Decimal("0.001"), max_value=1000, places=3)
shares = st.decimals(min_value=Decimal("0.001"), max_value=10, places=3).map(lambda share: f"{share} %")
factors = st.sampled_from([Decimal(each) for each in ("1", "1.65", "2", "2.58", "3")])


@st.composite
def ranges(draw, within=numbers):
    return tuple(sorted((draw(within), draw(within))))


def fits(capable, wish):
    return isinstance(rules.fit(capable, wish), rules.Fit)


@st.composite
def comparisons(draw):
    """A capability and a wish of one quantity, each with its unit, range and uncertainty."""
    quantity = draw(quantities)
    units = [draw(st.sampled_from(quantity.units)) for _ in range(2)]
    spans = [draw(ranges()) for _ in range(2)]
    said = [draw(st.one_of(shares, positive.map(str))) for _ in range(2)]
    capable = rules.capable(
        quantity=quantity.code, low=spans[0][0], high=spans[0][1], unit=units[0], uncertainty=said[0]
    )
    wish = rules.wish(
        quantity=quantity.code, value=spans[1][0], value_to=spans[1][1], unit=units[1], uncertainty=said[1]
    )
    return capable, wish


@st.composite
def fitting(draw):
    """A capability, and a wish within its range that asks for no more than it offers."""
    capable, _ = draw(comparisons())
    inside = st.decimals(min_value=capable.stated_low, max_value=capable.stated_high, places=3)
    low, high = (unit(capable.unit).si(end) for end in draw(ranges(inside)))
    needed = capable.uncertainty.times(draw(st.decimals(min_value=1, max_value=3, places=2)))
    return capable, rules.Wish(capable.quantity, low, high, capable.unit, needed)


@given(st.data(), quantities)
def test_the_same_quantity_in_another_unit_is_the_same_number(data, quantity):
    """No rest of a division is left: 3000 r/min and 50 r/s are one number."""
    one, other = (unit(data.draw(st.sampled_from(quantity.units))) for _ in range(2))
    value = data.draw(numbers)

    assert other.si(value * one.factor / other.factor) == one.si(value)
    assert one.of(one.si(value)) == value


@given(numbers)
def test_temperatures_are_the_same_on_every_scale(value):
    celsius, kelvin, fahrenheit = (unit(symbol) for symbol in ("℃", "K", "℉"))
    si = celsius.si(value)

    assert kelvin.si(value + Decimal("273.15")) == si
    assert fahrenheit.si(value * 9 / 5 + 32) == si
    assert fahrenheit.si_difference(value * 9 / 5) == celsius.si_difference(value) == value


@given(comparisons(), st.data())
def test_asking_in_another_unit_gives_the_same_answer(compared, data):
    capable, wish = compared
    asked, another = wish.its_unit, unit(data.draw(st.sampled_from(QUANTITIES[wish.quantity].units)))
    low, high = (asked.of(end) * asked.factor / another.factor for end in (wish.low, wish.high))
    again = rules.wish(quantity=wish.quantity, value=low, value_to=high, unit=another.symbol)

    assert (again.low, again.high) == (wish.low, wish.high)
    assert fits(capable, rules.Wish(wish.quantity, again.low, again.high, another.symbol, wish.uncertainty)) == fits(
        capable, wish
    )


@given(fitting(), st.data())
def test_what_fits_a_range_fits_every_part_of_it(compared, data):
    capable, wish = compared
    low, high = data.draw(ranges(st.decimals(min_value=wish.low, max_value=wish.high, allow_nan=False)))
    part = rules.Wish(wish.quantity, low, high, wish.unit, wish.uncertainty)

    assert fits(capable, wish)
    assert fits(capable, part)


@given(fitting(), positive)
def test_what_fits_still_fits_when_less_is_asked(compared, more):
    capable, wish = compared
    looser = rules.Wish(
        wish.quantity, wish.low, wish.high, wish.unit, wish.uncertainty.plus(rules.Line(more, Decimal(0)))
    )
    careless = rules.Wish(wish.quantity, wish.low, wish.high, wish.unit)

    assert fits(capable, looser)
    assert fits(capable, careless)


@given(fitting())
def test_what_fits_covers_each_end_and_is_sure_enough_there(compared):
    capable, wish = compared
    found = rules.fit(capable, wish)

    assert isinstance(found, rules.Fit)
    assert found.room_below >= 0
    assert found.room_above >= 0
    for value in (wish.low, wish.high, (wish.low + wish.high) / 2):
        assert capable.low <= value <= capable.high
        assert capable.uncertainty.at(value) <= rules.allowed(wish.uncertainty.at(value)) * (1 + Decimal("1e-20"))
    assert found.ratio is None or found.ratio >= 1 - Decimal("1e-11")


@given(positive, positive, st.tuples(positive, positive).map(sorted), st.tuples(positive, positive).map(sorted))
def test_a_root_fits_a_range_only_if_it_is_within_what_is_asked_everywhere(fixed, share, ends, asked):
    """It bends upwards below a straight line: if both ends are within, so is all between."""
    said = f"sqrt(({fixed} mm)^2+({share} ppm L)^2)"
    stated = rules.capable(quantity="length", low=Decimal(0), high=Decimal(9_999_999), unit="mm", uncertainty=said)
    needed = rules.Line(asked[0] / 1000, asked[1] / 1_000_000)
    low, high = (end * 1000 for end in ends)
    found = rules.fit(stated, rules.Wish("length", low / 1000, high / 1000, "mm", needed))

    assert stated.uncertainty.is_root
    if isinstance(found, rules.Fit):
        for part in range(11):
            at = (low + (high - low) * part / 10) / 1000
            assert stated.uncertainty.is_within(rules.allowed(needed.at(at)), at)
    else:
        assert found.why == "uncertainty"
    assert stated.best <= stated.uncertainty.at(Decimal(0)) <= stated.uncertainty.at(low) <= stated.uncertainty.at(high)


@given(comparisons(), factors)
def test_stating_and_asking_at_another_coverage_factor_changes_nothing(compared, k):
    """U grows with k on both sides: what is asked and offered at k is the same as at 2."""
    capable, _ = compared
    line = capable.uncertainty.times(k / 2)
    stated = rules.Uncertainty("U", k, line).normalised

    assert abs(stated.fixed - capable.uncertainty.fixed) <= capable.uncertainty.fixed * Decimal("1e-20")
    assert abs(stated.share - capable.uncertainty.share) <= capable.uncertainty.share * Decimal("1e-20")


@given(positive, factors, factors)
def test_an_expanded_uncertainty_scales_with_its_factor(share, one, other):
    def stated(k):
        text = f"U={share * k} % (k={k})"
        return rules.capable(quantity="force", low=Decimal(0), high=Decimal(1), unit="kN", uncertainty=text)

    difference = stated(one).uncertainty.share - stated(other).uncertainty.share
    assert abs(difference) <= stated(one).uncertainty.share * Decimal("1e-15")


@given(positive, positive, st.decimals(min_value=0, max_value=2000, places=1))
def test_an_expression_says_the_same_in_every_way_of_writing(fixed, divisor, length):
    """(a+L/b) µm with L in mm, and a µm + (1000/b) µm/m."""

    def at(text):
        return rules.capable(
            quantity="length", low=Decimal(0), high=Decimal(2000), unit="mm", uncertainty=text
        ).uncertainty.at(unit("mm").si(length))

    bracketed = at(f"±({fixed}+L/{divisor}) µm")

    assert abs(bracketed - at(f"±({fixed}+1.0L/{divisor}) µm (L in mm)")) < Decimal("1e-20")
    by_hand = (fixed + length / divisor) * Decimal("1e-6")
    assert abs(bracketed - by_hand) <= by_hand * Decimal("1e-12")


@given(st.text(max_size=40))
def test_no_text_whatever_makes_reading_fail(text):
    rules.understood(text)
    rules.unit(text)
    capable = rules.capable(quantity="length", low=Decimal(0), high=Decimal(1), unit="mm", uncertainty=text)

    assert capable.best is None or capable.best >= 0
