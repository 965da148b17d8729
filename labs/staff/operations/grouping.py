"""Groups of instruments of which any will do (BK-10)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from kernel.events import announce
from kernel.refusals import Refusal, refusing
from labs.catalogue.editing import changes
from labs.catalogue.models import Instrument, InstrumentGroup, Lab
from labs.staff.events import InstrumentGroupRemoved, InstrumentGroupSaved
from labs.staff.operations.qualifying import OfAnotherLab


class GroupCodeTaken(Refusal):
    code = "group_code_taken"
    message = _("There is a group {group_code} already. Choose another code.")


class GroupIsEmpty(Refusal):
    code = "group_is_empty"
    message = _("A group has two instruments at least.")
    status = 422


class GroupWaitedFor(Refusal):
    code = "group_waited_for"
    message = _("Customers wait for this group, or have waited for it; change it instead.")


@transaction.atomic
def save_group(
    *,
    lab: Lab,
    code: str,
    name_zh: str,
    name_en: str = "",
    instruments: Sequence[Instrument],
    by: Membership | None,
    now: datetime,
    group: InstrumentGroup | None = None,
) -> InstrumentGroup:
    """
    Put instruments of a lab together, as a new group or instead of one; its code stays what it was.

    Raises:
        GroupIsEmpty: fewer than two.
        OfAnotherLab: one of them belongs to another lab.
        GroupCodeTaken: some group has that code.
    """
    if len({each.pk for each in instruments}) < 2:
        raise GroupIsEmpty
    if any(each.lab_id != lab.pk for each in instruments):
        raise OfAnotherLab
    with refusing(instrument_group_code_is_unique=GroupCodeTaken(group_code=code)):
        if group is None:
            group = InstrumentGroup.objects.create(lab=lab, code=code, name_zh=name_zh, name_en=name_en)
        else:
            group.name_zh, group.name_en = name_zh, name_en
            group.save(update_fields=["name_zh", "name_en"])
    group.instruments.set(instruments)
    codes = sorted(each.code for each in instruments)
    announce(
        InstrumentGroupSaved(
            group_id=group.pk, lab_id=lab.pk, row=changes.told(group), instruments=codes, **changes.whose(by, now)
        )
    )
    return group


@transaction.atomic
def remove_group(*, group: InstrumentGroup, by: Membership | None, now: datetime) -> None:
    """
    Take instruments apart again; they stay what they are.

    Raises:
        GroupWaitedFor: somebody waits for it, or has.
    """
    told = InstrumentGroupRemoved(
        group_id=group.pk, lab_id=group.lab_id, row=changes.told(group), **changes.whose(by, now)
    )
    try:
        group.delete()
    except ProtectedError as error:
        raise GroupWaitedFor from error
    announce(told)
