"""A thing's history, told: who, when, what, from what to what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from audit.models import AuditEvent
from kernel.bilingual import chosen
from labs.calibration.models import CalibrationRecord
from labs.catalogue.models import Accreditation, Honour, Instrument, Lab, MeasurementStandard, Offering
from labs.desk import wording
from labs.staff.models import Operator

MODELS: Mapping[str, type[Model]] = {
    "instrument_edited": Instrument,
    "abilities_edited": Instrument,
    "offering_edited": Offering,
    "lab_edited": Lab,
    "opening_hours_set": Lab,
    "operator_edited": Operator,
    "operator_hours_set": Operator,
    "calibration_amended": CalibrationRecord,
}
RECOGNITIONS: Mapping[str, type[Model]] = {
    "accreditation": Accreditation,
    "honour": Honour,
    "standard": MeasurementStandard,
}


@dataclass(frozen=True, slots=True)
class Change:
    """A field that changed: what it is called, what it said, what it says; or lines that went and came."""

    label: str
    before: str
    after: str
    gone: tuple[str, ...] = ()
    come: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened to a thing."""

    at: datetime
    who: str
    what: str
    reason: str
    changes: tuple[Change, ...]


def told(events: Iterable[AuditEvent]) -> list[Entry]:
    """Return events in words."""
    return [
        Entry(
            at=event.occurred_at,
            who=str(event.actor) if event.actor else _("the platform"),
            what=sentence(event.name, event.facts),
            reason=event.reason,
            changes=tuple(_changes(event)),
        )
        for event in events
    ]


def sentence(name: str, facts: Mapping[str, Any]) -> str:
    """Return what happened as a sentence."""
    row = facts.get("row") or {}
    named = {
        "row": chosen(row.get("zh", ""), row.get("en", "")) or _("without a name"),
        "kind": _recognition(facts.get("kind", "")),
        "version": facts.get("version", ""),
        "number": facts.get("certificate_no") or _("without a number"),
        "date": facts.get("date", ""),
        "file": facts.get("file_name", ""),
        "state": _state(Offering.State, facts.get("state")),
        "before": _state(Offering.State, facts.get("before")),
        "status": _state(Instrument.Status, facts.get("status")),
        "valid_to": facts.get("valid_to", ""),
        "first_on": facts.get("first_on", ""),
        "last_on": facts.get("last_on", ""),
    }
    sentences = {
        "instrument_added": _("Instrument added: {row}"),
        "instrument_edited": _("Description changed"),
        "abilities_edited": _("Parameters and capabilities changed"),
        "photo_added": _("Photo added: {row}"),
        "photo_removed": _("Photo removed: {row}"),
        "photo_moved": _("Photo shown first: {row}"),
        "rental_offered": _("Rental prepared as a draft"),
        "offering_state_set": _("State changed: {before} → {state}") if facts.get("before") else _("State: {state}"),
        "offering_republished": _("Kept as version {version}"),
        "service_added": _("Service added: {row}"),
        "offering_edited": _("Offering changed"),
        "lab_edited": _("Profile changed"),
        "recognition_added": _("{kind} added: {row}"),
        "recognition_edited": _("{kind} changed: {row}"),
        "recognition_removed": _("{kind} taken back: {row}"),
        "calibration_recorded": _("Certificate recorded: {number}"),
        "calibration_amended": _("Certificate corrected: {number}"),
        "tariff_published": _("Price list {version} published"),
        "booking_policy_published": _("Terms of booking {version} published"),
        "instrument_status_set": _("Status set: {status}"),
        "opening_hours_set": _("Opening hours changed"),
        "operator_added": _("Operator added: {row}"),
        "operator_edited": _("What is said of them changed"),
        "operator_hours_set": _("Working hours changed"),
        "leave_announced": _("Leave entered: {first_on} to {last_on}"),
        "leave_taken_back": _("Leave taken back: {first_on} to {last_on}"),
        "operator_qualified": _("Qualified for {row} until {valid_to}"),
        "operator_unqualified": _("Qualification withdrawn: {row}"),
        "user_qualified": _("A user may operate it until {valid_to}"),
        "user_qualification_withdrawn": _("A user's qualification was withdrawn"),
        "instrument_group_saved": _("Group of instruments saved: {row}"),
        "instrument_group_removed": _("Group of instruments taken apart: {row}"),
        "date_exception_added": _("Other hours on {date}"),
        "date_exception_removed": _("The usual hours again on {date}"),
        "instrument_outage_announced": _("Closure or maintenance announced"),
        "outage_changed": _("Closure or maintenance changed"),
        "outage_lifted": _("Closure or maintenance lifted"),
        "workbook_brought_in": _("Excel file brought in: {file}"),
    }
    return sentences.get(name, _("Something was changed")).format_map(named)


def _state(choices: Any, value: Any) -> str:
    return str(choices(value).label) if value in choices.values else ""


def _recognition(kind: str) -> str:
    return {
        "accreditation": _("Accreditation"),
        "honour": _("Honour"),
        "standard": _("Measurement standard"),
    }.get(kind, "")


def _changes(event: AuditEvent) -> Iterable[Change]:
    found = event.facts.get("changes")
    model = MODELS.get(event.name) or RECOGNITIONS.get(str(event.facts.get("kind", "")), Instrument)
    for change in found if isinstance(found, list) else []:
        name = str(change.get("field", ""))
        label = wording.label(model, name)
        before, after = change.get("before"), change.get("after")
        if change.get("lines"):
            yield Change(label, "", "", tuple(map(str, before or [])), tuple(map(str, after or [])))
        else:
            yield Change(label, wording.value(model, name, before), wording.value(model, name, after))
