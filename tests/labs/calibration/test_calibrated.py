"""CAL-1: when an instrument is calibrated."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError

from audit.models import AuditEvent
from kernel.periods import Period
from kernel.refusals import violated
from labs.calibration import operations as calibration
from labs.calibration.rules import Validity, calibrated_periods
from labs.models import CalibrationRecord, OpenTime
from tests.conftest import MONDAY_9
from tests.factories.accounts import LabMembershipFactory
from tests.factories.labs import CalibrationRecordFactory, InstrumentFactory

CHINA = ZoneInfo("Asia/Shanghai")


def local(year, month, day):
    return datetime(year, month, day, tzinfo=CHINA).astimezone(UTC)


@pytest.mark.parametrize(
    ("records", "periods"),
    [
        ([], []),
        (
            [Validity(date(2026, 1, 10), date(2026, 1, 10))],
            [Period(local(2026, 1, 10), local(2026, 1, 11))],
        ),
        (
            [Validity(date(2026, 1, 1), date(2026, 6, 30)), Validity(date(2026, 7, 1), date(2026, 12, 31))],
            [Period(local(2026, 1, 1), local(2027, 1, 1))],
        ),
        (
            [Validity(date(2026, 7, 2), date(2026, 12, 31)), Validity(date(2026, 1, 1), date(2026, 6, 30))],
            [Period(local(2026, 1, 1), local(2026, 7, 1)), Period(local(2026, 7, 2), local(2027, 1, 1))],
        ),
        ([Validity(date(2026, 1, 1), date(2026, 6, 30), "fail")], []),
        (
            [Validity(date(2026, 1, 1), date(2026, 6, 30), "limited")],
            [Period(local(2026, 1, 1), local(2026, 7, 1))],
        ),
    ],
)
def test_calibrated_is_from_the_first_day_to_the_end_of_the_last_and_gaps_are_not(records, periods):
    assert calibrated_periods(records, CHINA) == periods


def record(instrument, by=None, **changed):
    given = {
        "kind": "calibration",
        "certificate_no": "示例校字第1号",
        "calibrated_on": date(2026, 11, 1),
        "valid_from": date(2026, 11, 1),
        "valid_to": date(2026, 12, 31),
        "result": "pass",
    }
    return calibration.record_calibration(instrument=instrument, by=by, now=MONDAY_9, **{**given, **changed})


@pytest.mark.django_db
def test_a_certificate_makes_calibrated_time_at_once_and_is_written_down():
    instrument, member = InstrumentFactory(calibration=False), LabMembershipFactory()

    made = record(instrument, by=member)

    assert OpenTime.objects.get(instrument=instrument).calibrated == [Period(local(2026, 11, 22), local(2027, 1, 1))]
    told = AuditEvent.objects.get(name="calibration_recorded")
    assert (told.actor_id, told.organisation_id) == (member.user_id, member.organisation_id)
    assert told.facts == {
        "calibration_record_id": made.pk,
        "instrument_id": instrument.pk,
        "certificate_no": made.certificate_no,
    }


@pytest.mark.django_db
def test_an_amended_certificate_moves_the_calibrated_time():
    instrument = InstrumentFactory(calibration=False)
    made = record(instrument)

    calibration.amend_calibration(
        record=made,
        valid_from=date(2026, 11, 1),
        valid_to=date(2026, 11, 30),
        result="limited",
        by=None,
        now=MONDAY_9,
        reason="证书更正",
    )

    assert OpenTime.objects.get(instrument=instrument).calibrated == [Period(local(2026, 11, 22), local(2026, 12, 1))]
    assert AuditEvent.objects.get(name="calibration_amended").reason == "证书更正"


@pytest.mark.django_db
def test_an_instrument_that_need_not_be_calibrated_counts_as_calibrated_throughout():
    instrument = InstrumentFactory(calibration=False, requires_calibration=False)

    row = OpenTime.objects.get(instrument=instrument)

    assert row.calibrated == [Period(local(2026, 11, 22), local(2027, 7, 1))]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"valid_from": date(2026, 10, 31)}, "valid_from"),
        ({"valid_to": date(2026, 10, 31)}, "valid_to"),
    ],
)
def test_a_certificate_whose_dates_contradict_each_other_is_refused(changed, field):
    instrument = InstrumentFactory(calibration=False)

    with pytest.raises(calibration.CalibrationDatesImpossible) as refused:
        record(instrument, **changed)

    assert refused.value.facts == {"field": field}
    assert not CalibrationRecord.objects.exists()


@pytest.mark.django_db
def test_a_certificate_is_recorded_once():
    instrument = InstrumentFactory(calibration=False)
    record(instrument)

    with pytest.raises(calibration.CertificateKnown):
        record(instrument)


@pytest.mark.django_db
def test_the_database_keeps_a_certificate_from_ending_before_it_begins():
    with pytest.raises(IntegrityError) as refused:
        CalibrationRecordFactory(valid_from=date(2026, 2, 1), valid_to=date(2026, 1, 31))

    assert violated(refused.value) == "calibration_ends_after_it_begins"
