"""What a lab says of its people: operators, hours, leaves, qualifications, groups; refused by name, and kept."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from audit.models import AuditEvent
from kernel.refusals import violated
from labs.catalogue.editing.changes import EditedMeanwhile
from labs.models import (
    InstrumentGroup,
    OpenTime,
    Operator,
    OperatorHours,
    OperatorLeave,
    OperatorQualification,
    UserQualification,
)
from labs.staff import operations as staff
from labs.staff.operations.people import LoginTaken
from tests.factories.accounts import LabMembershipFactory, UserFactory
from tests.factories.bookings import MONDAY_9, TUESDAY_9, hours
from tests.factories.labs import InstrumentFactory, LabFactory, OperatorFactory, OperatorQualificationFactory

pytestmark = pytest.mark.django_db

LATER = date(2028, 12, 31)


@pytest.fixture
def operator() -> Operator:
    """Somebody who may run one instrument."""
    made = OperatorFactory()
    InstrumentFactory(lab=made.lab, operator=made)
    return made


def version(operator: Operator) -> int:
    return OpenTime.objects.get(instrument__operator_qualifications__operator=operator).version


def manager(operator: Operator):
    return LabMembershipFactory(role="lab_manager", organisation=operator.lab.organisation)


@pytest.mark.parametrize(
    ("change", "event"),
    [
        (
            lambda one: staff.set_hours(operator=one, weekly={0: [(540, 720)]}, by=None, now=MONDAY_9),
            "operator_hours_set",
        ),
        (
            lambda one: staff.announce_leave(
                operator=one, start=TUESDAY_9, end=TUESDAY_9 + timedelta(days=1), by=None, now=MONDAY_9
            ),
            "leave_announced",
        ),
        (lambda one: staff.edit_operator(operator=one, is_active=False, by=None, now=MONDAY_9), "operator_edited"),
        (
            lambda one: staff.qualify_operator(
                operator=one, instrument=one.qualifications.get().instrument, valid_to=LATER, by=None, now=MONDAY_9
            ),
            "operator_qualified",
        ),
    ],
)
def test_whatever_decides_who_may_operate_is_told_and_lets_bookings_look_again(operator, change, event):
    """Note [Who may operate]"""
    before = version(operator)

    change(operator)

    assert version(operator) == before + 1
    assert AuditEvent.objects.get(name=event).about == [f"operator:{operator.pk}"]


def test_an_operator_is_added_once_under_a_code_and_a_login(operator):
    lab = operator.lab
    user = UserFactory()
    made = staff.add_operator(lab=lab, code="OP-9", name_zh="王工", by=manager(operator), now=MONDAY_9, user=user)
    assert (made.name_zh, made.is_active, made.roles) == ("王工", True, [])

    with pytest.raises(staff.OperatorCodeTaken):
        staff.add_operator(lab=lab, code="OP-9", name_zh="李工", by=None, now=MONDAY_9)
    with pytest.raises(LoginTaken):
        staff.edit_operator(operator=operator, user=user, by=None, now=MONDAY_9)


def test_an_edit_that_changes_nothing_is_not_told_and_one_over_unseen_words_is_refused(operator):
    staff.edit_operator(operator=operator, name_zh=operator.name_zh, by=None, now=MONDAY_9)
    assert not AuditEvent.objects.filter(name="operator_edited").exists()

    with pytest.raises(EditedMeanwhile):
        staff.edit_operator(operator=operator, name_zh="新名", seen="another mark", by=None, now=MONDAY_9)


def test_a_week_is_written_whole_and_none_at_all_means_the_labs_hours(operator):
    staff.set_hours(operator=operator, weekly={0: [(540, 720), (720, 780)], 7: [(600, 660)]}, by=None, now=MONDAY_9)
    assert list(OperatorHours.objects.values_list("day", "begins_minute", "ends_minute")) == [
        (0, 540, 780),
        (7, 600, 660),
    ]

    staff.set_hours(operator=operator, weekly={}, by=None, now=MONDAY_9)

    assert not OperatorHours.objects.exists()
    told = AuditEvent.objects.filter(name="operator_hours_set").order_by("pk").last()
    assert {change["field"] for change in told.facts["changes"]} == {"hours_0", "hours_7"}


@pytest.mark.parametrize("weekly", [{8: [(0, 60)]}, {0: [(60, 60)]}, {0: [(0, 60), (30, 90)]}, {0: [(0, 1441)]}])
def test_hours_that_are_none_are_refused_with_the_day(operator, weekly):
    with pytest.raises(staff.HoursInvalid) as caught:
        staff.set_hours(operator=operator, weekly=weekly, by=None, now=MONDAY_9)

    assert caught.value.facts["field"] == f"hours.{next(iter(weekly))}"


def test_a_leave_ends_after_it_begins_and_may_be_taken_back(operator):
    with pytest.raises(staff.LeaveEndsBeforeItBegins):
        staff.announce_leave(operator=operator, start=TUESDAY_9, end=TUESDAY_9, by=None, now=MONDAY_9)
    leave = staff.announce_leave(
        operator=operator, start=TUESDAY_9, end=TUESDAY_9 + timedelta(hours=15), by=None, now=MONDAY_9
    )
    told = AuditEvent.objects.get(name="leave_announced").facts
    assert (told["first_on"], told["last_on"]) == ("2026-11-24", "2026-11-24")

    staff.take_back(leave=leave, by=None, now=MONDAY_9)

    assert not OperatorLeave.objects.exists()


def test_an_operator_is_qualified_for_instruments_of_their_organisation_and_not_into_the_past(operator):
    other = InstrumentFactory(lab=operator.lab)
    with pytest.raises(staff.OfAnotherLab):
        staff.qualify_operator(operator=operator, instrument=InstrumentFactory(), valid_to=LATER, by=None, now=MONDAY_9)
    with pytest.raises(staff.QualificationOver):
        staff.qualify_operator(operator=operator, instrument=other, valid_to=date(2026, 11, 22), by=None, now=MONDAY_9)

    for until in (date(2026, 11, 23), LATER):
        made = staff.qualify_operator(operator=operator, instrument=other, valid_to=until, by=None, now=MONDAY_9)

    assert (made.valid_to, operator.qualifications.count()) == (LATER, 2)
    staff.unqualify_operator(qualification=made, by=None, now=MONDAY_9)
    assert operator.qualifications.count() == 1


def test_a_user_is_qualified_longer_and_no_more(operator):
    instrument, user = operator.qualifications.get().instrument, UserFactory()
    for until in (date(2027, 1, 1), LATER):
        made = staff.qualify_user(
            user=user, instrument=instrument, level="independent", valid_to=until, by=None, now=MONDAY_9
        )
    assert UserQualification.objects.get() == made
    assert (made.valid_to, made.issued_on, made.issued_by_zh) == (LATER, MONDAY_9.date(), instrument.lab.name_zh)

    staff.withdraw_from_user(qualification=made, by=None, now=MONDAY_9)

    assert not UserQualification.objects.exists()
    assert AuditEvent.objects.filter(about=[f"instrument:{instrument.pk}"]).count() == 3


def test_a_group_has_two_instruments_of_one_lab_at_least_and_a_code_of_its_own():
    lab = LabFactory()
    one, two, three = InstrumentFactory.create_batch(3, lab=lab)
    asked = {"lab": lab, "code": "HV", "name_zh": "硬度计", "by": None, "now": MONDAY_9}
    with pytest.raises(staff.GroupIsEmpty):
        staff.save_group(instruments=[one, one], **asked)
    with pytest.raises(staff.OfAnotherLab):
        staff.save_group(instruments=[one, InstrumentFactory()], **asked)
    group = staff.save_group(instruments=[one, two], **asked)
    with pytest.raises(staff.GroupCodeTaken):
        staff.save_group(instruments=[one, two], **asked)

    staff.save_group(instruments=[two, three], group=group, **asked)

    assert set(group.instruments.all()) == {two, three}
    staff.remove_group(group=group, by=None, now=MONDAY_9)
    assert not InstrumentGroup.objects.exists()
    assert [event.name for event in AuditEvent.objects.filter(about=[f"lab:{lab.pk}"]).order_by("pk")] == [
        "instrument_group_saved",
        "instrument_group_saved",
        "instrument_group_removed",
    ]


# --- What the database holds -----------------------------------------------------------------------------------------


def violates(name: str, act) -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        act()
    assert violated(caught.value) == name


def test_hours_lie_within_a_known_day_and_never_overlap(operator):
    def add(**how):
        OperatorHours.objects.create(**{"operator": operator, "day": 0, "begins_minute": 0, "ends_minute": 60, **how})

    add()

    violates("operator_hours_do_not_overlap", lambda: add(begins_minute=30, ends_minute=90))
    violates("operator_hours_day_is_known", lambda: add(day=8))
    violates("operator_hours_are_within_the_day", lambda: add(day=1, ends_minute=1441))


def test_a_leave_has_a_beginning_and_an_end(operator):
    violates(
        "operator_leave_has_a_beginning_and_an_end",
        lambda: OperatorLeave.objects.create(operator=operator, period=(TUESDAY_9, None)),
    )
    assert OperatorLeave.objects.create(operator=operator, period=hours(0, 1).as_range()).stretch == hours(0, 1)


def test_nobody_is_qualified_twice_for_one_instrument(operator):
    instrument = operator.qualifications.get().instrument

    violates(
        "operator_qualification_is_unique",
        lambda: OperatorQualificationFactory(operator=operator, instrument=instrument),
    )
    assert OperatorQualification.objects.count() == 1
