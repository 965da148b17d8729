"""What instruments measure, on the sheets of a workbook brought in; see Note [A trial is the act undone]."""

from typing import Any

from django.utils.translation import gettext as _

from labs.capabilities import operations
from labs.capabilities.models import Capability
from labs.catalogue.editing import changes
from labs.catalogue.models import Instrument, Parameter
from labs.exchange import queries
from labs.exchange.changing import Misfit, Work, by_instrument, differing


def bring_parameters(work: Work) -> None:
    """Write the parameters of each instrument that the sheet names, in the order of their numbers."""
    for code, rows in by_instrument(work, "parameters"):
        number = rows[0][0]
        with work.row("parameters", number):
            instrument = work.instrument(code)
            ordered = sorted(rows, key=lambda row: row[1]["position"])
            there = list(Parameter.objects.filter(instrument=instrument).order_by("position", "pk"))
            names = ("name_zh", "name_en", "range", "unit", "accuracy")
            before = [{name: getattr(each, name) for name in names} for each in there]
            wanted = [_filled(values, before, place, names) for place, (_number, values) in enumerate(ordered)]
            if wanted == before:
                for _row in rows:
                    work.same("parameters")
                continue
            keys = _staying(there, wanted)
            given = [{**values, "id": key} for values, key in zip(wanted, keys, strict=True)]
            operations.set_abilities(
                instrument=instrument,
                parameters=given,
                capabilities=_capabilities(instrument, keys),
                seen=changes.mark(operations.said(instrument)),
                by=work.by,
                now=work.now,
            )
            _tell_parameters(work, number, instrument, before, wanted)


def _filled(values: dict[str, Any], before: list[dict[str, Any]], place: int, names: tuple[str, ...]) -> dict[str, Any]:
    """Return a parameter whole: columns that are not in the file stay as they are."""
    was = before[place] if place < len(before) else dict.fromkeys(names, "")
    return {name: values.get(name, was[name]) for name in names}


def _staying(there: list[Parameter], wanted: list[dict[str, Any]]) -> list[int | None]:
    """Return which row each wanted parameter is: the one of its name, else the one in its place, else none."""
    free = {row.pk: row for row in there}
    keys: list[int | None] = []
    for values in wanted:
        same = next((key for key, row in free.items() if row.name_zh == values["name_zh"]), None)
        keys.append(same)
        free.pop(same or 0, None)
    for place, key in enumerate(keys):
        if key is None and place < len(there) and there[place].pk in free:
            keys[place] = there[place].pk
            free.pop(there[place].pk)
    return keys


def _capabilities(instrument: Instrument, keys: list[int | None]) -> list[dict[str, Any]]:
    """Return the capabilities of an instrument as they are."""
    rows = Capability.objects.filter(instrument=instrument).order_by("pk")
    return [
        {
            **{name: getattr(row, name) for name in operations.CAPABILITY_FIELDS},
            "parameter": keys.index(row.parameter_id) if row.parameter_id in keys and row.parameter_id else None,
        }
        for row in rows
    ]


def _tell_parameters(
    work: Work, number: int, instrument: Instrument, before: list[dict[str, Any]], wanted: list[dict[str, Any]]
) -> None:
    name = f"{instrument.name} {instrument.code}"
    for place in range(max(len(before), len(wanted))):
        was = before[place] if place < len(before) else {}
        becomes = wanted[place] if place < len(wanted) else dict.fromkeys(was, "")
        if was != becomes:
            work.changed("parameters", number, f"{name}, {place + 1}", was, differing(was, becomes))


def bring_capabilities(work: Work) -> None:
    """Write the capabilities of each instrument that the sheet names, in their order."""
    for code, rows in by_instrument(work, "capabilities"):
        number = rows[0][0]
        fields = {"value": "stated_low", "value_to": "stated_high"}
        with work.row("capabilities", number, fields=fields):
            instrument = work.instrument(code)
            there = Capability.objects.filter(instrument=instrument).select_related("instrument", "parameter")
            before = [queries.capability_row(each, place) for place, each in enumerate(there.order_by("pk"), 1)]
            ordered = sorted(rows, key=lambda row: row[1]["order"])
            wanted = [_whole(values, before, place, code) for place, (_number, values) in enumerate(ordered)]
            if wanted == before:
                for _row in rows:
                    work.same("capabilities")
                continue
            parameters = list(Parameter.objects.filter(instrument=instrument).order_by("position", "pk"))
            names = [each.name_zh for each in parameters]
            operations.set_abilities(
                instrument=instrument,
                parameters=[
                    {"id": each.pk, **{name: getattr(each, name) for name in operations.PARAMETER_FIELDS}}
                    for each in parameters
                ],
                capabilities=[{**values, "parameter": _place_of(values["parameter"], names)} for values in wanted],
                seen=changes.mark(operations.said(instrument)),
                by=work.by,
                now=work.now,
            )
            name = f"{instrument.name} {instrument.code}"
            for place in range(max(len(before), len(wanted))):
                was = before[place] if place < len(before) else {}
                becomes = wanted[place] if place < len(wanted) else dict.fromkeys(was)
                if was != becomes:
                    work.changed("capabilities", number, f"{name}, {place + 1}", was, differing(was, becomes))


EMPTY: dict[str, Any] = {
    "parameter": "", "quantity": "", "stated_low": None, "stated_high": None, "unit": "", "uncertainty": "",
    "uncertainty_kind": "", "coverage_factor": None, "note": "",
}  # fmt: skip
"""A capability of which nothing is said yet."""


def _whole(values: dict[str, Any], before: list[dict[str, Any]], place: int, code: str) -> dict[str, Any]:
    """Return a capability whole: columns that are not in the file stay as they are."""
    was = before[place] if place < len(before) else EMPTY
    said = {name: values.get(name, was[name]) for name in EMPTY}
    return {"instrument": code, "order": place + 1, **said}


def _place_of(parameter: str, names: list[str]) -> int | None:
    if not parameter:
        return None
    if parameter not in names:
        raise Misfit("parameter", _("The instrument has no parameter {name}.").format(name=parameter))
    return names.index(parameter)
