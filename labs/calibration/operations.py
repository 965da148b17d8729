"""Certificates come and are corrected; by a reaction in the same transaction the open time follows."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from kernel import uploads
from kernel.events import announce
from kernel.locks import lock
from kernel.refusals import Refusal, refusing
from labs.calibration import rules
from labs.calibration.events import CalibrationAmended, CalibrationRecorded
from labs.calibration.models import CalibrationRecord
from labs.catalogue.editing import changes
from labs.catalogue.models import Instrument

AMENDED = ("valid_from", "valid_to", "result", "issuer_accreditation", "uncertainty", "corrections_zh", "confirmed_by")
"""What of a certificate may be corrected; its number and what it is of stay."""


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
    issuer_accreditation: str = "",
    uncertainty: str = "",
    corrections_zh: str = "",
    confirmed_by: str = "",
    certificate: bytes | None = None,
) -> CalibrationRecord:
    """
    Record a certificate of an instrument (CAL-1), with its file where there is one.

    Raises:
        CalibrationDatesImpossible: the dates contradict each other; `field` names the wrong one.
        CertificateKnown: the instrument has a record with that number.
        FileTooLarge, FileKindUnknown, PictureUnreadable: the certificate is no file that may be kept.
    """
    _check(calibrated_on=calibrated_on, valid_from=valid_from, valid_to=valid_to)
    kept = uploads.document(certificate) if certificate is not None else None
    with refusing(calibration_certificate_is_unique=CertificateKnown(certificate_no=certificate_no)):
        record = CalibrationRecord(
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
            issuer_accreditation=issuer_accreditation,
            uncertainty=uncertainty,
            corrections_zh=corrections_zh,
            confirmed_by=confirmed_by,
        )
        _keep_file(record, kept)
        record.save(force_insert=True)
    announce(
        CalibrationRecorded(
            calibration_record_id=record.pk,
            instrument_id=record.instrument_id,
            certificate_no=record.certificate_no,
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
    seen: str | None = None,
    certificate: bytes | None = None,
    **values: Any,
) -> CalibrationRecord:
    """
    Correct a certificate's validity, result or remarks (`values` are of `AMENDED`), or hand its file in.

    The reason goes into the history. `seen` is the mark of what the writer was shown.

    Raises:
        CalibrationDatesImpossible: the dates contradict each other; `field` names the wrong one.
        EditedMeanwhile: somebody changed the record since it was shown.
        FileTooLarge, FileKindUnknown, PictureUnreadable: the certificate is no file that may be kept.
    """
    _check(calibrated_on=record.calibrated_on, valid_from=valid_from, valid_to=valid_to)
    kept = uploads.document(certificate) if certificate is not None else None
    unknown = set(values) - set(AMENDED)
    if unknown:
        raise TypeError(f"these are not amended: {sorted(unknown)}")
    [current] = lock(CalibrationRecord.objects.filter(pk=record.pk).select_related("instrument__lab"))
    before = changes.of_row(current, (*AMENDED, "certificate"))
    seen_part = {name: before[name] for name in AMENDED}
    zone, about = current.instrument.lab.tz, f"instrument:{current.instrument_id}"
    changes.refuse_if_unseen(seen, seen_part, about=about, zone=zone)
    for name, value in {"valid_from": valid_from, "valid_to": valid_to, "result": result, **values}.items():
        setattr(current, name, value)
    _keep_file(current, kept)
    current.save()
    announce(
        CalibrationAmended(
            calibration_record_id=current.pk,
            instrument_id=current.instrument_id,
            certificate_no=current.certificate_no,
            changes=changes.between(before, changes.of_row(current, (*AMENDED, "certificate"))),
            **{**changes.whose(by, now), "reason": reason},
        )
    )
    record.refresh_from_db()
    return current


def _keep_file(record: CalibrationRecord, kept: uploads.Upload | None) -> None:
    if kept is not None:
        name, file = kept.named()
        record.certificate.save(name, file, save=False)


def _check(*, calibrated_on: date, valid_from: date, valid_to: date) -> None:
    problem = rules.certificate_problem(calibrated_on=calibrated_on, valid_from=valid_from, valid_to=valid_to)
    if problem:
        raise CalibrationDatesImpossible(field=problem)
