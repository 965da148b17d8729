"""Price lists, terms of booking and hours on the sheets of a workbook; see Note [A trial is the act undone]."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from labs.catalogue.models import Instrument
from labs.exchange import queries
from labs.exchange.changing import Misfit, Work, by_instrument, differing
from labs.hours import operations as hours
from labs.hours import rules as hour_rules
from labs.hours.models import OpeningWindow
from labs.hours.queries import week_of, week_seen
from labs.tariffs import operations as tariffs
from labs.tariffs.models import BookingPolicy, Tariff


def bring_tariffs(work: Work) -> None:
    """
    Publish a price list anew where the newest says something else; bands are those of the sheet of bands.

    It holds from the moment given, where that lies ahead, else from now on.
    """
    rows = {values["instrument"]: (number, values) for number, values in work.given["tariffs"].rows}
    bands = dict(by_instrument(work, "bands"))
    newest = {row.instrument.code: row for row in queries.last_versions(Tariff, work.lab)}
    for code in dict.fromkeys([*rows, *bands]):
        sheet = "tariffs" if code in rows else "bands"
        number, values = rows.get(code) or (bands[code][0][0], {})
        fields = {"terms_in_past": "valid_from"}
        with work.row(sheet, number, fields=fields):
            _bring_tariff(work, sheet, number, work.instrument(code), newest.get(code), values, bands.get(code))


def _bring_tariff(
    work: Work,
    sheet: str,
    number: int,
    instrument: Instrument,
    last: Tariff | None,
    values: dict[str, Any],
    bands: list[tuple[int, dict[str, Any]]] | None,
) -> None:
    before = queries.tariff_row(last, work.lab) if last else {}
    if last is None and not values:
        raise Misfit("instrument", _("There is no price list for these bands. Put one on its sheet."))
    said = {key: value for key, value in values.items() if key in queries.TARIFF}
    changed = differing(before, said)
    was = [queries.band_row(band) for band in last.bands] if last else []
    wanted = _bands(bands) if work.given["bands"].is_there else was
    moment: datetime | None = values.get("valid_from")
    starts = _starts(work, moment, before)
    is_later = starts is not None and starts > work.now
    if last is not None and not changed and wanted == was and not is_later:
        work.same(sheet)
        return
    usual = Tariff()
    terms = {name: said.get(name, getattr(last or usual, name)) for name in queries.TARIFF}
    made = tariffs.publish_tariff(
        instrument=instrument,
        valid_from=starts or work.now,
        after=last.version if last else 0,
        by=work.by,
        now=work.now,
        tax_category=(last or usual).tax_category,
        bands=[_stored(band) for band in wanted],
        **terms,
    )
    name = f"{instrument.name} {instrument.code}, {made.version}"
    if last is None:
        work.new(sheet, number, name)
    else:
        work.changed("tariffs", number, name, before, {**changed, **({"valid_from": moment} if is_later else {})})
    for place in range(max(len(was), len(wanted))):
        old = was[place] if place < len(was) else {}
        new = wanted[place] if place < len(wanted) else dict.fromkeys(old)
        if old != new:
            work.changed("bands", bands[0][0] if bands else number, f"{name}, {place + 1}", old, differing(old, new))


def _bands(rows: list[tuple[int, dict[str, Any]]] | None) -> list[dict[str, Any]]:
    """Return the bands of the rows in their order; one name is enough."""
    found = []
    for _number, values in sorted(rows or [], key=lambda row: row[1]["order"]):
        name_zh, name = values.get("name_zh", ""), values.get("name", "")
        if not (name or name_zh):
            raise Misfit("name_zh", _("Give the band a name in one of the languages."))
        days = [day for day in ("workday", "restday", "holiday") if day in values["day_types"]]
        found.append(
            {
                "name": name or name_zh,
                "name_zh": name_zh,
                "start": values["start"],
                "end": values["end"] % hour_rules.MINUTES_A_DAY,
                "day_types": days,
                "rate_bp": values["rate_bp"],
            }
        )
    return found


def _stored(band: dict[str, Any]) -> dict[str, Any]:
    """Return a band as a price list keeps it; the end of the day is 00:00."""
    clocks = {name: f"{band[name] // 60 % 24:02d}:{band[name] % 60:02d}" for name in ("start", "end")}
    return {**band, **clocks}


def _starts(work: Work, moment: datetime | None, before: dict[str, Any]) -> datetime | None:
    """Return the instant from which a version is to hold; None where the row says nothing new of it."""
    return moment.replace(tzinfo=work.lab.tz) if moment is not None and moment != before.get("valid_from") else None


def bring_policies(work: Work) -> None:
    """Publish terms of booking anew where the newest say something else; from when, as for price lists."""
    newest = {row.instrument.code: row for row in queries.last_versions(BookingPolicy, work.lab)}
    for number, values in work.given["policies"].rows:
        with work.row("policies", number, fields={"terms_in_past": "valid_from"}):
            code = values.pop("instrument")
            instrument, last = work.instrument(code), newest.get(code)
            before = queries.policy_row(last, work.lab) if last else {}
            moment: datetime | None = values.pop("valid_from", None)
            starts = _starts(work, moment, before)
            is_later = starts is not None and starts > work.now
            changed = differing(before, values)
            if last is not None and not changed and not is_later:
                work.same("policies")
                continue
            usual = last or BookingPolicy()
            terms = {name: values.get(name, getattr(usual, name)) for name in queries.POLICY}
            ladder = values.get("cancellation")
            steps = (
                usual.cancellation
                if ladder is None
                else [{"min_notice_hours": hours_, "fee_bp": bp} for hours_, bp in ladder]
            )
            made = tariffs.publish_policy(
                instrument=instrument,
                valid_from=starts or work.now,
                after=last.version if last else 0,
                by=work.by,
                now=work.now,
                cancellation=steps,
                **terms,
            )
            name = f"{instrument.name} {code}, {made.version}"
            if last is None:
                work.new("policies", number, name)
            else:
                work.changed(
                    "policies", number, name, before, {**changed, **({"valid_from": moment} if is_later else {})}
                )


def bring_hours(work: Work) -> None:
    """Set the lab's week to the windows of the sheet; a sheet without rows leaves it as it is."""
    given = work.given["hours"]
    if not given.rows:
        return
    number = given.rows[0][0]
    with work.row("hours", number, fields={f"opening_hours.{day}": "opens" for day in OpeningWindow.Day.values}):
        weekly: dict[int, list[tuple[int, int]]] = {}
        for _place, values in given.rows:
            weekly.setdefault(int(values["day"]), []).append((values["opens"], values["closes"]))
        current = week_of(work.lab)
        was = {day: [tuple(window) for window in current[str(day)]] for day in OpeningWindow.Day.values}
        becomes = {day: _joined(weekly.get(day, [])) for day in OpeningWindow.Day.values}
        if becomes == was:
            for _each in given.rows:
                work.same("hours")
            return
        hours.set_opening_hours(lab=work.lab, weekly=weekly, seen=week_seen(current), by=work.by, now=work.now)
        for day, label in OpeningWindow.Day.choices:
            if becomes[day] != was[day]:
                place = next((place for place, values in given.rows if int(values["day"]) == day), number)
                work.changed_text("hours", place, str(label), _windows(was[day]), _windows(becomes[day]))


def _joined(windows: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return windows as they are kept: those that touch as one; what is wrong stays as it is, and is refused."""
    return sorted(windows) if hour_rules.window_problem(windows) else list(hour_rules.joined(windows))


def _windows(windows: list[Any]) -> str:
    joined = hour_rules.joined((opens, closes) for opens, closes in windows)
    told = (f"{opens // 60:02d}:{opens % 60:02d}–{closes // 60:02d}:{closes % 60:02d}" for opens, closes in joined)
    return _(", ").join(told) or _("closed")
