"""CAL-3: a certificate that is shortened marks what it no longer covers, and cancels nothing."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from bookings.models import Rental, Task
from bookings.rentals import operations as rentals
from bookings.rentals.queries import timeline
from bookings.tasks import operations as tasks
from kernel.refusals import Refusal, violated
from labs.calibration import operations as calibration
from tests.factories.accounts import LabMembershipFactory
from tests.factories.bookings import MONDAY_9, TUESDAY_9, buyer, certified_until, confirmed, held, hours, task
from tests.factories.labs import InstrumentFactory
from tests.factories.racing import at_once
from tests.jobs import do_jobs

TUESDAY, MONDAY = TUESDAY_9.date(), MONDAY_9.date()


def new_certificate(instrument, first, last, **how):
    return calibration.record_calibration(
        **{
            "instrument": instrument,
            "kind": "calibration",
            "certificate_no": "示例校字第9号之一",
            "calibrated_on": date(2026, 1, 1),
            "valid_from": first,
            "valid_to": last,
            "result": "pass",
            "by": None,
            "now": MONDAY_9,
            **how,
        }
    )


@pytest.mark.django_db
def test_cal_3_a_shortened_certificate_marks_the_rentals_after_it_and_leaves_the_others():
    instrument = InstrumentFactory()
    before = confirmed(instrument=instrument, period=hours(0, 2))
    after = confirmed(instrument=instrument, period=hours(24, 26))

    certified_until(instrument, TUESDAY)

    before.refresh_from_db()
    after.refresh_from_db()
    assert (before.at_risk, before.at_risk_since) == (None, None)
    assert (after.status, after.at_risk_since, after.at_risk["why"]) == ("confirmed", MONDAY_9, "calibration")
    assert after.uncovered == [hours(24, 26)]
    assert [each.rental_id for each in Task.objects.open()] == [after.pk]


@pytest.mark.django_db
def test_cal_3_only_the_part_that_no_certificate_covers_is_named():
    instrument = InstrumentFactory(span_closed=True, policy__max_minutes=3 * 24 * 60)
    rental = confirmed(instrument=instrument, period=hours(0, 25))

    certified_until(instrument, TUESDAY)

    rental.refresh_from_db()
    assert rental.uncovered == [hours(15, 25)]  # from midnight in Guangzhou


@pytest.mark.django_db
def test_cal_3_a_result_that_becomes_fail_marks_everything_ahead_and_nothing_that_is_over():
    instrument = InstrumentFactory()
    over = confirmed(instrument=instrument, period=hours(0, 2))
    ahead = confirmed(instrument=instrument, period=hours(3, 4))

    certified_until(instrument, date(2028, 12, 31), result="fail", now=TUESDAY_9 + timedelta(hours=2))

    assert [rental.pk for rental in Rental.objects.at_risk()] == [ahead.pk] != [over.pk]


@pytest.mark.django_db
def test_cal_3_a_new_record_heals_and_the_task_closes_by_itself():
    made = task()

    new_certificate(made.rental.instrument, MONDAY, date(2027, 12, 31))

    made.refresh_from_db()
    made.rental.refresh_from_db()
    assert (made.rental.at_risk, made.rental.at_risk_since) == (None, None)
    assert (made.closed_at, made.closed_by, made.note) == (MONDAY_9, None, "")
    titles = [moment.name for moment in timeline(made.rental)]
    assert titles == ["rental_held", "rental_confirmed", "rental_at_risk", "rental_safe_again"]


@pytest.mark.django_db
def test_cal_3_a_record_that_heals_half_leaves_the_mark_since_when_and_one_task():
    made = task(instrument=InstrumentFactory(span_closed=True, policy__max_minutes=3 * 24 * 60), period=hours(0, 25))

    new_certificate(made.rental.instrument, TUESDAY, TUESDAY, now=MONDAY_9 + timedelta(hours=1))

    made.rental.refresh_from_db()
    assert (made.rental.at_risk_since, made.rental.uncovered) == (MONDAY_9, [hours(15, 25)])
    assert [each.facts["gaps"] for each in Task.objects.open()] == [made.rental.at_risk["gaps"]]


@pytest.mark.django_db
def test_a_certificate_that_changes_nothing_for_a_rental_says_nothing_twice():
    made = task()
    closed = tasks.close(task=made, note="客户同意", by=LabMembershipFactory(), now=MONDAY_9)

    new_certificate(made.rental.instrument, date(2027, 1, 1), date(2027, 12, 31))

    assert closed.note == "客户同意"
    assert not Task.objects.open().exists()


@pytest.mark.django_db
def test_a_held_rental_is_marked_and_stays_marked_when_it_is_confirmed():
    member = buyer()
    rental = held(by=member)

    certified_until(rental.instrument, MONDAY)
    rentals.confirm_on_account(rental=rental, by=member, now=MONDAY_9)

    rental.refresh_from_db()
    assert (rental.status, rental.at_risk_since) == ("confirmed", MONDAY_9)


@pytest.mark.django_db
def test_a_task_closes_by_itself_when_its_rental_is_called_off():
    made = task()
    manager = LabMembershipFactory(organisation=made.lab.organisation)

    rentals.cancel_by_lab(rental=made.rental, reason="送检", by=manager, now=MONDAY_9)

    assert not Task.objects.open().exists()


@pytest.mark.django_db
def test_a_lapsed_hold_is_left_alone():
    rental = held()

    certified_until(rental.instrument, MONDAY, now=MONDAY_9 + timedelta(minutes=30))

    assert not Rental.objects.at_risk().exists()


@pytest.mark.django_db(transaction=True)
def test_cal_3_the_customer_is_told_by_mail_with_what_may_happen():
    made = task()
    do_jobs()
    (letter,) = [each for each in mail.outbox if each.to == [made.rental.placed_by.email]][-1:]

    assert made.rental.number in letter.subject
    assert "有风险" in letter.subject
    assert "不会自动取消" in letter.body


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "constraint"),
    [({"at_risk": {"why": "calibration"}}, "rental_at_risk_says_since_when")],
)
def test_a_mark_says_since_when(changed, constraint):
    rental = held()

    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Rental.objects.filter(pk=rental.pk).update(**changed)

    assert violated(caught.value) == constraint


@pytest.mark.django_db
def test_the_table_of_tasks_holds_what_must_be_true():
    made = task()
    wrong = [
        ({"closed_by": made.rental.placed_by}, "task_closed_by_a_person_says_how"),
        ({"closed_at": MONDAY_9 - timedelta(days=1)}, "task_closed_after_it_was_opened"),
    ]
    for changed, constraint in wrong:
        with pytest.raises(IntegrityError) as caught, transaction.atomic():
            Task.objects.filter(pk=made.pk).update(**changed)
        assert violated(caught.value) == constraint
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Task.objects.create(kind=made.kind, lab=made.lab, rental=made.rental, opened_at=MONDAY_9)
    assert violated(caught.value) == "task_open_once_a_rental"


# --- At once ------------------------------------------------------------------------------------------------------


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_cal_3_a_rental_held_while_the_certificate_is_shortened_is_marked_or_refused_never_lost():
    for _ in range(4):
        instrument = InstrumentFactory()
        members = [buyer() for _ in range(3)]
        acts = [
            lambda at=at, by=by, instrument=instrument: confirmed(
                instrument=instrument, by=by, period=hours(at, at + 1)
            )
            for at, by in enumerate(members)
        ]

        results = at_once(*acts, lambda instrument=instrument: certified_until(instrument, MONDAY))

        assert all(one is None or isinstance(one, (Rental, Refusal)) for one in results), results
        standing = Rental.objects.filter(instrument=instrument, status__in=["held", "confirmed"])
        assert [one.pk for one in standing if one.at_risk_since is None] == []
        assert Task.objects.open().filter(rental__in=standing).count() == standing.count()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_rental_called_off_while_the_certificate_is_shortened_never_waits_in_a_circle():
    for _ in range(4):
        member = buyer()
        rental = confirmed(by=member)

        results = at_once(
            lambda rental=rental, member=member: rentals.cancel(rental=rental, by=member, now=MONDAY_9),
            lambda rental=rental: certified_until(rental.instrument, MONDAY),
        )

        assert results[1] is None, results
        rental.refresh_from_db()
        assert rental.status == "cancelled"
        assert not Task.objects.open().filter(rental=rental).exists()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_task_closed_by_two_at_once_is_closed_once():
    made = task()
    staff = [LabMembershipFactory(organisation=made.lab.organisation, role="lab_operator") for _ in range(2)]

    results = at_once(*[lambda by=by: tasks.close(task=made, note="已联系客户", by=by, now=MONDAY_9) for by in staff])

    assert sorted(type(one).__name__ for one in results) == ["Task", "TaskDone"]
