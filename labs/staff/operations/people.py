"""Operators of a lab: who they are, and whether they still are."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from kernel.events import announce
from kernel.locks import lock
from kernel.refusals import Refusal, refusing
from labs.catalogue.editing import changes
from labs.catalogue.models import Instrument, Lab
from labs.hours.open_time import rebuild_open_time
from labs.staff.events import OperatorAdded, OperatorEdited
from labs.staff.models import Operator

FIELDS = ("name_zh", "name_en", "roles", "user", "is_active")
"""What may be edited; the code stays what it was, since work is shared by it."""


class OperatorCodeTaken(Refusal):
    code = "operator_code_taken"
    message = _("There is an operator {operator_code} already. Choose another code.")


class LoginTaken(Refusal):
    code = "operator_login_taken"
    message = _("This log-in belongs to another operator already.")


@transaction.atomic
def add_operator(*, lab: Lab, code: str, by: Membership | None, now: datetime, **values: Any) -> Operator:
    """
    Add an operator to a lab; `values` are of `FIELDS`. They run nothing until they are qualified for it.

    Raises:
        OperatorCodeTaken: some operator has that code.
        LoginTaken: the log-in is another operator's.
    """
    taken = OperatorCodeTaken(operator_code=code)
    with refusing(operator_code_is_unique=taken, labs_operator_user_id_key=LoginTaken):
        operator = Operator.objects.create(lab=lab, code=code, **values)
    announce(
        OperatorAdded(operator_id=operator.pk, lab_id=lab.pk, row=changes.told(operator), **changes.whose(by, now))
    )
    return operator


@transaction.atomic
def edit_operator(
    *, operator: Operator, seen: str | None = None, by: Membership | None, now: datetime, **values: Any
) -> Operator:
    """
    Change what is said of an operator; `values` are of `FIELDS`, `seen` is the mark of what the writer was shown.

    One who is not there any more is assigned to nothing new; what they were assigned to goes to others, if it can.

    Raises:
        EditedMeanwhile: somebody changed it since it was shown.
        LoginTaken: the log-in is another operator's.
        Busy: others held the operator, or the instruments, for too long.
    """
    [current] = lock(Operator.objects.filter(pk=operator.pk).select_related("lab", "user"))
    before = changes.of_row(current, FIELDS)
    changes.refuse_if_unseen(seen, before, about=f"operator:{current.pk}", zone=current.lab.tz)
    for name in FIELDS:
        if name in values:
            setattr(current, name, values[name])
    found = changes.between(before, changes.of_row(current, FIELDS))
    if not found:
        return current
    fields = [change["field"] for change in found]
    with refusing(labs_operator_user_id_key=LoginTaken):
        current.save(update_fields=fields)
    if "is_active" in fields:
        look_again(current, now)
    announce(
        OperatorEdited(
            operator_id=current.pk, lab_id=current.lab_id, fields=fields, changes=found, **changes.whose(by, now)
        )
    )
    return current


def look_again(operator: Operator, now: datetime) -> None:
    """
    Let bookings of the operator's instruments judge anew: see Note [Who may operate].

    Raises:
        Busy: bookings held the instruments for too long.
    """
    theirs = Instrument.objects.filter(operator_qualifications__operator=operator)
    rebuild_open_time(theirs, now, moved=True)
