"""What the demo's instruments can, read from their data sheets: what cannot honestly be compared stays text."""

import re
from decimal import Decimal
from pathlib import Path

from demo.records import Record, read
from kernel.refusals import Refusal
from labs.capabilities import rules
from labs.capabilities.units import is_of, plain, quantity_of
from labs.models import Capability, Instrument, Parameter

ROOM_TEMPERATURE = Decimal(25)
NOT_A_RANGE = re.compile(r"分辨率|检出限|信噪比|动态范围|衰减|引伸计|行程|MPE|加速电压|耐压|火焰高度")
"""What a data sheet says of the instrument itself, not of what it measures."""
SPAN = re.compile(r"(?P<low>RT|-?[0-9.]+)\s*-\s*(?P<high>-?[0-9.]+)")
BOTH_WAYS = re.compile(r"±\s*(?P<high>[0-9.]+)")
AT_MOST = re.compile(r"≤\s*(?P<high>[0-9.]+)")
SINGLE = re.compile(r"[0-9.]+")
REMARK = re.compile(r"\s*\(([^()]*[A-Za-z][0-9]+)\)$|@(.+)$")
"""A remark behind an accuracy or a unit: `±1 % (D50)`, `W/m²@420 nm`."""


def load_capabilities(folder: Path, instruments: dict[str, Instrument]) -> int:
    """State what the instruments can, where nothing is stated yet; return how many capabilities there are."""
    stated_already = _stated(instruments)
    known = Parameter.objects.filter(instrument__in=instruments.values())
    parameters = {(each.instrument_id, each.name_zh): each for each in known}
    rows = []
    for record in read(folder, "capabilities.json", "id"):
        instrument = record.one_of("instrument", instruments)
        parameter = parameters.get((instrument.pk, record.text("parameter")))
        if parameter is None:
            raise record.wrong("parameter", "is no parameter of the instrument")
        rows.append(_by_hand(record, instrument, parameter))
    for record in read(folder, "instruments.json", "code"):
        instrument = instruments[record.name]
        for inner in record.records("parameters"):
            parameter = parameters[instrument.pk, inner.text("name_zh")]
            if (row := read_parameter(inner, instrument, parameter)) is not None:
                rows.append(row)
    Capability.objects.bulk_create(row for row in rows if row.instrument_id not in stated_already)
    return len(rows)


def _stated(instruments: dict[str, Instrument]) -> set[int]:
    keys = Capability.objects.filter(instrument__in=instruments.values()).values_list("instrument_id", flat=True)
    return set(keys)


def _by_hand(record: Record, instrument: Instrument, parameter: Parameter) -> Capability:
    row = Capability(
        instrument=instrument,
        parameter=parameter,
        quantity=record.choice("quantity", rules.QUANTITIES),
        stated_low=record.decimal("low"),
        stated_high=record.decimal("high"),
        unit=record.text("unit"),
        uncertainty=record.text("uncertainty", ""),
        uncertainty_kind=record.text("kind", ""),
        note=record.text("note", ""),
    )
    return _worked_out(row, record)


def _worked_out(row: Capability, record: Record) -> Capability:
    try:
        row.work_out()
    except Refusal as refusal:
        raise record.wrong(getattr(refusal, "field", "range"), str(refusal)) from refusal
    return row


def read_parameter(record: Record, instrument: Instrument, parameter: Parameter) -> Capability | None:
    """
    Return what a parameter of a data sheet says in numbers, or None where it compares with nothing.

    Raises:
        RecordWrongError: it is a range of a known quantity, and its end cannot be read.
    """
    name, range_text = record.text("name_zh"), record.text("range", "")
    unit_text, accuracy = record.text("unit", ""), record.text("accuracy", "")
    unit_text, unit_note = _without_remark(unit_text)
    accuracy, accuracy_note = _without_remark(accuracy)
    note = unit_note or accuracy_note
    found = None if NOT_A_RANGE.search(name) else _range(range_text, unit_text, record)
    if found is None:
        return None
    low, high, unit_text = found
    unit = rules.unit(unit_text)
    quantity = rules.quantity_named(name)
    if unit is None:
        return None
    if quantity is None or not is_of(unit, quantity):
        quantity = quantity_of(unit)
    if quantity is None:
        return None
    row = Capability(
        instrument=instrument,
        parameter=parameter,
        quantity=quantity.code,
        stated_low=low,
        stated_high=high,
        unit=unit.symbol,
        uncertainty=accuracy,
        note="RT = 25 ℃" if range_text.startswith("RT") else note,
    )
    return _worked_out(row, record)


def _without_remark(text: str) -> tuple[str, str]:
    found = REMARK.search(text)
    return (text[: found.start()].strip(), found[1] or f"@{found[2]}") if found else (text, "")


def _range(text: str, unit: str, record: Record) -> tuple[Decimal | None, Decimal | None, str] | None:
    """Return both ends and the unit: `0.2–100` kN, `±600` A, `≤125` MPa, `1 mg–20 kg`; None for anything else."""
    written = plain(text)
    if not unit:
        wish = rules.understood(text)
        return (wish.its_unit.of(wish.low), wish.its_unit.of(wish.high), wish.unit) if wish else None
    if span := SPAN.fullmatch(written):
        low = ROOM_TEMPERATURE if span["low"] == "RT" else _end(span["low"], record)
        high = _end(span["high"], record)
        return min(low, high), max(low, high), unit
    if found := BOTH_WAYS.fullmatch(written):
        return -_end(found["high"], record), _end(found["high"], record), unit
    if found := AT_MOST.fullmatch(written):
        return None, _end(found["high"], record), unit
    if SINGLE.fullmatch(written):
        return _end(written, record), _end(written, record), unit
    return None


def _end(text: str, record: Record) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError as error:
        raise record.wrong("range", f"{text!r} is no number") from error
