"""What fields are called and how their values are told, in the language of the page; never a code."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import FileField, Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from kernel.bilingual import chosen
from kernel.money import Money
from labs.capabilities.quantities import QUANTITIES
from labs.catalogue.rules import MATERIALS
from labs.hours.models import OpeningWindow

NOTHING = "–"


def label(model: type[Model], name: str) -> str:
    """Return what a field is called."""
    own = {
        "original_value_fen": _("original value"),
        "unit_price_fen": _("unit price"),
        "day_rate_fen": _("rate per person and day"),
        "trip_fee_fen": _("fee per trip"),
        "zone_fee_fen": _("fee for farther districts"),
        "tiers": _("price by quantity"),
        "category": _("category"),
        "room": _("room"),
        "district": _("district"),
        "standards": _("standards"),
        "instruments": _("instruments it needs"),
        "report_languages": _("languages of the report"),
        "parameters": _("parameters"),
        "capabilities": _("capabilities"),
        "scope": _("scope"),
        "certificate": _("certificate file"),
        "lat": _("latitude (WGS-84)"),
        "lon": _("longitude (WGS-84)"),
        "zones": _("zones"),
        "clusters": _("industry clusters"),
    }
    if name in own:
        return str(capfirst(own[name]))
    if name.startswith("hours_"):
        return str(capfirst(OpeningWindow.Day(int(name.removeprefix("hours_"))).label))
    try:
        field: Any = model._meta.get_field(name)
    except FieldDoesNotExist:  # of an older history: its name in words
        return str(capfirst(name.replace("_", " ")))
    return str(capfirst(field.verbose_name))


def value(model: type[Model], name: str, told: Any) -> str:
    """Return a value, as a history keeps it, in words."""
    if name == "tiers":
        return tiers(told)
    if name == "urgent_options":
        return urgent(told)
    if name == "aql":
        return aql(told)
    if name == "report_languages":
        return _(", ").join(language(each) for each in told or []) or NOTHING
    if name == "materials_allowed":
        return _(", ").join(str(MATERIALS.get(each, each)) for each in told or []) or NOTHING
    if name == "quantity" and told in QUANTITIES:
        return QUANTITIES[told].name
    field = next((each for each in model._meta.get_fields() if each.name == name), None)
    if isinstance(field, FileField):
        return _("handed in") if told else NOTHING
    choices = dict(getattr(field, "flatchoices", None) or ())
    if not isinstance(told, dict | list) and told in choices:
        return str(choices[told])
    if name.endswith("_fen") and isinstance(told, int):
        return str(Money(told))
    return plain(told)


def plain(told: Any) -> str:
    """Return a value of no particular field in words."""
    if isinstance(told, bool):
        return _("yes") if told else _("no")
    if told is None or told in ("", [], {}):
        return NOTHING
    if isinstance(told, Mapping) and set(told) <= {"zh", "en"}:
        return chosen(told.get("zh", ""), told.get("en", "")) or NOTHING
    if isinstance(told, list):
        return _(", ").join(plain(each) for each in told)
    return str(told)


def percent(bp: int) -> str:
    """Return basis points in percent."""
    return f"{bp / 100:g} %"


def tiers(told: Any) -> str:
    """Return prices by quantity: `from 10: 90 %`."""
    rows = [
        _("from {quantity}: {percent} of the price").format(
            quantity=row.get("min_qty"), percent=percent(row.get("price_bp", 0))
        )
        for row in told or []
    ]
    return "; ".join(rows) or NOTHING


def urgent(told: Any) -> str:
    """Return urgent options: `3 workdays: +50 %`."""
    rows = [
        _("{days} workdays: +{percent}").format(days=row.get("workdays"), percent=percent(row.get("surcharge_bp", 0)))
        for row in told or []
    ]
    return "; ".join(rows) or NOTHING


def aql(told: Any) -> str:
    """Return AQL by class of defect."""
    names = {"critical": _("critical"), "major": _("major"), "minor": _("minor")}
    return "; ".join(f"{names.get(key, key)} {told[key]}" for key in told or {} if told[key]) or NOTHING


def language(code: str) -> str:
    """Return the name of a report's language."""
    return {"zh": _("Chinese"), "en": _("English")}.get(code, code)


# --- What is missing -------------------------------------------------------------------------------------------------


def missing(code: str) -> tuple[str, str]:
    """Return what is missing as a sentence, and the tab where it is mended."""
    return {
        "retired": (_("The instrument is retired."), "instrument"),
        "lab_inactive": (_("The lab is not in the catalogue; the platform's operator puts it there."), ""),
        "parameters": (_("It says nothing of what it measures: add at least one parameter."), "abilities"),
        "price": (_("It has no price list in force: nobody could be told a price."), "tariff"),
        "policy": (_("It has no terms of booking in force."), "tariff"),
        "hours": (_("The lab has no opening hours, so there is no time to book."), "hours"),
        "calibration": (
            _("It has no certificate that holds now or later, and must be calibrated to be booked."),
            "calibration",
        ),
        "capabilities": (
            _("Without capabilities in numbers it is not found by quantity, range and uncertainty."),
            "abilities",
        ),
        "photo": (_("A photo helps people to trust what they book."), "photos"),
        "description": (_("A few sentences on what it is good for help people to choose it."), "instrument"),
        "safety": (_("Safety rules are shown to everybody who books it; there are none yet."), "rental"),
        "english": (_("Without an English name it is shown in Chinese to readers of English."), "instrument"),
        "unit_price": (_("It has no price."), "offering"),
        "mandatory_price": (_("Compulsory verification must be free of charge."), "offering"),
        "price_unit": (_("It does not say what the price is for: a sample, an item, a batch."), "offering"),
        "turnaround": (_("It does not say in how many workdays the result is there."), "offering"),
        "parameter": (_("It does not say what is tested."), "offering"),
        "standards": (_("It names no standard or method."), "offering"),
        "form": (_("It does not say which form of inspection it is."), "offering"),
        "superseded": (
            _("One of its standards is not the edition in force: customers must tick that they know."),
            "offering",
        ),
        "out_of_scope": (
            _("It claims an accreditation whose scope does not cover all of its standards today."),
            "offering",
        ),
        "sample": (_("It does not say what sample to send, and how much."), "offering"),
    }[code]
