"""BK-8: who loses their place to an outage, and who keeps it."""

from hypothesis import given
from hypothesis import strategies as st

from bookings.foresight.rules.displacing import Claim, Loss, displaced
from bookings.schedule.rules import most_at_once
from kernel.periods import Period
from tests.factories.bookings import hours

MORNING = hours(0, 2)


def test_an_outage_of_all_units_displaces_whoever_it_touches_and_nobody_else() -> None:
    touched, touching = Claim(1, hours(1, 3), 1), Claim(2, hours(3, 4), 1)
    outage = Loss(7, hours(2, 3), None)

    assert displaced([touched, touching], [outage], capacity=1) == {1: outage}


def test_where_units_remain_those_who_came_first_keep_their_place() -> None:
    first, second, third = (Claim(key, MORNING, 1) for key in (1, 2, 3))
    outage = Loss(7, MORNING, 1)

    assert displaced([first, second, third], [outage], capacity=3) == {3: outage}


def test_a_booking_of_several_units_gives_way_to_a_later_one_that_still_fits() -> None:
    wide, narrow = Claim(1, MORNING, 3), Claim(2, MORNING, 1)
    outage = Loss(7, MORNING, 2)

    assert displaced([wide, narrow], [outage], capacity=4) == {1: outage}


def test_two_outages_of_some_units_add_up() -> None:
    only = Claim(1, MORNING, 1)
    losses = [Loss(7, hours(0, 1), 1), Loss(8, hours(0.5, 2), 1)]

    assert displaced([only], losses, capacity=2) == {1: losses[0]}
    assert displaced([only], losses, capacity=3) == {}


def test_whoever_is_using_it_stays_and_counts_and_is_named_where_an_outage_takes_their_place() -> None:
    using, coming = Claim(1, MORNING, 1, is_fixed=True), Claim(2, MORNING, 1)
    some, all_of_it = Loss(7, MORNING, 1), Loss(7, MORNING, None)

    assert displaced([using, coming], [some], capacity=2) == {2: some}
    assert displaced([using], [all_of_it], capacity=1) == {1: all_of_it}
    assert displaced([using, coming], [some, some], capacity=3) == {2: some}


stretches = st.builds(lambda start, length: hours(start, start + length), st.integers(0, 8), st.integers(1, 4))


@given(
    st.lists(st.tuples(stretches, st.integers(1, 3)), max_size=8),
    st.lists(st.tuples(stretches, st.integers(1, 3)), max_size=3),
)
def test_those_who_keep_their_place_always_fit_beside_what_is_out(
    wanted: list[tuple[Period, int]], out: list[tuple[Period, int]]
) -> None:
    capacity = 3
    claims: list[Claim] = []
    for key, (period, units) in enumerate(wanted):  # bookings as they may stand: never more than there are
        stands = [one.period for one in claims for _ in range(one.units)]
        if most_at_once([*stands, *[period] * units]) <= capacity:
            claims.append(Claim(key, period, units))
    losses = [Loss(key, period, units) for key, (period, units) in enumerate(out)]

    lost = displaced(claims, losses, capacity=capacity)

    kept = [claim for claim in claims if claim.key not in lost]
    for claim in kept:
        hits = [loss for loss in losses if loss.period.overlaps(claim.period)]
        if hits:
            around = [one.period for one in kept for _ in range(one.units)]
            around += [loss.period for loss in hits for _ in range(loss.units or 0)]
            clipped = [part for one in around if (part := one.clipped(claim.period))]
            assert most_at_once(clipped) <= capacity
    assert all(any(loss.period.overlaps(claim.period) for loss in losses) for claim in claims if claim.key in lost)
