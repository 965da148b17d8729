"""What a lab says of itself and what it is recognised for."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from kernel import uploads
from kernel.events import announce
from kernel.locks import lock
from kernel.refusals import Refusal, refusing
from labs.catalogue.editing import changes
from labs.catalogue.editing.events import LabEdited, RecognitionAdded, RecognitionEdited, RecognitionRemoved
from labs.catalogue.models import Accreditation, Cluster, Honour, Lab, MeasurementStandard, ScopeEntry, Zone

FIELDS = (
    "name_zh", "name_en", "lab_type", "district", "address_zh", "lat", "lon", "fields_zh", "fields_en", "contact_phone",
    "cutoff_time", "timezone",
)  # fmt: skip
LINKED = ("zones", "clusters")
ACCREDITATION_FIELDS = ("kind", "number", "issuer_zh", "valid_from", "valid_to")
SCOPE_FIELDS = (
    "object_zh", "parameter_zh", "parameter_en", "standard", "method", "quantity", "range_text", "limits_zh", "cmc",
    "coverage_factor", "valid_from", "valid_to",
)  # fmt: skip
HONOUR_FIELDS = ("kind", "name_zh", "name_en", "granted_on", "valid_to")
STANDARD_FIELDS = (
    "certificate_no", "discipline_code", "discipline_zh", "name_zh", "name_en", "range_text", "uncertainty_text",
    "valid_from", "valid_to", "objects_zh",
)  # fmt: skip

type Recognition = Accreditation | Honour | MeasurementStandard
KINDS: dict[str, tuple[type[Recognition], tuple[str, ...]]] = {
    "accreditation": (Accreditation, ACCREDITATION_FIELDS),
    "honour": (Honour, HONOUR_FIELDS),
    "standard": (MeasurementStandard, STANDARD_FIELDS),
}


class RecordedAlready(Refusal):
    code = "recorded_already"
    message = _("This is recorded already.")


class EndsBeforeItBegins(Refusal):
    code = "ends_before_it_begins"
    message = _("A validity ends on the day it begins, or later.")
    status = 422


CONSTRAINTS: dict[str, type[Refusal]] = {
    "accreditation_is_unique": RecordedAlready,
    "honour_is_unique": RecordedAlready,
    "measurement_standard_certificate_is_unique": RecordedAlready,
    "scope_entry_is_unique": RecordedAlready,
    "accreditation_ends_after_it_begins": EndsBeforeItBegins,
    "honour_ends_after_it_begins": EndsBeforeItBegins,
    "measurement_standard_ends_after_it_begins": EndsBeforeItBegins,
    "scope_entry_ends_after_it_begins": EndsBeforeItBegins,
}


@transaction.atomic
def edit_lab(
    *,
    lab: Lab,
    seen: str | None = None,
    zones: Collection[Zone] | None = None,
    clusters: Collection[Cluster] | None = None,
    by: Membership | None,
    now: datetime,
    **values: Any,
) -> Lab:
    """
    Change what a lab says of itself; `values` are of `FIELDS`, `seen` is the mark of what the writer was shown.

    Raises:
        EditedMeanwhile: somebody changed it since it was shown.
        Busy: others held it for too long.
    """
    unknown = set(values) - set(FIELDS)
    if unknown:
        raise TypeError(f"these are not edited: {sorted(unknown)}")
    [current] = lock(Lab.objects.filter(pk=lab.pk).select_related("district"))
    before = said(current)
    changes.refuse_if_unseen(seen, before, about=f"lab:{current.pk}", zone=current.tz)
    for name, value in values.items():
        setattr(current, name, value)
    if values:
        current.save(update_fields=list(values))
    if zones is not None:
        current.zones.set(zones)
    if clusters is not None:
        current.clusters.set(clusters)
    found = changes.between(before, said(current))
    if found:
        fields = [change["field"] for change in found]
        announce(LabEdited(lab_id=current.pk, fields=fields, changes=found, **changes.whose(by, now)))
    return current


def said(lab: Lab) -> dict[str, Any]:
    """Return what a lab says of itself, as a history keeps it."""
    return changes.of_row(lab, (*FIELDS, *LINKED))


# --- Accreditations, honours, measurement standards -------------------------------------------------------------------


@transaction.atomic
def recognise(
    *,
    lab: Lab,
    what: str,
    row: Recognition | None = None,
    seen: str | None = None,
    certificate: bytes | None = None,
    by: Membership | None,
    now: datetime,
    **values: Any,
) -> Recognition:
    """
    Record what a lab is recognised for, or change such a record; `what` is one of `KINDS`.

    `certificate` is the file of an accreditation's certificate; without it, the one there is stays.

    Raises:
        EditedMeanwhile: somebody changed the record since it was shown.
        RecordedAlready: there is such a record.
        EndsBeforeItBegins: the days contradict each other.
        FileTooLarge, FileKindUnknown, PictureUnreadable: the certificate is no file that may be kept.
    """
    model, fields = KINDS[what]
    kept = uploads.document(certificate) if certificate is not None else None
    current: Any = _locked(model, row, lab)
    shown = [*fields, *(["certificate"] if what == "accreditation" else [])]
    before = changes.of_row(current, shown) if row is not None else {}
    if row is not None:
        seen_part = {name: before[name] for name in fields}
        changes.refuse_if_unseen(seen, seen_part, about=f"lab:{lab.pk}", zone=lab.tz)
    for name, value in values.items():
        setattr(current, name, value)
    if kept is not None:
        name, file = kept.named()
        current.certificate.save(name, file, save=False)
    with refusing(**CONSTRAINTS):
        current.save()
    told = {"lab_id": lab.pk, "kind": what, "row_id": current.pk, "row": _named(current), **changes.whose(by, now)}
    if row is None:
        announce(RecognitionAdded(**told))
    elif found := changes.between(before, changes.of_row(current, shown)):
        announce(RecognitionEdited(**told, changes=found))
    return current  # type: ignore[no-any-return]  # one of the kinds


@transaction.atomic
def set_scope(
    *,
    accreditation: Accreditation,
    entries: Sequence[Mapping[str, Any]],
    seen: str | None = None,
    by: Membership | None,
    now: datetime,
) -> list[ScopeEntry]:
    """
    Write the scope of an accreditation (能力表) anew; `entries` are of `SCOPE_FIELDS`, those that stay keep their `id`.

    Raises:
        EditedMeanwhile: somebody changed the scope since it was shown.
        RecordedAlready: two entries say the same.
        EndsBeforeItBegins: the days of an entry contradict each other.
    """
    lab = accreditation.lab
    lock(Accreditation.objects.filter(pk=accreditation.pk).only("pk"))
    before = scope_lines(accreditation)
    changes.refuse_if_unseen(seen, before, about=f"lab:{lab.pk}", zone=lab.tz)
    there = {entry.pk: entry for entry in accreditation.scope.all()}
    with refusing(**CONSTRAINTS):
        kept = [_entry(accreditation, there, entry) for entry in entries]
        gone = set(there) - {entry.pk for entry in kept}
        ScopeEntry.objects.filter(pk__in=gone).delete()
    found = changes.of_lines("scope", before, scope_lines(accreditation))
    if found:
        announce(
            RecognitionEdited(
                lab_id=lab.pk,
                kind="accreditation",
                row_id=accreditation.pk,
                row=_named(accreditation),
                changes=found,
                **changes.whose(by, now),
            )
        )
    return kept


def scope_lines(accreditation: Accreditation) -> list[str]:
    """Return the entries of a scope as lines of text."""
    return [scope_line(entry) for entry in accreditation.scope.select_related("standard").order_by("pk")]


def scope_line(entry: ScopeEntry) -> str:
    """Return an entry of a scope as one line."""
    k = f"k={entry.coverage_factor.normalize():f}" if entry.coverage_factor is not None else ""
    until = f"–{entry.valid_to}" if entry.valid_to else ""
    method = entry.standard.number if entry.standard else entry.method
    said = (
        entry.object_zh,
        entry.parameter_zh,
        entry.parameter_en,
        method,
        entry.range_text,
        entry.limits_zh,
        entry.cmc,
        k,
    )
    return " · ".join(part for part in (*said, f"{entry.valid_from}{until}") if part)


def _entry(accreditation: Accreditation, there: dict[int, ScopeEntry], said: Mapping[str, Any]) -> ScopeEntry:
    given = dict(said)
    entry = there.get(given.pop("id", None) or 0) or ScopeEntry(accreditation=accreditation)
    for name, value in given.items():
        setattr(entry, name, value)
    entry.save()
    return entry


@transaction.atomic
def withdraw(*, lab: Lab, what: str, row: Recognition, by: Membership | None, now: datetime, reason: str) -> None:
    """Take back a record of what a lab is recognised for, as one entered by mistake; what expired stays."""
    pk, named = row.pk, _named(row)
    row.delete()
    announce(
        RecognitionRemoved(
            lab_id=lab.pk, kind=what, row_id=pk, row=named, **{**changes.whose(by, now), "reason": reason}
        )
    )


def _locked(model: type[Any], row: Recognition | None, lab: Lab) -> Any:
    if row is None:
        return model(lab=lab)
    [current] = lock(model.objects.filter(pk=row.pk, lab=lab))
    return current


def _named(row: Any) -> dict[str, str]:
    if isinstance(row, Accreditation):
        return {"zh": str(row), "en": str(row)}
    return {"zh": row.name_zh, "en": row.name_en}
