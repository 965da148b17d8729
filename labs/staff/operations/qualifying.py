"""Who may run which instrument until when: operators of the lab (BK-10), and persons by themselves (BK-11)."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, User
from kernel.events import announce
from kernel.refusals import Refusal
from labs.catalogue.editing import changes
from labs.catalogue.models import Instrument
from labs.hours.open_time import rebuild_open_time
from labs.staff.events import OperatorQualified, OperatorUnqualified, UserQualificationWithdrawn, UserQualified
from labs.staff.models import Operator, OperatorQualification, UserQualification


class OfAnotherLab(Refusal):
    code = "of_another_lab"
    message = _("Operator and instrument belong to different organisations.")
    status = 422


class QualificationOver(Refusal):
    code = "qualification_over"
    message = _("A qualification must be valid today at least.")
    status = 422


@transaction.atomic
def qualify_operator(
    *, operator: Operator, instrument: Instrument, valid_to: date, by: Membership | None, now: datetime
) -> OperatorQualification:
    """
    Let an operator run an instrument through a date, or through another one than before.

    Raises:
        OfAnotherLab: they do not work for the organisation whose instrument it is.
        QualificationOver: the date has passed.
        Busy: bookings held the instrument for too long.
    """
    if operator.lab.organisation_id != instrument.lab.organisation_id:
        raise OfAnotherLab
    _demand_ahead(valid_to, instrument, now)
    made, _is_new = OperatorQualification.objects.update_or_create(
        operator=operator, instrument=instrument, defaults={"valid_to": valid_to}
    )
    rebuild_open_time([instrument], now, moved=True)
    announce(OperatorQualified(valid_to=valid_to.isoformat(), **_of_operator(operator, instrument, by, now)))
    return made


@transaction.atomic
def unqualify_operator(*, qualification: OperatorQualification, by: Membership | None, now: datetime) -> None:
    """
    Let an operator run an instrument no more; what they were assigned to goes to others, if it can.

    Raises:
        Busy: bookings held the instrument for too long.
    """
    operator, instrument = qualification.operator, qualification.instrument
    qualification.delete()
    rebuild_open_time([instrument], now, moved=True)
    announce(OperatorUnqualified(**_of_operator(operator, instrument, by, now)))


@transaction.atomic
def qualify_user(
    *,
    user: User,
    instrument: Instrument,
    level: str,
    valid_to: date,
    by: Membership | None,
    now: datetime,
    issued_by_zh: str = "",
) -> UserQualification:
    """
    Let a person run an instrument themself through a date (上机资格): issued today, or extended.

    Raises:
        QualificationOver: the date has passed.
        Busy: bookings held the instrument for too long.
    """
    today = _demand_ahead(valid_to, instrument, now)
    made, _is_new = UserQualification.objects.update_or_create(
        user=user,
        instrument=instrument,
        defaults={
            "level": level,
            "valid_to": valid_to,
            "issued_on": today,
            "issued_by_zh": issued_by_zh or instrument.lab.name_zh,
        },
    )
    rebuild_open_time([instrument], now, moved=True)
    announce(UserQualified(level=level, valid_to=valid_to.isoformat(), **_of_user(user.pk, instrument, by, now)))
    return made


@transaction.atomic
def withdraw_from_user(*, qualification: UserQualification, by: Membership | None, now: datetime) -> None:
    """
    Let a person run an instrument themself no more; what they have booked is looked at again at the door.

    Raises:
        Busy: bookings held the instrument for too long.
    """
    user_id, instrument = qualification.user_id, qualification.instrument
    qualification.delete()
    rebuild_open_time([instrument], now, moved=True)
    announce(UserQualificationWithdrawn(**_of_user(user_id, instrument, by, now)))


def _demand_ahead(valid_to: date, instrument: Instrument, now: datetime) -> date:
    """Return the lab's today, where a date has not passed."""
    today = now.astimezone(instrument.lab.tz).date()
    if valid_to < today:
        raise QualificationOver
    return today


def _of_operator(operator: Operator, instrument: Instrument, by: Membership | None, now: datetime) -> dict[str, Any]:
    about = {"operator_id": operator.pk, "lab_id": operator.lab_id, "instrument_id": instrument.pk}
    return {**about, "row": changes.told(instrument), **changes.whose(by, now)}


def _of_user(user_id: int, instrument: Instrument, by: Membership | None, now: datetime) -> dict[str, Any]:
    return {"user_id": user_id, "instrument_id": instrument.pk, **changes.whose(by, now)}
