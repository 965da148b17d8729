"""Certificates come and are corrected; by a reaction in the same transaction the open time follows."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from kernel.events import announce
from kernel.refusals import Refusal, refusing
from labs.calibration import rules
from labs.calibration.events import CalibrationAmended, CalibrationRecorded
from labs.calibration.models import CalibrationRecord
from labs.catalogue.models import Instrument


class CalibrationDatesImpossible(Refusal):
    code = "calibration_dates_impossible"
    message = _("{field}: a certificate is valid from its calibration or later, and ends after it begins.")
    status = 422


class CertificateKnown(Refusal):
    code = "certificate_known"
    message = _("The certificate {certificate_no} is recorded already.")


@transaction.atomic
def record_calibration(
    *,
    instrument: Instrument,
    kind: str,
    certificate_no: str,
    calibrated_on: date,
    valid_from: date,
    valid_to: date,
    result: str,
    by: Membership | None,
    now: datetime,
    method: str = "",
    issued_by_zh: str = "",
    traceable_to_zh: str = "",
) -> CalibrationRecord:
    """
    Record a certificate of an instrument (CAL-1).

    Raises:
        CalibrationDatesImpossible: the dates contradict each other; `field` names the wrong one.
        CertificateKnown: the instrument has a record with that number.
    """
    _check(calibrated_on=calibrated_on, valid_from=valid_from, valid_to=valid_to)
    with refusing(calibration_certificate_is_unique=CertificateKnown(certificate_no=certificate_no)):
        record = CalibrationRecord.objects.create(
            instrument=instrument,
            kind=kind,
            method=method,
            certificate_no=certificate_no,
            issued_by_zh=issued_by_zh,
            calibrated_on=calibrated_on,
            valid_from=valid_from,
            valid_to=valid_to,
            result=result,
            traceable_to_zh=traceable_to_zh,
        )
    announce(
        CalibrationRecorded(
            calibration_record_id=record.pk,
            instrument_id=record.instrument_id,
            occurred_at=now,
            actor_id=by.user_id if by else None,
            organisation_id=by.organisation_id if by else None,
        )
    )
    return record


@transaction.atomic
def amend_calibration(
    *,
    record: CalibrationRecord,
    valid_from: date,
    valid_to: date,
    result: str,
    by: Membership | None,
    now: datetime,
    reason: str,
) -> CalibrationRecord:
    """
    Correct a certificate's validity or result; the reason goes into the record of what was done.

    Raises:
        CalibrationDatesImpossible: the dates contradict each other; `field` names the wrong one.
    """
    _check(calibrated_on=record.calibrated_on, valid_from=valid_from, valid_to=valid_to)
    record.valid_from, record.valid_to, record.result = valid_from, valid_to, result
    record.save(update_fields=["valid_from", "valid_to", "result"])
    announce(
        CalibrationAmended(
            calibration_record_id=record.pk,
            instrument_id=record.instrument_id,
            occurred_at=now,
            actor_id=by.user_id if by else None,
            organisation_id=by.organisation_id if by else None,
            reason=reason,
        )
    )
    return record


def _check(*, calibrated_on: date, valid_from: date, valid_to: date) -> None:
    problem = rules.certificate_problem(calibrated_on=calibrated_on, valid_from=valid_from, valid_to=valid_to)
    if problem:
        raise CalibrationDatesImpossible(field=problem)
