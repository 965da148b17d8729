"""What an instrument measures is written by its lab: parameters as its data sheet says, capabilities that compare."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.models import Membership
from kernel.events import announce
from kernel.locks import lock
from labs.capabilities.models import Capability
from labs.capabilities.quantities import QUANTITIES
from labs.catalogue.editing import changes
from labs.catalogue.editing.events import AbilitiesEdited
from labs.catalogue.models import Instrument, Parameter

PARAMETER_FIELDS = ("name_zh", "name_en", "range", "unit", "accuracy")
CAPABILITY_FIELDS = (
    "quantity", "stated_low", "stated_high", "unit", "uncertainty", "uncertainty_kind", "coverage_factor", "note",
)  # fmt: skip


@transaction.atomic
def set_abilities(
    *,
    instrument: Instrument,
    parameters: Sequence[Mapping[str, Any]],
    capabilities: Sequence[Mapping[str, Any]],
    seen: str | None = None,
    by: Membership | None,
    now: datetime,
) -> None:
    """
    Write the parameters and capabilities of an instrument anew, in the order given.

    A parameter that stays keeps its `id`; a capability names its parameter by `parameter`, its place among those given,
    or None.

    Raises:
        EditedMeanwhile: somebody changed them since they were shown.
        QuantityUnknown, UnitUnknown, UnitOfAnotherQuantity, ValueUnreadable, RangeUpsideDown: a capability does not
            compare; each names its `field`.
        Busy: others held the instrument for too long.
    """
    [current] = lock(Instrument.objects.filter(pk=instrument.pk).select_related("lab"))
    before = said(current)
    changes.refuse_if_unseen(seen, before, about=f"instrument:{current.pk}", zone=current.lab.tz)
    kept = _write_parameters(current, parameters)
    Capability.objects.filter(instrument=current).delete()
    for given in capabilities:
        place = given.get("parameter")
        fields = {name: given[name] for name in CAPABILITY_FIELDS if name in given}
        Capability.objects.create(instrument=current, parameter=None if place is None else kept[place], **fields)
    after = said(current)
    found = [change for name in after for change in changes.of_lines(name, before[name], after[name])]
    if found:
        announce(AbilitiesEdited(instrument_id=current.pk, changes=found, **changes.whose(by, now)))


def _write_parameters(instrument: Instrument, given: Sequence[Mapping[str, Any]]) -> list[Parameter]:
    there = {row.pk: row for row in Parameter.objects.filter(instrument=instrument)}
    staying = {row["id"] for row in given if row.get("id") in there}
    Parameter.objects.filter(pk__in=set(there) - staying).delete()
    Parameter.objects.filter(pk__in=staying).update(position=F("position") + 1_000)  # unique at every instant
    kept = []
    for position, said_of_it in enumerate(given):
        row = there.get(said_of_it.get("id") or 0) or Parameter(instrument=instrument)
        row.position = position
        for name in PARAMETER_FIELDS:
            setattr(row, name, said_of_it.get(name, ""))
        row.save()
        kept.append(row)
    return kept


def said(instrument: Instrument) -> dict[str, list[str]]:
    """Return the parameters and capabilities of an instrument as lines of text, as a history keeps them."""
    parameters = Parameter.objects.filter(instrument=instrument).order_by("position", "pk")
    capabilities = Capability.objects.filter(instrument=instrument).select_related("parameter").order_by("pk")
    return {
        "parameters": [_parameter_line(row) for row in parameters],
        "capabilities": [_capability_line(row) for row in capabilities],
    }


def _parameter_line(row: Parameter) -> str:
    said_of_it = (row.name_zh, row.name_en, f"{row.range} {row.unit}".strip(), row.accuracy)
    return " · ".join(part for part in said_of_it if part)


def _capability_line(row: Capability) -> str:
    quantity = QUANTITIES[row.quantity].name_zh if row.quantity in QUANTITIES else row.quantity
    low, high = (f"{each.normalize():f}" if each is not None else "…" for each in (row.stated_low, row.stated_high))
    k = f"k={row.coverage_factor.normalize():f}" if row.coverage_factor is not None else ""
    name = row.parameter.name_zh if row.parameter else ""
    said_of_it = (name, quantity, f"{low}–{high} {row.unit}", row.uncertainty, row.uncertainty_kind, k, row.note)
    return " · ".join(part for part in said_of_it if part)
