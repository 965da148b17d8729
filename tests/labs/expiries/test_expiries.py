"""LAB-2: notice is given 90, 30 and 7 days before something ends, once, to each manager of the lab."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from kernel.refusals import violated
from labs.expiries import operations as expiries
from labs.expiries.queries import counted, ending
from labs.expiries.rules import nearest
from labs.models import ExpiryNotice
from tests.factories.accounts import LabMembershipFactory, MembershipFactory
from tests.factories.bookings import MONDAY_9
from tests.factories.labs import (
    AccreditationFactory,
    CalibrationRecordFactory,
    InstrumentFactory,
    LabFactory,
    MeasurementStandardFactory,
    OperatorFactory,
    OperatorQualificationFactory,
    ScopeEntryFactory,
)
from tests.factories.racing import at_once
from tests.jobs import do_jobs

TODAY = date(2026, 11, 23)
PAGE = "/desk/expiries/"


def in_days(days):
    return TODAY + timedelta(days=days)


@pytest.mark.parametrize(
    ("days_left", "threshold"),
    [(91, None), (90, 90), (31, 90), (30, 30), (8, 30), (7, 7), (0, 7), (-1, None)],
)
def test_lab_2_the_nearest_threshold_counts_and_what_is_over_is_not_noticed(days_left, threshold):
    assert nearest(days_left) == threshold


def lab_where_all_ends(days):
    """A lab with one of each kind that ends in so many days."""
    lab = LabFactory()
    instrument = InstrumentFactory(lab=lab, calibration__valid_to=in_days(days))
    accreditation = AccreditationFactory(lab=lab, valid_to=in_days(days))
    long = AccreditationFactory(lab=lab)
    ScopeEntryFactory(accreditation=long, valid_to=in_days(days))
    ScopeEntryFactory(accreditation=accreditation, valid_to=in_days(days))  # said by its accreditation already
    MeasurementStandardFactory(lab=lab, valid_to=in_days(days))
    OperatorQualificationFactory(operator=OperatorFactory(lab=lab), instrument=instrument, valid_to=in_days(days))
    return lab


@pytest.mark.django_db
def test_each_kind_of_thing_is_found_with_the_days_it_has_left():
    lab = lab_where_all_ends(12)

    found = ending(now=MONDAY_9, organisation_id=lab.organisation_id)

    assert sorted(each.kind for each in found) == sorted(ExpiryNotice.Kind.values)
    assert {each.days_left for each in found} == {12}
    assert ending(now=MONDAY_9, organisation_id=LabFactory().organisation_id) == []


@pytest.mark.django_db
@pytest.mark.parametrize(("first", "last", "kinds"), [(13, 400, 0), (14, 400, 1), (1, 11, 1), (-100, 400, 0)])
def test_a_certificate_that_another_continues_is_left_out(first, last, kinds):
    instrument = InstrumentFactory(calibration__valid_to=in_days(12))
    CalibrationRecordFactory(instrument=instrument, valid_from=in_days(first), valid_to=in_days(last))

    found = ending(now=MONDAY_9, organisation_id=instrument.lab.organisation_id)

    assert sum(each.ends_on == in_days(12) for each in found) == kinds


@pytest.mark.django_db
def test_a_day_is_the_labs_own():
    west = LabFactory(timezone="America/Los_Angeles")
    AccreditationFactory(lab=west, valid_to=TODAY)

    (found,) = ending(now=MONDAY_9, organisation_id=west.organisation_id)

    assert found.days_left == 1  # it is still Sunday there


@pytest.mark.django_db
def test_notice_is_given_once_for_each_threshold_and_again_after_a_renewal():
    accreditation = AccreditationFactory(valid_to=in_days(90))

    def days_later(days):
        return expiries.give_notices(now=MONDAY_9 + timedelta(days=days))

    assert [days_later(days) for days in (0, 0, 1, 59, 60, 61, 82, 83, 84, 90, 91)] == [
        1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0,
    ]  # fmt: skip
    accreditation.valid_to = in_days(150)
    accreditation.save()
    assert days_later(91) == 1


@pytest.mark.django_db
def test_after_days_without_a_worker_only_the_nearest_notice_is_given():
    AccreditationFactory(valid_to=in_days(90))

    assert expiries.give_notices(now=MONDAY_9 + timedelta(days=85)) == 1
    assert list(ExpiryNotice.objects.values_list("threshold", flat=True)) == [7]


@pytest.mark.django_db(transaction=True)
def test_each_manager_reads_one_letter_in_their_language(clock):
    lab = lab_where_all_ends(5)
    chinese = LabMembershipFactory(organisation=lab.organisation, role="lab_manager")
    english = LabMembershipFactory(organisation=lab.organisation, role="lab_manager", user__language="en")
    LabMembershipFactory(organisation=lab.organisation, role="lab_operator")

    expiries.give_notices(now=MONDAY_9)
    expiries.give_notices(now=MONDAY_9)
    do_jobs()

    subjects = {letter.to[0]: letter.subject for letter in mail.outbox}
    assert subjects == {
        chinese.user.email: "贵实验室有 5 项即将到期",
        english.user.email: "5 things of your laboratory run out soon",
    }
    assert len(mail.outbox) == 2
    assert mail.outbox[0].body.count("2026-11-28") == 5
    assert "/desk/expiries/" in mail.outbox[0].body


@pytest.mark.django_db(transaction=True)
def test_what_was_renewed_before_the_letter_was_written_is_left_out(clock):
    accreditation = AccreditationFactory(valid_to=in_days(5))
    LabMembershipFactory(organisation=accreditation.lab.organisation, role="lab_manager")
    expiries.give_notices(now=MONDAY_9)
    accreditation.valid_to = in_days(500)
    accreditation.save()

    do_jobs()

    assert mail.outbox == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_notice_a_thing_once():
    for lab in (lab_where_all_ends(12), lab_where_all_ends(3)):
        LabMembershipFactory(organisation=lab.organisation, role="lab_manager")

    noticed = at_once(*[lambda: expiries.give_notices(now=MONDAY_9)] * 4)

    assert sum(noticed) == ExpiryNotice.objects.count() == 10


@pytest.mark.django_db
def test_the_table_of_notices_holds_what_must_be_true():
    accreditation = AccreditationFactory(valid_to=in_days(5))
    expiries.give_notices(now=MONDAY_9)
    notice = ExpiryNotice.objects.get()
    for changed, constraint in (
        ({"pk": None}, "expiry_noticed_once"),
        ({"pk": None, "threshold": 8}, "expiry_threshold_is_one_of_the_rules"),
    ):
        for name, value in changed.items():
            setattr(notice, name, value)
        with pytest.raises(IntegrityError) as caught, transaction.atomic():
            notice.save(force_insert=True)
        assert violated(caught.value) == constraint
    assert notice.thing_id == accreditation.pk


# --- The desk's list ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_list_shows_what_ends_with_its_days_and_the_desk_counts_it(client_as, clock):
    lab = lab_where_all_ends(12)
    AccreditationFactory(lab=lab, number="CNAS L00001", valid_to=in_days(-3))
    client = client_as(LabMembershipFactory(organisation=lab.organisation, role="lab_operator"))

    page = client.get(PAGE).content.decode()

    assert "CNAS L00001" in page
    assert "已到期 3 天" in page
    desk = client.get("/desk/").content.decode()
    assert "1 项证书或有效期已到期" in desk
    assert "5 项将在 30 天内到期" in desk


@pytest.mark.django_db
def test_the_list_is_filtered_and_taken_along(client_as, clock):
    lab = lab_where_all_ends(12)
    client = client_as(LabMembershipFactory(organisation=lab.organisation))

    def names(query):
        exported = client.get(f"{PAGE}?format=csv&{query}").content.decode("utf-8-sig")
        return len(list(csv.reader(io.StringIO(exported)))) - 1

    assert [names(query) for query in ("", "within=7", "within=30", "within=over", "kind=scope", "kind=nonsense")] == [
        5, 0, 5, 0, 1, 5,
    ]  # fmt: skip
    assert "没有符合条件" in client.get(f"{PAGE}?within=7").content.decode()


@pytest.mark.django_db
def test_a_stranger_logs_in_a_customer_is_kept_out_and_another_lab_sees_its_own(client, client_as, clock):
    lab = lab_where_all_ends(12)
    name = lab.measurement_standards.get().certificate_no

    assert client.get(PAGE).status_code == 302
    assert client_as(MembershipFactory(role="owner")).get(PAGE).status_code == 403
    assert name not in client_as(LabMembershipFactory(role="lab_manager")).get(PAGE).content.decode()


@pytest.mark.django_db
def test_three_labs_ask_as_many_statements_as_one(client_as, clock):
    lab = lab_where_all_ends(12)
    client = client_as(LabMembershipFactory(organisation=lab.organisation))

    def statements():
        with CaptureQueriesContext(connection) as caught:
            client.get(PAGE)
        return len(caught)

    statements()
    one = statements()
    for _ in range(2):
        AccreditationFactory(lab__organisation=lab.organisation, valid_to=in_days(20))
    assert statements() == one


def test_what_needs_care_first_is_counted():
    assert not counted([])
