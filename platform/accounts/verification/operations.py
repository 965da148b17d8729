"""Showing that an organisation is what it says: a licence handed in, looked at, accepted or not."""

import uuid
from datetime import datetime

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.memberships.models import Membership
from accounts.organisations import rules
from accounts.organisations.events import OrganisationRejected, OrganisationVerified, VerificationSubmitted
from accounts.organisations.models import Organisation
from kernel import uploads
from kernel.events import announce
from kernel.locks import lock
from kernel.refusals import Refusal


class LicenceTooLarge(Refusal):
    code = "licence_too_large"
    message = _("The licence file is larger than {limit} MB.")
    status = 422


class LicenceKindUnknown(Refusal):
    code = "licence_kind_unknown"
    message = _("The licence must be a PNG or JPEG picture or a PDF; this file is none of them, whatever its name.")
    status = 422


class AlreadyVerified(Refusal):
    code = "already_verified"
    message = _("{organisation} is already verified.")


class NothingSubmitted(Refusal):
    code = "nothing_submitted"
    message = _("{organisation} is not waiting for verification: someone else may just have decided.")


class SubmissionChanged(Refusal):
    code = "submission_changed"
    message = _("{organisation} handed in something new while you were looking. Please look again.")


class ReasonMissing(Refusal):
    code = "reason_missing"
    message = _("Say why, so that they know what to hand in instead.")
    status = 422


def checked_licence(content: bytes) -> str:
    """
    Return what kind of file a licence is.

    Raises:
        LicenceTooLarge: more than 5 MB.
        LicenceKindUnknown: neither PNG nor JPEG nor PDF.
    """
    try:
        return uploads.judged(content, kinds=uploads.DOCUMENTS, limit=rules.LARGEST_LICENCE)
    except uploads.FileTooLarge as refusal:
        raise LicenceTooLarge(**refusal.facts) from refusal
    except uploads.FileKindUnknown as refusal:
        raise LicenceKindUnknown from refusal


@transaction.atomic
def submit(*, organisation: Organisation, licence: bytes, by: Membership, now: datetime) -> Organisation:
    """
    Hand in the licence. A second one replaces the first while nobody has decided.

    Raises:
        LicenceTooLarge, LicenceKindUnknown: the file will not do.
        AlreadyVerified: there is nothing to hand in.
    """
    kind = checked_licence(licence)
    [current] = lock(Organisation.objects.filter(pk=organisation.pk))
    if current.is_verified:
        raise AlreadyVerified(organisation=current.name)
    current.licence_image.save(f"{uuid.uuid4().hex}.{kind}", ContentFile(licence), save=False)
    current.verification = Organisation.Verification.SUBMITTED
    current.verification_note = ""
    current.submitted_at = now
    current.save(update_fields=["licence_image", "verification", "verification_note", "submitted_at"])
    announce(
        VerificationSubmitted(
            occurred_at=now,
            actor_id=by.user_id,
            organisation_id=current.pk,
            licence=current.licence_image.name or "",
        )
    )
    return current


@transaction.atomic
def verify(
    *, organisation: Organisation, seen_at: datetime | None, by: Membership, now: datetime, note: str = ""
) -> Organisation:
    """
    Accept what an organisation handed in: name and number match the licence.

    `seen_at` is when that was handed in which the operator looked at.

    Raises:
        NothingSubmitted: it does not wait (any more).
        SubmissionChanged: it handed in something else meanwhile.
    """
    current = _submitted(organisation, seen_at)
    current.verification = Organisation.Verification.VERIFIED
    current.verification_note = note.strip()
    current.verified_at = now
    current.save(update_fields=["verification", "verification_note", "verified_at"])
    announce(
        OrganisationVerified(
            occurred_at=now,
            actor_id=by.user_id,
            organisation_id=current.pk,
            reason=note.strip(),
            licence=current.licence_image.name or "",
        )
    )
    return current


@transaction.atomic
def reject(
    *, organisation: Organisation, seen_at: datetime | None, reason: str, by: Membership, now: datetime
) -> Organisation:
    """
    Decline what an organisation handed in, and say why.

    Raises:
        ReasonMissing: no reason is given.
        NothingSubmitted: it does not wait (any more).
        SubmissionChanged: it handed in something else meanwhile.
    """
    if not reason.strip():
        raise ReasonMissing
    current = _submitted(organisation, seen_at)
    current.verification = Organisation.Verification.REJECTED
    current.verification_note = reason.strip()
    current.save(update_fields=["verification", "verification_note"])
    announce(
        OrganisationRejected(
            occurred_at=now,
            actor_id=by.user_id,
            organisation_id=current.pk,
            reason=reason.strip(),
            licence=current.licence_image.name or "",
        )
    )
    return current


def _submitted(organisation: Organisation, seen_at: datetime | None) -> Organisation:
    [current] = lock(Organisation.objects.filter(pk=organisation.pk))
    if current.verification != Organisation.Verification.SUBMITTED:
        raise NothingSubmitted(organisation=current.name)
    if current.submitted_at != seen_at:
        raise SubmissionChanged(organisation=current.name)
    return current
