"""BK-1 to BK-16, one rule at a time: its code, its facts, and what would make it pass, in both languages."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from bookings.availability import rules
from bookings.availability.rules import ASSISTED, SELF, TRAINING, Facts, Operator, Policy, Quota, Supply, Taken, Wish
from kernel.periods import Period
from kernel.refusals import Refusal

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
"""Monday, 09:00 in Guangzhou."""


def at(day: int, clock: float) -> datetime:
    """An instant of November or (beyond the 30th) December 2026, on the lab's clock."""
    midnight = datetime(2026, 11, 1, tzinfo=ZONE) + timedelta(days=day - 1)
    return (midnight + timedelta(hours=clock)).astimezone(UTC)


def on(day: int, start: float, end: float) -> Period:
    return Period(at(day, start), at(day, end))


TUESDAY = 24
OPEN = tuple(on(day, 8.5, 18) for day in range(23, 28))
POLICY = Policy(30, 30, 480, 0, 0, 0, 60, False, 30)


def policy(**changed) -> Policy:
    return Policy(**{name: getattr(POLICY, name) for name in Policy.__slots__} | changed)


def operator(key: int = 1, code: str = "OP-1", *, works=None, busy=(), until=None) -> Operator:
    return Operator(key, code, 100 + key, until or at(60, 0), works, tuple(busy))


def facts(**changed) -> Facts:
    usual = {
        "instrument_id": 1,
        "instrument": "万能试验机",
        "is_bookable": True,
        "zone": ZONE,
        "policy": POLICY,
        "modes": frozenset({SELF, ASSISTED}),
        "span_closed": False,
        "unattended_buffers": True,
        "open": OPEN,
        "blocked": (),
        "calibrated": (on(1, 0, 24 * 60),),
        "calibrated_until": at(60, 0),
        "supplies": (Supply(1, False, 1, ()),),
        "operators": (operator(),),
        "organisation": "示例公司",
    }
    return Facts(**usual | changed)


def supply(*taken: Period, capacity: int = 1, is_room: bool = False, out=()) -> Supply:
    rows = tuple(Taken(1 + number, one) for number, one in enumerate(taken))
    return Supply(2 if is_room else 1, is_room, capacity, rows, tuple(out))


def wish(start: float = 9, end: float = 11, day: int = TUESDAY, **changed) -> Wish:
    return Wish(**{"period": on(day, start, end), "mode": ASSISTED} | changed)


def told(of: Facts, asked: Wish, now: datetime = NOW) -> list[tuple[str, str]]:
    """Every refusal with what would make it pass, in English."""
    with translation.override("en"):
        return [(one.code, one.remedy) for one in rules.refusals(of, asked, now)]


def test_a_wish_that_nothing_speaks_against_passes():
    assert told(facts(), wish()) == []


BUSY = (on(TUESDAY, 8, 10),)
NOBODY = ("NO_QUALIFIED_OPERATOR", "Choose another day, or ask the lab who could operate it.")


@pytest.mark.parametrize(
    ("given", "asked", "expected"),
    [
        (
            {"is_bookable": False},
            {},
            (
                "INSTRUMENT_UNAVAILABLE",
                "Choose a comparable instrument, or ask the lab when this one can be booked.",
            ),
        ),
        (
            {"suspended_until": at(31, 9)},
            {},
            ("ORG_SUSPENDED", "From 2026-12-01 09:00 on. You may appeal to the lab, or to the platform's operator."),
        ),
        ({"modes": frozenset({SELF})}, {}, ("MODE_NOT_OFFERED", "Offered: operated by yourself.")),
        ({}, {"start": 9.25, "end": 11.25}, ("NOT_ON_SLOT_GRID", "Start at 09:30.")),
        ({}, {"start": 9, "end": 10.75}, ("NOT_ON_SLOT_GRID", "End at 11:00.")),
        ({"policy": policy(min_minutes=180)}, {}, ("DURATION_TOO_SHORT", "Until 12:00 or later.")),
        ({"policy": policy(max_minutes=60)}, {}, ("DURATION_TOO_LONG", "Until 10:00 at the latest.")),
        ({}, {"units": 2}, ("UNITS_OUT_OF_RANGE", "At most 1.")),
        ({}, {"day": 28}, ("CLOSED_DAY", "Choose another day.")),
        ({"opens_later": at(30, 8.5)}, {"day": 28}, ("CLOSED_DAY", "Opens again at 2026-11-30 08:30.")),
        ({"open": OPEN[2:]}, {}, ("CLOSED_DAY", "Opens again at 2026-11-25 08:30.")),
        ({}, {"start": 7}, ("OUTSIDE_OPENING_HOURS", "Opens at 08:30.")),
        ({}, {"start": 17, "end": 19}, ("OUTSIDE_OPENING_HOURS", "Closes at 18:00.")),
        ({"policy": policy(lead_time_min=1560)}, {}, ("LEAD_TIME_TOO_SHORT", "From 2026-11-24 11:00 on.")),
        ({"policy": policy(advance_days=0)}, {}, ("TOO_FAR_AHEAD", "Can be booked from 2026-11-24 on.")),
        ({"supplies": (supply(*BUSY),)}, {}, ("CAPACITY_EXCEEDED", "Free again from 10:00.")),
        (
            {"supplies": (supply(on(TUESDAY, 8, 17)),)},
            {},
            ("CAPACITY_EXCEEDED", "Free again from 2026-11-25 08:30."),
        ),
        (
            {"supplies": (supply(on(TUESDAY, 8, 200)),)},
            {},
            ("CAPACITY_EXCEEDED", "Choose another day, or join the waitlist."),
        ),
        ({"supplies": (supply(*BUSY, capacity=2),)}, {"units": 2}, ("CAPACITY_EXCEEDED", "Free again from 10:00.")),
        ({"supplies": (supply(*BUSY, capacity=2, out=BUSY),)}, {}, ("CAPACITY_EXCEEDED", "Free again from 10:00.")),
        ({"blocked": BUSY}, {}, ("MAINTENANCE", "In service again from 2026-11-24 10:00.")),
        (
            {"calibrated": (on(1, 0, 23 * 24),), "calibrated_until": at(24, 0)},
            {},
            ("CALIBRATION_EXPIRED", "Calibrated until 2026-11-23."),
        ),
        (
            {"calibrated": (on(1, 0, 23 * 24 + 10), on(TUESDAY, 14, 99)), "calibrated_until": at(60, 0)},
            {},
            ("CALIBRATION_EXPIRED", "Calibrated until 2026-11-24."),
        ),
        (
            {"calibrated": (), "calibrated_later": at(40, 0), "calibrated_until": at(90, 0)},
            {},
            ("CALIBRATION_EXPIRED", "Calibrated from 2026-12-10 on."),
        ),
        (
            {"calibrated": (), "calibrated_until": None},
            {},
            (
                "CALIBRATION_EXPIRED",
                "Ask the lab when it will be calibrated, or choose a comparable instrument.",
            ),
        ),
        ({"supplies": (supply(), supply(*BUSY, is_room=True))}, {}, ("ROOM_BUSY", "Free again from 10:00.")),
        (
            {"operators": ()},
            {},
            NOBODY,
        ),
        ({"operators": (operator(busy=BUSY),)}, {}, ("NO_QUALIFIED_OPERATOR", "An operator is free from 10:00.")),
        (
            {"needs_qualification": True},
            {"mode": SELF},
            ("NOT_QUALIFIED", "Book it with an operator, or as a training slot."),
        ),
        (
            {"quota": Quota(10, 10, 0, 3)},
            {},
            ("QUOTA_EXCEEDED", "One more as soon as one of them is past or cancelled."),
        ),
        ({"quota": Quota(3, 10, 3, 3)}, {}, ("QUOTA_EXCEEDED", "Confirm or release one of them first.")),
        (
            {"quota": Quota(1, 10, 0, 3, (on(25, 9, 17),)), "policy": policy(week_max_minutes=540)},
            {},
            ("QUOTA_EXCEEDED", "At most 1 h in week 48, or another week."),
        ),
        (
            {"quota": Quota(1, 10, 0, 3, (on(25, 9, 17),)), "policy": policy(week_max_minutes=480)},
            {},
            ("QUOTA_EXCEEDED", "Choose another week."),
        ),
        ({"external": BUSY}, {}, ("EXTERNAL_BUSY", "Free again from 2026-11-24 10:00.")),
        (
            {"materials_allowed": frozenset({"toxic"})},
            {"materials": ("toxic", "radioactive")},
            ("MATERIAL_NOT_ALLOWED", "Without it, or ask the lab; allowed here: toxic."),
        ),
    ],
)
def test_each_rule_refuses_with_its_code_and_says_what_would_make_it_pass(given, asked, expected):
    assert told(facts(**given), wish(**asked)) == [expected]


@pytest.mark.parametrize("grid", [30, 50, 90, 120, 210])
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/London", "America/New_York"])
def test_bk_2_the_grid_is_counted_on_the_clock_of_each_day_whatever_the_clock_does(zone, grid):
    """Round the nights in which the clock is moved back (25 October, 1 November) and forward (14 and 28 March)."""
    always = facts(
        zone=ZoneInfo(zone),
        policy=policy(slot_grid_min=grid, min_minutes=grid, advance_days=999),
        open=(on(1, 0, 24 * 999), on(-30, 0, 24 * 999)),
        calibrated=(on(-30, 0, 24 * 999),),
    )
    for first in (at(-8, 20), at(-1, 20), at(133, 20), at(147, 20)):
        within = Period(first, first + timedelta(hours=44))
        minutes = (first + timedelta(minutes=count) for count in range(44 * 60))
        clocks = ((instant, instant.astimezone(ZoneInfo(zone))) for instant in minutes)
        expected = [instant for instant, clock in clocks if not (clock.hour * 60 + clock.minute) % grid]

        assert list(rules.starts(always, within=within, minutes=grid, mode=SELF, now=at(-40, 0))) == expected


def test_all_failing_rules_are_told_at_once_in_the_order_of_their_numbers():
    everything = facts(
        is_bookable=False,
        suspended_until=at(40, 0),
        modes=frozenset({SELF}),
        policy=policy(min_minutes=240, lead_time_min=3000, sme_reserve_bp=10_000),
        supplies=(supply(*BUSY), supply(*BUSY, is_room=True)),
        shares_condition=True,
        uses=(rules.Use(on(TUESDAY, 8, 10), on(TUESDAY, 8, 10), 1, "cold", is_sme=False),),
        blocked=BUSY,
        external=BUSY,
        calibrated=(),
        operators=(),
        quota=Quota(10, 10, 3, 3),
    )

    codes = [code for code, _ in told(everything, wish(7.25, 9.25, units=2, materials=("toxic",)), at(20, 0))]

    assert codes == [
        "INSTRUMENT_UNAVAILABLE",
        "ORG_SUSPENDED",
        "MODE_NOT_OFFERED",
        "NOT_ON_SLOT_GRID",
        "DURATION_TOO_SHORT",
        "UNITS_OUT_OF_RANGE",
        "OUTSIDE_OPENING_HOURS",
        "CAPACITY_EXCEEDED",
        "PROFILE_CONFLICT",
        "MAINTENANCE",
        "CALIBRATION_EXPIRED",
        "ROOM_BUSY",
        "NO_QUALIFIED_OPERATOR",
        "QUOTA_EXCEEDED",
        "QUOTA_EXCEEDED",
        "SME_RESERVE",
        "EXTERNAL_BUSY",
        "MATERIAL_NOT_ALLOWED",
    ]


def test_every_refusal_and_its_remedy_are_said_in_chinese():
    refused = rules.refusals(facts(operators=(), external=BUSY, suspended_until=at(31, 9)), wish(), NOW)

    with translation.override("zh-hans"):
        assert [str(one) for one in refused] == [
            "示例公司在 2026-12-01 09:00 之前不能新增预约。",
            "该时段内没有具备万能试验机资格、在岗且空闲的操作人员。",
            "万能试验机在 2026-11-24 08:00 至 2026-11-24 10:00 另有安排。",
        ]
        assert refused[0].remedy == "2026-12-01 09:00 起恢复预约；如有异议，可向实验室或平台运营方申诉。"


def kinds(of: type[Refusal]) -> set[type[Refusal]]:
    """Every refusal that the rules know, of a kind."""
    return {each for one in of.__subclasses__() for each in (one, *kinds(one)) if "judging" in each.__module__}


@pytest.mark.parametrize("refusal", sorted(kinds(Refusal), key=lambda one: one.__name__))
def test_every_refusal_of_a_rule_says_in_both_languages_what_to_do(refusal):
    if refusal.__subclasses__() and not refusal.cure:
        return  # its kinds say it
    with translation.override("en"):
        english = [str(refusal.message), str(refusal.cure), str(refusal.otherwise)]
    with translation.override("zh-hans"):
        chinese = [str(refusal.message), str(refusal.cure), str(refusal.otherwise)]

    assert english[1]
    assert all(one != other for one, other in zip(english, chinese, strict=True) if one)


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
