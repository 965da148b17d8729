"""BK-6: capacity is a count; who sits where is settled so that the count alone refuses."""

from datetime import timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from bookings.schedule.rules import Share, arranged, has_room, most_at_once
from kernel.periods import Period
from tests.factories.labs import MONDAY_9


def at(start: float, end: float) -> Period:
    return Period(MONDAY_9 + timedelta(hours=start), MONDAY_9 + timedelta(hours=end))


def test_touching_periods_share_no_instant():
    assert most_at_once([at(0, 1), at(1, 2), at(0, 2)]) == 2
    assert most_at_once([]) == 0


def test_a_wish_fits_where_at_no_instant_too_many_units_are_taken():
    taken = [at(0, 2), at(1, 3), at(5, 6)]

    assert has_room(taken, at(2, 5), units=1, capacity=2)
    assert not has_room(taken, at(1, 2), units=1, capacity=2)
    assert has_room(taken, at(3, 5), units=2, capacity=2)
    assert not has_room(taken, at(3, 6), units=2, capacity=2)


def test_a_booking_is_not_refused_because_no_single_unit_is_free_throughout():
    taken = [Share(1, at(0, 1), 1), Share(2, at(1, 2), 2)]

    found = arranged([*taken, Share(3, at(0, 2), None)], capacity=2)

    assert found == {1: 1, 2: 1, 3: 2}


def test_who_has_begun_stays_and_who_need_not_move_stays_too():
    shares = [Share(1, at(0, 4), 2, is_fixed=True), Share(2, at(5, 6), 3), Share(3, at(1, 5), 1)]

    assert arranged([*shares, Share(4, at(1, 2), None)], capacity=3) == {1: 2, 2: 3, 3: 1, 4: 3}


def test_there_is_no_arrangement_where_an_instant_holds_more_than_there_are_units():
    assert arranged([Share(1, at(0, 2), 1), Share(2, at(1, 3), None)], capacity=1) is None


def test_who_sits_on_a_unit_that_is_no_more_is_in_nobodys_way_and_moves_in_where_there_is_room():
    fewer = [Share(1, at(5, 7), 1), Share(2, at(5, 7), 2), Share(3, at(4, 6), 3), Share(4, at(8, 9), 3)]
    split = [Share(5, at(0, 1), 1), Share(6, at(1, 2), 2)]

    found = arranged([*fewer, *split, Share(7, at(0, 2), None)], capacity=2)

    assert found == {1: 1, 2: 2, 3: 3, 4: 1, 5: 1, 6: 1, 7: 2}


periods = st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda pair: at(pair[0], pair[0] + pair[1]))


@given(st.lists(periods, max_size=30), st.integers(1, 4))
def test_whatever_comes_and_goes_the_count_alone_decides(wishes, capacity):
    standing: dict[int, Share] = {}
    for key, wish in enumerate(wishes):
        fits = has_room([one.period for one in standing.values()], wish, units=1, capacity=capacity)
        found = arranged([*standing.values(), Share(key, wish, None)], capacity=capacity)

        assert (found is not None) == fits
        if found is not None:
            standing = {
                one.key: Share(one.key, one.period, found[one.key])
                for one in (*standing.values(), Share(key, wish, None))
            }
            for unit in range(1, capacity + 1):
                assert most_at_once(one.period for one in standing.values() if one.unit == unit) <= 1
        if key % 5 == 4 and standing:
            standing.pop(min(standing))


@given(st.lists(periods, min_size=1, max_size=20), st.integers(1, 4), st.integers(0, 60))
def test_nobody_whose_use_has_begun_is_moved(wishes, capacity, now):
    assume(most_at_once(wishes) <= capacity)
    first = arranged([Share(key, wish, None) for key, wish in enumerate(wishes)], capacity=capacity)
    assert first is not None
    begun = at(now, now + 1).start
    again = arranged(
        [Share(key, wish, first[key], is_fixed=wish.start <= begun) for key, wish in enumerate(wishes)],
        capacity=capacity,
    )

    assert again is not None
    assert all(again[key] == first[key] for key, wish in enumerate(wishes) if wish.start <= begun)
