"""BK-7 and BK-10 to BK-13, one rule at a time: conditions, operators, qualifications, quotas and the reserve."""

from datetime import timedelta

import pytest
from django.utils import translation

from bookings.availability import rules
from bookings.availability.rules import SELF, TRAINING, Facts, Operator, Quota
from kernel.periods import Period
from tests.bookings.availability.ruling import (
    NOBODY,
    NOW,
    OPEN,
    TUESDAY,
    at,
    facts,
    on,
    operator,
    policy,
    supply,
    told,
    wish,
)

# --- BK-7: one condition for all ------------------------------------------------------------------------------------


def running(*profiles: str) -> Facts:
    uses = tuple(
        rules.Use(on(TUESDAY, 8 + n, 10 + n), on(TUESDAY, 8 + n, 10 + n), 1, one, False)
        for n, one in enumerate(profiles)
    )
    return facts(shares_condition=True, supplies=(supply(capacity=9),), uses=uses)


JOIN = "Under the same condition (85°c / 85 %rh), or from 10:00 on."


@pytest.mark.parametrize(
    ("runs", "declares", "expected"),
    [
        (["85°c / 85 %rh"], "85℃  /  85 %RH", []),
        (["85°c / 85 %rh"], "60 °C", [("PROFILE_CONFLICT", JOIN)]),
        (["85°c / 85 %rh"], "", [("PROFILE_CONFLICT", JOIN)]),
        ([""], "60 °C", [("PROFILE_CONFLICT", "From 10:00 on.")]),
        (["cold", "warm"], "cold", [("PROFILE_CONFLICT", "From 11:00 on.")]),
        ([], "", []),
    ],
)  # fmt: skip
def test_bk_7_who_uses_it_at_the_same_time_declares_the_identical_condition(runs, declares, expected):
    assert told(running(*runs), wish(profile=declares)) == expected


def test_bk_7_buffers_may_overlap_and_so_may_touching_uses():
    cold = running("cold")

    assert told(cold, wish(10, 12, profile="warm")) == []


# --- BK-10: operators ------------------------------------------------------------------------------------------------


def test_bk_10_the_operator_with_the_fewest_minutes_that_day_is_assigned_then_the_first_code():
    yesterday, morning = on(23, 9, 17), on(TUESDAY, 13, 14)
    one, two, three = (operator(1, "OP-1", busy=[morning]), operator(2, "OP-3"), operator(3, "OP-2", busy=[yesterday]))

    assert facts(operators=(one, two, three)).operator_for(wish()) == 3
    assert facts(operators=(one, two)).operator_for(wish()) == 2
    assert facts(operators=(one,)).operator_for(wish()) == 1


def test_bk_10_who_operates_it_oneself_needs_nobody():
    assert told(facts(operators=()), wish(mode=SELF)) == []
    assert facts().operator_for(wish(mode=SELF)) is None


def test_bk_10_an_operator_is_there_for_the_buffers_too_as_far_as_the_lab_is_open():
    buffered = policy(pre_buffer_min=60, post_buffer_min=30)
    late = operator(works=(on(TUESDAY, 8.5, 11.5),))

    assert told(facts(policy=buffered, operators=(late,)), wish()) == []
    assert told(facts(policy=buffered, operators=(late,)), wish(9, 11.5)) == [NOBODY]
    assert [(want.period, want.usage) for want in facts(policy=buffered).wants(wish(9, 11))][1:] == [
        (on(TUESDAY, 8.5, 11.5), on(TUESDAY, 9, 11))
    ]


def test_bk_10_the_qualification_reaches_through_the_end_date():
    ends = at(25, 0)

    assert told(facts(operators=(operator(until=ends),)), wish()) == []
    assert told(facts(operators=(operator(until=ends),)), wish(day=25)) == [NOBODY]


def through_the_night(*operators: Operator) -> Facts:
    return facts(span_closed=True, policy=policy(max_minutes=2880), operators=operators)


def test_bk_10_of_an_unattended_run_the_operator_attends_both_ends_half_an_hour_each_side():
    night = wish(17, 24 + 9)
    run = through_the_night(operator())

    assert told(run, night) == []
    assert [(want.period, want.usage) for want in run.wants(night)][1:] == [
        (on(TUESDAY, 16.5, 17.5), on(TUESDAY, 17, 17.5)),
        (on(25, 8.5, 9.5), on(25, 8.5, 9)),
    ]


def test_bk_10_work_in_the_middle_of_an_unattended_run_does_not_matter_and_at_its_ends_it_does():
    night = wish(17, 24 + 9)

    assert told(through_the_night(operator(busy=[on(TUESDAY, 17.5, 18)])), night) == []
    assert [code for code, _ in told(through_the_night(operator(busy=[on(TUESDAY, 16, 17)])), night)] == [
        "NO_QUALIFIED_OPERATOR"
    ]


# --- BK-11: training -------------------------------------------------------------------------------------------------


def test_bk_11_a_qualification_that_ends_before_the_use_says_until_when_it_is_valid():
    own = facts(needs_qualification=True, qualified_until=at(TUESDAY, 0))

    with translation.override("en"):
        (refused,) = rules.refusals(own, wish(mode=SELF), NOW)
        assert str(refused) == "The qualification for 万能试验机 is valid until 2026-11-23."


def test_bk_11_a_training_slot_is_offered_where_training_is_needed_and_takes_an_operator():
    trained = facts(needs_qualification=True, modes=frozenset({SELF, TRAINING}))

    assert told(trained, wish(mode=TRAINING)) == []
    assert trained.operator_for(wish(mode=TRAINING)) == 1
    assert told(facts(), wish(mode=TRAINING)) == [
        ("MODE_NOT_OFFERED", "Offered: operated by yourself, with the lab's operator.")
    ]


# --- BK-12: quotas ---------------------------------------------------------------------------------------------------


def weekly(*spent: Period, hours: int = 10, **changed) -> Facts:
    always = (on(1, 0, 24 * 60),)
    return facts(
        **{"open": always, "policy": policy(week_max_minutes=60 * hours, max_minutes=2880)} | changed,
        quota=Quota(0, 10, 0, 3, spent),
    )


def test_bk_12_a_use_over_the_border_of_two_weeks_counts_in_each_with_its_part():
    """Sunday the 29th ends week 48 at midnight, on the lab's clock."""
    saturday = on(28, 9, 16)

    assert told(weekly(saturday), wish(21, 24 + 8, day=29)) == []
    assert told(weekly(saturday), wish(20.5, 24 + 8, day=29)) == [
        ("QUOTA_EXCEEDED", "At most 3 h in week 48, or another week.")
    ]
    assert told(weekly(on(30, 9, 12)), wish(23, 24 + 8, day=29)) == [
        ("QUOTA_EXCEEDED", "At most 7 h in week 49, or another week.")
    ]


def test_bk_12_unattended_runs_are_exempt():
    through = {"span_closed": True, "open": OPEN}

    assert told(weekly(hours=10, **through), wish(17, 24 + 9)) == []
    assert [code for code, _ in told(weekly(hours=7, **through), wish(9, 17))] == ["QUOTA_EXCEEDED"]


def test_bk_12_visitors_and_what_is_only_moved_have_no_quota_of_holds():
    assert told(facts(quota=None), wish()) == []
    assert told(facts(quota=Quota(3, 10, 3, None)), wish()) == []


# --- BK-13: the reserve for SMEs -------------------------------------------------------------------------------------


def reserved(*uses: rules.Use, bp: int = 4_000, capacity: int = 1, **changed) -> Facts:
    """Thursday is open 570 minutes; 60 % of that, rounded down, is 342."""
    plenty = supply(capacity=capacity)
    return facts(policy=policy(sme_reserve_bp=bp), supplies=(plenty,), uses=uses, **changed)


def use(day: int, start: float, end: float, units: int = 1, *, is_sme: bool = False) -> rules.Use:
    return rules.Use(on(day, start, end), on(day, start, end), units, "", is_sme)


def test_bk_13_others_than_smes_book_no_more_than_the_reserve_leaves_them_that_day():
    standing = use(26, 9, 11.5)

    assert told(reserved(standing), wish(12, 15, day=26)) == []
    assert told(reserved(standing), wish(12, 15.5, day=26)) == [
        ("SME_RESERVE", "From 2026-11-24 12:00 on, if it is still free then; or at most 3 h that day.")
    ]
    assert told(reserved(use(26, 9, 14.5)), wish(16, 17, day=26)) == [
        ("SME_RESERVE", "Choose another day, or book nearer to it, if it is still free then.")
    ]


def test_bk_13_units_count_and_so_does_only_what_starts_that_day_and_is_not_an_smes():
    of_smes = use(26, 9, 17, is_sme=True)
    day_before = use(25, 9, 17)

    assert told(reserved(of_smes, day_before, capacity=2), wish(9, 14.5, day=26, units=2)) == []
    assert [code for code, _ in told(reserved(use(26, 9, 10), capacity=2), wish(9, 14.5, day=26, units=2))] == [
        "SME_RESERVE"
    ]


def test_bk_13_the_floor_is_exact():
    """570 minutes less 3333 basis points are 380.019: 380 may be booked, and not a minute more."""
    assert told(reserved(bp=3_333), wish(9, 9 + 380 / 60, day=26)) == [("NOT_ON_SLOT_GRID", "End at 15:30.")]
    assert [code for code, _ in told(reserved(bp=3_333), wish(9, 9 + 381 / 60, day=26))] == [
        "NOT_ON_SLOT_GRID",
        "SME_RESERVE",
    ]


def test_bk_13_smes_may_book_it_and_everybody_from_48_hours_before_the_start():
    whole = wish(9, 17, day=26)

    assert told(reserved(is_sme=True), whole) == []
    assert told(reserved(), whole, at(TUESDAY, 9)) == []
    assert [code for code, _ in told(reserved(), whole, at(TUESDAY, 9) - timedelta(microseconds=1))] == ["SME_RESERVE"]
