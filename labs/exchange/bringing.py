"""The things on the sheets of a workbook, brought in by operations; see Note [A trial is the act undone]."""

import re
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from labs.calibration import operations as calibration
from labs.calibration.models import CalibrationRecord
from labs.catalogue.editing import changes, instruments, offerings
from labs.catalogue.models import Offering, Standard
from labs.catalogue.rules import standard_key, standard_number
from labs.exchange import abilities, queries, terms
from labs.exchange.changing import Misfit, Work, differing

CODE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9-]{1,38}$")


def bring_instruments(work: Work) -> None:
    """Add the instruments that are new, with their rental as a draft, and change what is said of the others."""
    for number, values in work.given["instruments"].rows:
        with work.row("instruments", number, fields={"instrument_code_taken": "code", "room_of_another_lab": "room"}):
            code = values.pop("code")
            current = work.instruments.get(code)
            before = queries.instrument_row(current) if current else {}
            changed = differing(before, values)
            if current and not changed:
                work.same("instruments")
                continue
            fields = _resolved(work, changed)
            if current is None:
                _check_code(code)
                made = instruments.add_instrument(lab=work.lab, code=code, by=work.by, now=work.now, **fields)
                work.instruments[code] = made
                work.new("instruments", number, f"{made.name} {code}")
            else:
                instruments.edit_instrument(
                    instrument=current,
                    seen=changes.mark(changes.of_row(current, instruments.FIELDS)),
                    by=work.by,
                    now=work.now,
                    **fields,
                )
                work.changed("instruments", number, f"{current.name} {code}", before, changed)


def _check_code(code: str) -> None:
    if not CODE.match(code):
        raise Misfit("code", _("Use 2 to 39 letters, digits and hyphens: addresses carry the code."))


def _resolved(work: Work, values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with the rows that codes name."""
    found = dict(values)
    if "category" in values:
        code = values["category"].zfill(4) if values["category"].isdecimal() else values["category"]
        if code not in work.categories:
            raise Misfit("category", _("There is no category {code}.").format(code=values["category"]))
        found["category"] = work.categories[code]
    if values.get("room") is not None:
        if values["room"] not in work.rooms:
            raise Misfit("room", _("The lab has no room {code}.").format(code=values["room"]))
        found["room"] = work.rooms[values["room"]]
    return found


KEPT_OF_CERTIFICATES = ("kind", "method", "issued_by_zh", "traceable_to_zh", "calibrated_on")
"""What of a certificate stays as it was recorded."""


def bring_certificates(work: Work) -> None:
    """Record the certificates that are new, and correct the others where they may be corrected."""
    rows = CalibrationRecord.objects.filter(instrument__lab=work.lab).select_related("instrument")
    there = {(row.instrument.code, row.certificate_no): row for row in rows}
    for number, values in work.given["certificates"].rows:
        with work.row("certificates", number):
            code, certificate_no = values.pop("instrument"), values["certificate_no"]
            instrument = work.instrument(code)
            current = there.get((code, certificate_no))
            if current is None:
                calibration.record_calibration(instrument=instrument, by=work.by, now=work.now, **values)
                work.new("certificates", number, f"{certificate_no}, {instrument.name} {code}")
                continue
            before = queries.certificate_row(current)
            changed = differing(before, values)
            for key in KEPT_OF_CERTIFICATES:
                if key in changed:
                    raise Misfit(
                        key, _("A recorded certificate keeps this. Record another one, or correct it at the desk.")
                    )
            if not changed:
                work.same("certificates")
                continue
            kept = {name: before[name] for name in ("valid_from", "valid_to", "result")}
            seen = changes.of_row(current, calibration.AMENDED)
            calibration.amend_calibration(
                record=current,
                seen=changes.mark(seen),
                by=work.by,
                now=work.now,
                reason=work.reason,
                **{**kept, **changed},
            )
            work.changed("certificates", number, f"{certificate_no}, {instrument.name} {code}", before, changed)


def bring_offerings(work: Work) -> None:
    """Add the services that are new, as drafts, and change what is said of the others."""
    rows = Offering.objects.filter(lab=work.lab).select_related("lab").prefetch_related("standards", "instruments")
    there = {row.code: row for row in rows}
    told = work.given["offerings"]
    for number, values in told.rows:
        fields = {
            "offering_code_taken": "code",
            "compulsory_verification_is_free": "unit_price_fen",
            "instrument_of_another_lab": "instruments",
        }
        with work.row("offerings", number, fields=fields):
            code, kind = values.pop("code"), values.pop("kind")
            current = there.get(code)
            before = queries.offering_row(current) if current else {}
            if current is not None and current.kind != kind:
                raise Misfit("kind", _("The kind of an offering stays what it was."))
            if current is None and kind == Offering.Kind.RENTAL:
                raise Misfit("kind", _("A rental comes with its instrument: add the instrument."))
            if kind == Offering.Kind.RENTAL:  # it carries the names of its instrument, which may be new in this file
                values.pop("name_zh", None), values.pop("name_en", None)
            if "standards" in values:
                values["standards"] = sorted({standard_number(number) for number in values["standards"]})
            if "instruments" in values:
                values["instruments"] = sorted(set(values["instruments"]))
            usual = {} if current else {key: value for key, value in values.items() if not value}
            changed = {key: value for key, value in differing(before, values).items() if key not in usual}
            allowed = {*offerings.FIELDS[kind], *(() if kind == Offering.Kind.RENTAL else ("standards", "instruments"))}
            for key in changed:
                if key not in allowed:
                    raise Misfit(key, _("This is not said of an offering of this kind. Leave the cell as it was."))
            if current is not None and not changed:
                work.same("offerings")
                continue
            fields_of_it = _offering_fields(work, changed)
            if current is None:
                _check_code(code)
                made = offerings.add_service(
                    lab=work.lab, kind=kind, code=code, by=work.by, now=work.now, **fields_of_it
                )
                work.new("offerings", number, f"{made.name} {code}")
            else:
                seen = changes.mark(offerings.said(current))
                offerings.edit_offering(offering=current, seen=seen, by=work.by, now=work.now, **fields_of_it)
                work.changed("offerings", number, f"{current.name} {code}", before, changed)


def _offering_fields(work: Work, values: dict[str, Any]) -> dict[str, Any]:
    """Return the values as the operation takes them: rows for numbers and codes, steps for pairs."""
    found = dict(values)
    if "standards" in values:
        keys = {number: standard_key(number) for number in values["standards"]}
        rows = {row.number_key: row for row in Standard.objects.filter(number_key__in=keys.values())}
        for number, key in keys.items():
            if key not in rows:
                raise Misfit("standards", _("There is no standard {number}.").format(number=number))
        found["standards"] = list(rows.values())
    if "instruments" in values:
        for code in values["instruments"]:
            if code not in work.instruments:
                raise Misfit("instruments", _("The lab has no instrument {number}.").format(number=code))
        found["instruments"] = [work.instruments[code] for code in values["instruments"]]
    if "tiers" in values:
        found["tiers"] = [{"min_qty": least, "price_bp": bp} for least, bp in values["tiers"]]
    if "urgent_options" in values:
        found["urgent_options"] = [{"workdays": days, "surcharge_bp": bp} for days, bp in values["urgent_options"]]
    return found


IN_ORDER: tuple[Callable[[Work], None], ...] = (
    bring_instruments,
    abilities.bring_parameters,
    abilities.bring_capabilities,
    bring_certificates,
    bring_offerings,
    terms.bring_tariffs,
    terms.bring_policies,
    terms.bring_hours,
)
"""What later sheets name, earlier ones bring."""
