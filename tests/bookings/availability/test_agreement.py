"""BK-25: the starts that availability offers are exactly those for which the hold succeeds."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings, target
from hypothesis import strategies as st

from bookings.availability import queries as availability
from bookings.availability import rules
from bookings.rentals import operations as rentals
from kernel.periods import Period
from kernel.refusals import Refusal
from labs.hours.operations import rebuild_open_time
from labs.models import (
    CalibrationRecord,
    DateException,
    HolidayDate,
    InstrumentGroup,
    OperatorHours,
    OperatorLeave,
    OperatorQualification,
    Outage,
)
from tests.factories.bookings import MONDAY_9, buyer
from tests.factories.labs import InstrumentFactory, LabFactory, OperatorFactory, RoomFactory, UserQualificationFactory

ZONE = ZoneInfo("Asia/Shanghai")
FIRST_DAY = date(2026, 11, 23)
DAYS = 3
PROFILES = ("", "85 °C", "60 °C")
MIDNIGHT = datetime.combine(FIRST_DAY, time(), ZONE)

minutes_of_day = st.tuples(
    st.integers(0, 13).map(lambda hour: hour * 60), st.integers(14, 24).map(lambda hour: hour * 60)
)
hours_of_week = st.dictionaries(st.integers(0, 7), minutes_of_day, min_size=6, max_size=8)
spans = st.tuples(st.integers(0, DAYS * 24 * 4), st.integers(1, 40)).map(
    lambda slot: Period(
        MIDNIGHT + timedelta(minutes=15 * slot[0]), MIDNIGHT + timedelta(minutes=15 * (slot[0] + slot[1]))
    )
)
outages = st.tuples(spans, st.sampled_from(["maintenance", "external"]), st.sampled_from([None, 1, 1]))
bookings = st.tuples(
    st.integers(0, DAYS * 24),
    st.integers(1, 6),
    st.booleans(),
    st.sampled_from(PROFILES),
    st.sampled_from(["customer", "other", "sme"]),
    st.integers(1, 2),
)
operators = st.tuples(
    st.one_of(st.none(), hours_of_week), st.lists(spans, max_size=2), st.integers(0, DAYS + 2), st.booleans()
)


@st.composite
def worlds(draw):
    """Hours, holidays, policy, outages, certificate, operators, quotas, reserve, conditions, and other bookings."""
    grid, training = draw(st.sampled_from([30, 60, 120])), draw(st.booleans())
    return {
        "hours": draw(hours_of_week),
        "makeup_policy": draw(st.sampled_from(["workday", "as_weekday", "closed"])),
        "holidays": draw(
            st.dictionaries(st.integers(0, DAYS), st.sampled_from(["holiday", "makeup_workday"]), max_size=2)
        ),
        "exceptions": draw(st.dictionaries(st.integers(0, DAYS), st.lists(minutes_of_day, max_size=1), max_size=1)),
        "outages": draw(st.lists(outages, max_size=3)),
        "calibrated": draw(st.tuples(st.integers(-2, 1), st.integers(2, 5))),
        "instrument": {
            "capacity": draw(st.integers(1, 3)),
            "span_closed": draw(st.booleans()),
            "unattended_buffers": draw(st.booleans()),
            "shared_condition_profile": draw(st.booleans()),
            "training_required": training,
            "materials_allowed": draw(st.sampled_from([["toxic"], ["toxic"], ["toxic"], []])),
        },
        "in_room": draw(st.booleans()),
        "operators": draw(st.lists(operators, min_size=draw(st.sampled_from([0, 1, 1, 1, 2])), max_size=3)),
        "policy": {
            "slot_grid_min": grid,
            "min_minutes": grid,
            "max_minutes": 1440,
            "pre_buffer_min": draw(st.sampled_from([0, 15, 30])),
            "post_buffer_min": draw(st.sampled_from([0, 20])),
            "lead_time_min": draw(st.sampled_from([0, 0, 90, 1440])),
            "advance_days": draw(st.sampled_from([2, 5, 60])),
            "sme_reserve_bp": draw(st.sampled_from([0, 3_000, 9_000])),
            "week_max_minutes": draw(st.sampled_from([None, 1_200, 300])),
        },
        "customer": {
            "size": draw(st.sampled_from(["large", "small"])),
            "most_bookings_ahead": draw(st.sampled_from([100, 100, 100, 3])),
            "most_holds": draw(st.sampled_from([100, 100, 100, 2])),
        },
        "is_qualified": draw(st.booleans()),
        "bookings": draw(st.lists(bookings, max_size=7)),
        "wish": {
            "mode": draw(st.sampled_from([rules.ASSISTED, rules.SELF, *[rules.TRAINING] * training])),
            "units": draw(st.sampled_from([1, 1, 1, 2])),
            "profile": draw(st.sampled_from(PROFILES)),
            "materials": draw(st.sampled_from([(), (), ("toxic",)])),
        },
        "minutes": grid * draw(st.integers(1, 480 // grid)),
        "now": MONDAY_9 + timedelta(minutes=draw(st.integers(0, 12 * 60))),
    }


def built(world):
    lab = LabFactory(
        weekly={day: (window,) for day, window in world["hours"].items()}, makeup_policy=world["makeup_policy"]
    )
    instrument = InstrumentFactory(
        lab=lab,
        room=RoomFactory(lab=lab, capacity=2) if world["in_room"] else None,
        calibration=False,
        open_time=False,
        operator=False,
        **world["instrument"],
        **{f"policy__{name}": value for name, value in world["policy"].items()},
    )
    for day, kind in world["holidays"].items():
        HolidayDate.objects.create(date=FIRST_DAY + timedelta(days=day), kind=kind, name_zh="示例假日")
    for day, windows in world["exceptions"].items():
        DateException.objects.create(lab=lab, date=FIRST_DAY + timedelta(days=day), windows=[list(w) for w in windows])
    for period, kind, units in world["outages"]:
        Outage.objects.create(instrument=instrument, kind=kind, period=period.as_range(), units=units)
    first, days = world["calibrated"]
    CalibrationRecord.objects.create(
        instrument=instrument,
        certificate_no="示例",
        calibrated_on=FIRST_DAY + timedelta(days=first),
        valid_from=FIRST_DAY + timedelta(days=first),
        valid_to=FIRST_DAY + timedelta(days=first + days),
    )
    for hours, leaves, until, elsewhere in world["operators"]:
        add_operator(instrument, hours, leaves, FIRST_DAY + timedelta(days=until), elsewhere=elsewhere)
    rebuild_open_time([instrument], MONDAY_9)
    plenty = {"most_bookings_ahead": 100, "most_holds": 100}
    members = {
        "customer": buyer(**world["customer"]),
        "other": buyer(size="large", **plenty),
        "sme": buyer(size="small", **plenty),
    }
    if world["is_qualified"]:
        UserQualificationFactory(
            user=members["customer"].user, instrument=instrument, valid_to=FIRST_DAY + timedelta(1)
        )
    for hour, length, lapses, profile, who, units in world["bookings"]:
        placed = world["now"] - timedelta(minutes=30 if lapses else 0)
        hold(
            instrument,
            MIDNIGHT + timedelta(hours=hour),
            60 * length,
            members[who],
            placed,
            profile=profile,
            units=units,
        )
    return instrument, members["customer"]


def add_operator(instrument, hours, leaves, until, *, elsewhere):
    """An operator with hours and leaves, who may be at work on another instrument on the first afternoon."""
    operator = OperatorFactory(lab=instrument.lab)
    OperatorQualification.objects.create(operator=operator, instrument=instrument, valid_to=until)
    for day, (begins, ends) in (hours or {}).items():
        OperatorHours.objects.create(operator=operator, day=day, begins_minute=begins, ends_minute=ends)
    for leave in leaves:
        OperatorLeave.objects.create(operator=operator, period=leave.as_range())
    if elsewhere:
        other = InstrumentFactory(lab=instrument.lab, operator=operator)
        hold(other, MIDNIGHT + timedelta(hours=14), 120, buyer(), MONDAY_9)


def hold(instrument, start, minutes, member, now, **how):
    """Place a hold, or nothing where a rule refuses it."""
    period = Period.starting(start, minutes)
    try:
        return rentals.place_hold(
            instrument=instrument, period=period, by=member, now=now, **{"mode": rules.ASSISTED, **how}
        )
    except Refusal:
        return None


class Undone(Exception):  # noqa: N818 -- nothing went wrong
    """Rolls back what an example did."""


def starts_by_hold(instrument, member, world, within):
    """Place every candidate hold for real, and take it back."""
    grid, minutes, now = world["policy"]["slot_grid_min"], world["minutes"], world["now"]
    for slot in range(DAYS * 24 * 60 // grid):
        rental = hold(instrument, within.start + timedelta(minutes=grid * slot), minutes, member, now, **world["wish"])
        if rental is not None:
            yield rental.time.start
            rentals.cancel(rental=rental, by=member, now=now)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds())
def test_the_offered_starts_are_exactly_those_for_which_the_hold_succeeds(world, db):
    with pytest.raises(Undone), transaction.atomic():
        instrument, member = built(world)
        within = Period(MIDNIGHT, MIDNIGHT + timedelta(days=DAYS))
        asked = {"within": within, "minutes": world["minutes"], "member": member, "now": world["now"], **world["wish"]}

        offered = availability.starts(instrument.pk, **asked)

        target(float(len(offered)))
        assert offered == list(starts_by_hold(instrument, member, world, within))
        fits = availability.next_fit([instrument.pk], **asked, count=3)
        assert [fit.start for fit in fits] == offered[:3]
        if world["wish"] == {**world["wish"], "units": 1, "profile": "", "materials": ()}:
            simple = {name: asked[name] for name in ("within", "minutes", "mode", "member", "now")}
            found = availability.free_instruments([instrument.pk], most=1, **simple)
            assert found == [(instrument.pk, start) for start in offered[:1]]
        raise Undone


@pytest.mark.django_db
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds())
def test_the_next_fit_of_a_group_is_what_a_hold_in_the_group_gets(world, db):
    """BK-10, any of several: at the first start that fits, the group holds; before it, no member does."""
    with pytest.raises(Undone), transaction.atomic():
        instrument, member = built(world)
        second = InstrumentFactory(lab=instrument.lab, room=instrument.room)
        group = InstrumentGroup.objects.create(code="G", lab=instrument.lab, name_zh="示例组")
        group.instruments.set([instrument, second])
        within = Period(MIDNIGHT, MIDNIGHT + timedelta(days=DAYS))
        keys = list(group.instruments.order_by("code").values_list("pk", flat=True))

        fits = availability.next_fit(
            keys, within=within, minutes=world["minutes"], member=member, now=world["now"], **world["wish"]
        )

        wanted = {"minutes": world["minutes"], "now": world["now"], **world["wish"]}
        both = [
            (start, keys.index(pk))
            for pk in keys
            for start in availability.starts(pk, within=within, member=member, count=1, **wanted)
        ]
        assert [(fit.start, keys.index(fit.instrument_id)) for fit in fits] == sorted(both)[:1]
        for fit in fits:
            del wanted["minutes"]
            rental = rentals.place_hold_in_group(
                group=group, period=Period.starting(fit.start, world["minutes"]), by=member, **wanted
            )
            assert rental.instrument_id == fit.instrument_id
        raise Undone
