"""BK-1 to BK-16 as a hold meets them: what the rules are told of bookings, people and quotas in the database."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from bookings.models import Occupancy, Rental
from bookings.rentals import operations as rentals
from bookings.rentals.operations import holding
from kernel.periods import Period
from kernel.refusals import Refusal, Refusals
from labs.hours import operations as hours_of
from labs.models import CalibrationRecord, InstrumentGroup, OperatorLeave, OperatorQualification
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.bookings import MONDAY_9, TUESDAY_9, buyer, confirmed, held, hours
from tests.factories.labs import (
    ALWAYS,
    InstrumentFactory,
    LabFactory,
    OperatorFactory,
    OutageFactory,
    UserQualificationFactory,
)

pytestmark = pytest.mark.django_db


def refused(**how) -> list[str]:
    with pytest.raises(Refusal) as caught:
        held(**how)
    refusal = caught.value
    return [one.code for one in refusal.refusals] if isinstance(refusal, Refusals) else [refusal.code]


def remedies(**how) -> list[str]:
    with pytest.raises(Refusal) as caught, translation.override("en"):
        held(**how)
    refusal = caught.value
    with translation.override("en"):
        return [one.remedy for one in (refusal.refusals if isinstance(refusal, Refusals) else [refusal])]


# --- What would make it pass lies far ahead --------------------------------------------------------------------------


def test_a_closed_day_says_when_the_lab_opens_again_however_many_days_follow():
    saturday = hours(24 * 4, 24 * 4 + 2)

    assert remedies(period=saturday) == ["Opens again at 2026-11-30 08:30."]


def test_an_outage_of_weeks_is_told_with_its_own_end():
    instrument = InstrumentFactory()
    OutageFactory(instrument=instrument, period=hours(-24, 24 * 14).as_range())

    assert remedies(instrument=instrument) == ["In service again from 2026-12-08 09:00."]


def test_between_two_certificates_it_is_said_from_when_the_next_one_holds():
    instrument = InstrumentFactory(calibration=False, open_time=False)
    for first, last in ((date(2026, 1, 1), date(2026, 11, 20)), (date(2026, 12, 10), date(2027, 12, 9))):
        CalibrationRecord.objects.create(
            instrument=instrument, certificate_no=f"示例 {first}", calibrated_on=first, valid_from=first, valid_to=last
        )
    hours_of.rebuild_open_time([instrument], MONDAY_9)

    assert remedies(instrument=instrument) == ["Calibrated from 2026-12-10 on."]


# --- BK-6, BK-8, BK-14: units that are out --------------------------------------------------------------------------


def test_bk_8_units_that_are_out_count_as_taken_and_the_others_may_be_booked():
    instrument = InstrumentFactory(capacity=3)
    OutageFactory(instrument=instrument, period=hours(1, 2).as_range(), units=2)

    assert refused(instrument=instrument, period=hours(0, 2), units=2) == ["CAPACITY_EXCEEDED"]
    assert held(instrument=instrument, period=hours(0, 2)).status == "held"
    assert refused(instrument=instrument, period=hours(1, 2)) == ["CAPACITY_EXCEEDED"]
    assert held(instrument=instrument, period=hours(2, 4), units=3).status == "held"


def test_bk_14_what_other_calendars_say_blocks_all_units_unless_they_say_how_many():
    instrument = InstrumentFactory(capacity=2)
    OutageFactory(instrument=instrument, kind="external", period=hours(0, 1).as_range())
    OutageFactory(instrument=instrument, kind="external", period=hours(2, 3).as_range(), units=1)

    assert refused(instrument=instrument, period=hours(0, 1)) == ["EXTERNAL_BUSY"]
    assert held(instrument=instrument, period=hours(2, 3)).status == "held"
    assert refused(instrument=instrument, period=hours(2, 3)) == ["CAPACITY_EXCEEDED"]


def test_bk_14_maintenance_while_it_is_in_use_elsewhere_is_told_beside_it():
    instrument = InstrumentFactory()
    OutageFactory(instrument=instrument, kind="external", period=hours(0, 4).as_range())
    OutageFactory(instrument=instrument, period=hours(1, 2).as_range())

    assert refused(instrument=instrument, period=hours(0, 2)) == ["MAINTENANCE", "EXTERNAL_BUSY"]
    assert refused(instrument=instrument, period=hours(2, 4)) == ["EXTERNAL_BUSY"]


def test_an_instrument_that_is_away_until_an_instant_is_out_of_service_though_nobody_announced_it():
    instrument = InstrumentFactory(status="calibration", expected_back_at=hours(1, 2).start)
    OutageFactory(instrument=instrument, kind="external", period=hours(3, 4).as_range())

    assert refused(instrument=instrument, period=hours(0, 2)) == ["MAINTENANCE"]
    assert held(instrument=instrument, period=hours(1, 3)).status == "held"


@pytest.mark.parametrize("change", ["some units are out", "all is out", "fewer operators"])
def test_what_changes_between_judging_and_locking_is_seen_under_the_lock(monkeypatch, change):
    instrument = InstrumentFactory(capacity=1 if change == "fewer operators" else 2, operator=OperatorFactory())
    member = buyer()
    held(instrument=instrument, by=member, period=hours(4, 5))
    lock = holding.schedule.lock_for_booking

    def changed_first(*args, **kwargs):
        if change == "fewer operators":
            OperatorLeave.objects.create(operator=operator_of(instrument), period=hours(0, 9).as_range())
            hours_of.rebuild_open_time([instrument], MONDAY_9, moved=True)
        else:
            units = 1 if change == "some units are out" else None
            start, end = hours(0, 1).start, hours(0, 1).end
            hours_of.announce_outage(
                of=instrument, kind="maintenance", start=start, end=end, units=units, by=None, now=MONDAY_9
            )
        return lock(*args, **kwargs)

    monkeypatch.setattr(holding.schedule, "lock_for_booking", changed_first)

    units = 1 if change == "fewer operators" else 2
    expected = {"some units are out": ["CAPACITY_EXCEEDED"], "all is out": ["MAINTENANCE"]}
    assert refused(instrument=instrument, by=member, period=hours(0, 2), units=units) == expected.get(
        change, ["NO_QUALIFIED_OPERATOR"]
    )
    assert Rental.objects.count() == 1


# --- BK-7 ------------------------------------------------------------------------------------------------------------


def test_bk_7_the_condition_is_kept_as_it_is_compared_and_only_the_identical_one_may_overlap():
    chamber = InstrumentFactory(capacity=3, shared_condition_profile=True)
    first = held(instrument=chamber, profile="  85 ℃ /  85 %RH")
    assert first.profile == "85 °c / 85 %rh"

    assert held(instrument=chamber, profile="85 °C / 85 %rh", period=hours(1, 3)).status == "held"
    assert refused(instrument=chamber, profile="60 °C", period=hours(1, 3)) == ["PROFILE_CONFLICT"]
    assert refused(instrument=chamber, period=hours(1, 3)) == ["PROFILE_CONFLICT"]
    assert held(instrument=chamber, profile="60 °C", period=hours(3, 5)).status == "held"


def test_bk_7_a_lapsed_hold_runs_no_condition_and_where_none_is_shared_any_will_do():
    chamber = InstrumentFactory(capacity=2, shared_condition_profile=True)
    held(instrument=chamber, profile="85 °C")
    later = MONDAY_9 + timedelta(minutes=30)

    assert held(instrument=chamber, profile="60 °C", now=later).status == "held"
    free_choice = InstrumentFactory(capacity=2)
    held(instrument=free_choice, profile="85 °C")
    assert held(instrument=free_choice, profile="60 °C").status == "held"


# --- BK-10: operators and groups -------------------------------------------------------------------------------------


def operator_of(instrument):
    return instrument.operator_qualifications.get().operator


def qualified(operator, *instruments, until=date(2028, 12, 31)):
    for instrument in instruments:
        OperatorQualification.objects.create(operator=operator, instrument=instrument, valid_to=until)
    return operator


def taken_of(operator) -> list[Period]:
    rows = Occupancy.objects.filter(resource__operator=operator).order_by("period")
    return [Period.from_range(row.period) for row in rows]


def test_bk_10_a_rental_with_an_operator_takes_their_time_and_cancelling_gives_it_back():
    instrument = InstrumentFactory(operator=OperatorFactory(), policy__post_buffer_min=30)
    member = buyer()
    rental = held(instrument=instrument, by=member)
    operator = operator_of(instrument)
    assert (rental.operator_id, taken_of(operator)) == (operator.pk, [hours(0, 2.5)])

    rentals.cancel(rental=rental, by=member, now=MONDAY_9)

    assert taken_of(operator) == []


def test_bk_10_who_operates_it_oneself_takes_nobodys_time():
    instrument = InstrumentFactory(operator=OperatorFactory())
    rental = held(instrument=instrument, mode="self")

    assert (rental.operator_id, taken_of(operator_of(instrument))) == (None, [])


def test_bk_10_one_operator_is_never_at_two_instruments():
    lab = LabFactory()
    shared = OperatorFactory(lab=lab)
    one, two = InstrumentFactory.create_batch(2, lab=lab, operator=shared)
    held(instrument=one, period=hours(0, 2))

    assert refused(instrument=two, period=hours(1, 3)) == ["NO_QUALIFIED_OPERATOR"]
    assert held(instrument=two, period=hours(2, 3)).operator_id == shared.pk


def test_bk_10_work_is_shared_by_minutes_of_the_day_and_by_code_where_they_are_alike():
    lab = LabFactory(weekly=ALWAYS)
    instrument = InstrumentFactory(lab=lab, capacity=4, operator=OperatorFactory(lab=lab, code="B"))
    first = qualified(OperatorFactory(lab=lab, code="A"), instrument)
    other = operator_of_code(instrument, "B")

    assert [
        held(instrument=instrument, period=period).operator_id
        for period in (hours(0, 2), hours(3, 4), hours(4, 5), hours(5, 6), hours(24, 25))
    ] == [first.pk, other.pk, other.pk, first.pk, first.pk]


def operator_of_code(instrument, code):
    return instrument.operator_qualifications.get(operator__code=code).operator


def test_bk_10_of_a_run_through_the_night_the_operator_keeps_the_middle_free():
    lab = LabFactory()
    operator = OperatorFactory(lab=lab)
    overnight = InstrumentFactory(lab=lab, span_closed=True, operator=operator, policy__max_minutes=2880)
    by_day = InstrumentFactory(lab=lab, operator=operator)

    held(instrument=overnight, period=hours(6, 24 + 2))

    assert taken_of(operator) == [hours(5.5, 6.5), hours(25.5, 26.5)]
    assert held(instrument=by_day, period=hours(7, 9)).operator_id == operator.pk
    assert refused(instrument=by_day, period=hours(26, 27)) == ["NO_QUALIFIED_OPERATOR"]


def test_bk_10_any_member_of_a_group_will_do_and_the_first_that_fits_is_held():
    lab = LabFactory()
    group = InstrumentGroup.objects.create(code="HV", lab=lab, name_zh="硬度计")
    testers = InstrumentFactory.create_batch(3, lab=lab)
    group.instruments.set(testers)
    member = buyer()
    asked = {"group": group, "period": hours(0, 2), "mode": "assisted", "by": member, "now": MONDAY_9}

    got = [rentals.place_hold_in_group(**asked).instrument_id for _ in testers]

    assert got == [tester.pk for tester in testers]
    with pytest.raises(Refusal) as caught:
        rentals.place_hold_in_group(**asked)
    assert caught.value.code == "CAPACITY_EXCEEDED"
    assert Rental.objects.count() == 3


# --- BK-11 -----------------------------------------------------------------------------------------------------------


def test_bk_11_the_named_user_must_be_qualified_and_not_who_books():
    instrument = InstrumentFactory(training_required=True)
    member, colleague = buyer(), UserFactory()
    UserQualificationFactory(user=colleague, instrument=instrument)

    assert refused(instrument=instrument, by=member, mode="self") == ["NOT_QUALIFIED"]
    rental = held(instrument=instrument, by=member, mode="self", used_by=colleague)
    assert (rental.used_by, rental.placed_by_id) == (colleague, member.user_id)


def test_bk_11_whoever_is_not_qualified_may_book_a_training_slot_and_only_where_training_is_needed():
    instrument = InstrumentFactory(training_required=True, rental_mode="self", operator=OperatorFactory())

    rental = held(instrument=instrument, mode="training")

    assert rental.operator_id == operator_of(instrument).pk
    assert [line["kind"] for line in rental.price_lines] == ["usage"]
    assert refused(mode="training") == ["MODE_NOT_OFFERED"]


# --- BK-12 -----------------------------------------------------------------------------------------------------------


def test_bk_12_everybody_may_have_three_holds_and_ten_bookings_ahead():
    member = buyer(most_holds=None, most_bookings_ahead=None)
    for _ in range(3):
        held(by=member)
    assert refused(by=member) == ["QUOTA_EXCEEDED"]
    for rental in Rental.objects.all():
        rentals.confirm_on_account(rental=rental, by=member, now=MONDAY_9)
    for _ in range(7):
        confirmed(by=member)

    assert refused(by=member) == ["QUOTA_EXCEEDED"]
    assert held(by=buyer(most_holds=None, most_bookings_ahead=None)).status == "held"


def test_bk_12_an_organisation_may_have_limits_of_its_own_and_colleagues_share_them():
    member = buyer(most_holds=1)
    colleague = MembershipFactory(role="buyer", organisation=member.organisation)
    held(by=member)

    assert refused(by=colleague) == ["QUOTA_EXCEEDED"]


def test_bk_12_what_has_lapsed_ended_or_begun_does_not_count():
    member = buyer(most_holds=1, most_bookings_ahead=1)
    held(by=member)
    later = MONDAY_9 + timedelta(minutes=30)
    confirmed(by=member, now=later)
    assert refused(by=member, now=later) == ["QUOTA_EXCEEDED"]

    assert held(by=member, now=TUESDAY_9, period=hours(3, 4)).status == "held"


def test_bk_12_the_hours_of_a_week_are_counted_per_instrument_and_unattended_runs_are_not():
    lab = LabFactory()
    instrument = InstrumentFactory(
        lab=lab, span_closed=True, policy__week_max_minutes=240, policy__max_minutes=2880, capacity=3
    )
    member = buyer()
    confirmed(instrument=instrument, by=member, period=hours(0, 3))
    confirmed(instrument=instrument, by=member, period=hours(6, 26))

    assert refused(instrument=instrument, by=member, period=hours(24, 26)) == ["QUOTA_EXCEEDED"]
    assert held(instrument=instrument, by=member, period=hours(24, 25)).status == "held"
    assert held(instrument=instrument, by=member, period=hours(24 * 7, 24 * 7 + 4)).status == "held"
    assert held(instrument=instrument, by=buyer(), period=hours(3, 6)).status == "held"
    elsewhere = InstrumentFactory(lab=lab, policy__week_max_minutes=240)
    assert held(instrument=elsewhere, by=member, period=hours(3, 6)).status == "held"


def test_bk_12_a_use_of_the_days_before_counts_though_open_time_has_forgotten_them():
    instrument = InstrumentFactory(span_closed=True, policy__week_max_minutes=240)
    member = buyer()
    confirmed(instrument=instrument, by=member, period=hours(0, 3))
    thursday = MONDAY_9 + timedelta(days=3)
    hours_of.rebuild_open_time([instrument], thursday)

    assert refused(instrument=instrument, by=member, period=hours(72, 74), now=thursday) == ["QUOTA_EXCEEDED"]


# --- BK-13 -----------------------------------------------------------------------------------------------------------


def test_bk_13_others_than_smes_have_what_the_reserve_leaves_and_all_of_it_two_days_before():
    """Thursday is open for 570 minutes; 40 % are kept, 342 minutes a unit are left to others."""
    instrument = InstrumentFactory(policy__sme_reserve_bp=4_000)
    large, small = buyer(size="large"), buyer(size="small")
    held(instrument=instrument, by=large, period=hours(48, 53))

    assert refused(instrument=instrument, by=large, period=hours(53, 54)) == ["SME_RESERVE"]
    assert held(instrument=instrument, by=small, period=hours(53, 54)).status == "held"
    assert held(instrument=instrument, by=large, period=hours(54, 54.5)).status == "held"
    two_days_before = hours(56, 57).start - timedelta(hours=48)
    assert held(instrument=instrument, by=large, period=hours(56, 57), now=two_days_before).status == "held"


def test_bk_13_an_sme_that_is_not_verified_is_like_all_others():
    instrument = InstrumentFactory(policy__sme_reserve_bp=10_000)

    assert refused(instrument=instrument, by=buyer(size="small", verification="submitted"), period=hours(48, 49)) == [
        "SME_RESERVE"
    ]


# --- BK-16, and for whom ---------------------------------------------------------------------------------------------


def test_bk_16_what_is_brought_must_be_allowed_and_is_kept():
    instrument = InstrumentFactory(materials_allowed=["flammable", "toxic"])

    assert held(instrument=instrument, materials=["toxic"]).materials == ["toxic"]
    assert refused(instrument=instrument, materials=["toxic", "radioactive"], period=hours(3, 4)) == [
        "MATERIAL_NOT_ALLOWED"
    ]
    assert refused(materials=["toxic"]) == ["MATERIAL_NOT_ALLOWED"]


def test_the_clock_may_hold_for_somebody_for_as_long_as_it_says():
    member = buyer()
    until = MONDAY_9 + timedelta(hours=2)

    rental = rentals.place_hold(
        instrument=InstrumentFactory(),
        period=hours(0, 2),
        mode="assisted",
        by=None,
        on_behalf=member,
        offered_until=until,
        now=MONDAY_9,
    )

    assert (rental.organisation_id, rental.placed_by_id) == (member.organisation_id, member.user_id)
    assert (rental.held_until, rental.is_offer) == (until, True)
    assert set(Occupancy.objects.values_list("lapses_at", flat=True)) == {until}
