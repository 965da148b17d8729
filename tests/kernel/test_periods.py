"""Periods: half-open, aware, UTC inside."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.periods import Period, merged, without

NINE = datetime(2026, 11, 23, 1, tzinfo=UTC)


def hours(start: float, end: float) -> Period:
    return Period(NINE + timedelta(hours=start), NINE + timedelta(hours=end))


def test_a_period_is_utc_inside_whatever_zone_it_came_in():
    local = datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("Asia/Shanghai"))

    period = Period(local, local + timedelta(hours=1))

    assert (period.start.tzinfo, period.start) == (UTC, NINE)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (NINE.replace(tzinfo=None), NINE),
        (NINE, NINE.replace(tzinfo=None)),
        (NINE, NINE),
        (NINE, NINE - timedelta(seconds=1)),
    ],
)
def test_a_period_without_a_zone_or_without_a_length_is_none(start, end):
    with pytest.raises(ValueError, match="period"):
        Period(start, end)


def test_periods_that_touch_do_not_overlap_and_the_end_belongs_to_the_next():
    first, second = hours(0, 1), hours(1, 2)

    assert (first.overlaps(second), first.holds(second.start), second.holds(second.start)) == (False, False, True)


def test_periods_are_clipped_widened_and_contained():
    assert hours(0, 3).clipped(hours(2, 5)) == hours(2, 3)
    assert hours(0, 1).clipped(hours(1, 2)) is None
    assert hours(1, 2).widened(before=30, after=60) == hours(0.5, 3)
    assert hours(0, 3).contains(hours(0, 3))
    assert not hours(0, 3).contains(hours(0, 3.5))


spans = st.lists(
    st.tuples(st.integers(0, 48), st.integers(1, 12)).map(lambda span: hours(span[0] / 2, (span[0] + span[1]) / 2)),
    max_size=8,
)


def slots(periods: list[Period]) -> set[int]:
    """The half hours that the periods cover: a count that knows nothing of the algebra."""
    return {slot for slot in range(80) for period in periods if period.overlaps(hours(slot / 2, (slot + 1) / 2))}


@given(spans)
def test_merging_keeps_every_instant_and_leaves_gaps_between_all(periods):
    joined = merged(periods)

    assert slots(joined) == slots(periods)
    assert all(before.end < after.start for before, after in pairwise(joined))


@given(spans, spans)
def test_cutting_out_leaves_exactly_the_instants_that_were_not_taken(periods, taken):
    assert slots(without(periods, taken)) == slots(periods) - slots(taken)
