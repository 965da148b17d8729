"""BK-1 to BK-16, one rule at a time: its code, its facts, and what would make it pass, in both languages."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from bookings.availability import rules
from bookings.availability.rules import SELF, Quota
from kernel.periods import Period
from kernel.refusals import Refusal
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


def test_a_wish_that_nothing_speaks_against_passes():
    assert told(facts(), wish()) == []


BUSY = (on(TUESDAY, 8, 10),)


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
