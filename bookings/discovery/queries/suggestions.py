"""
Help while typing: what the typed text may be the beginning of, grouped by kind; one statement and one for the words.

The last word is completed; what stands before it is understood as always and stays.
"""

from typing import Any

from django.db import connection
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from bookings.discovery.queries.understanding import measured, understood, with_terms
from kernel.bilingual import chosen
from labs.capabilities import rules as capabilities
from labs.capabilities import wording
from labs.catalogue import rules, understanding
from labs.models import Standard

LONGEST_TYPED = 100
OF_A_KIND = 4
"""How many are told of each kind."""

TYPED = """
(SELECT 'instrument', i.code, i.name_zh, i.name_en, i.model, lab.name_zh, lab.name_en
    FROM labs_instrument i JOIN labs_lab lab ON lab.id = i.lab_id
    WHERE length(%(text)s) > 1 AND i.search_bigrams @> %(bigrams)s AND strpos(i.search_text, %(text)s) > 0
        AND lab.is_active AND i.status <> 'retired' AND EXISTS (
            SELECT FROM labs_offering o WHERE o.instrument_id = i.id AND o.state = 'published')
    ORDER BY strpos(i.search_text, %(text)s) > 1, i.name_pinyin, i.id LIMIT %(most)s)
UNION ALL
(SELECT 'service', o.code, o.name_zh, o.name_en, o.kind, lab.name_zh, lab.name_en
    FROM labs_offering o JOIN labs_lab lab ON lab.id = o.lab_id
    WHERE length(%(text)s) > 1 AND o.kind <> 'rental' AND o.search_bigrams @> %(bigrams)s
        AND strpos(o.search_text, %(text)s) > 0 AND o.state = 'published' AND lab.is_active
    ORDER BY strpos(o.search_text, %(text)s) > 1, o.name_pinyin, o.id LIMIT %(most)s)
UNION ALL
(SELECT 'standard', s.number, s.title_zh, s.title_en, s.status, '', ''
    FROM labs_standard s
    WHERE (length(%(key)s) > 1 AND s.number_key LIKE %(key)s || '%%')
        OR (length(%(text)s) > 1 AND s.title_zh LIKE '%%' || %(like)s || '%%')
    ORDER BY s.number_key NOT LIKE %(key)s || '%%', s.status <> 'current', s.number LIMIT %(most)s)
UNION ALL
(SELECT 'lab', code, name_zh, name_en, '', '', '' FROM labs_lab
    WHERE is_active AND length(%(text)s) > 1
        AND (name_zh LIKE '%%' || %(like)s || '%%' OR lower(name_en) LIKE '%%' || %(like)s || '%%')
    ORDER BY code LIMIT %(most)s)
UNION ALL
(SELECT 'parameter', min(zh), min(zh), min(en), '', '', '' FROM (
    SELECT parameter_zh AS zh, parameter_en AS en FROM labs_scopeentry
    UNION ALL SELECT parameter_zh, parameter_en FROM labs_offering WHERE kind <> 'rental' AND state = 'published'
    ) AS known
    WHERE length(%(text)s) > 1 AND zh <> '' AND (zh LIKE '%%' || %(like)s || '%%' OR lower(en) LIKE %(like)s || '%%')
    GROUP BY zh ORDER BY strpos(zh, %(text)s) > 1, zh LIMIT %(most)s)
UNION ALL
(SELECT 'category', code, name_zh, name_en, '', '', '' FROM labs_instrumentcategory
    WHERE name_zh LIKE '%%' || %(like)s || '%%' OR lower(name_en) LIKE '%%' || %(like)s || '%%'
    ORDER BY code LIMIT %(most)s)
UNION ALL
(SELECT 'district', adcode, name_zh, name_en, '', '', '' FROM accounts_district
    WHERE name_zh LIKE %(like)s || '%%' OR lower(name_en) LIKE %(like)s || '%%' ORDER BY adcode LIMIT %(most)s)
"""


def suggestions(typed: str) -> list[dict[str, Any]]:
    """Return the groups of what a text may mean, each with its label and items: text, note, address."""
    words = understanding.words_in(typed)
    if not words:
        return []
    whole = _found(" ".join(words), "")
    if whole or len(words) == 1:
        return whole
    return _found(words[-1], " ".join(words[:-1]))


def _found(text: str, before: str) -> list[dict[str, Any]]:
    """Return what a text may mean, beside what stands before it."""
    normal = rules.normalised(text)
    like = normal.replace("\\", "").replace("%", "").replace("_", "")
    key = rules.standard_key(text).replace("%", "").replace("_", "")
    parameters: dict[str, Any] = {
        "text": normal,
        "like": like,
        "bigrams": rules.bigrams(normal),
        "key": key if any(each.isdigit() for each in key) or (len(key) > 1 and key.isascii()) else "",
        "most": OF_A_KIND,
    }
    rows: list[tuple[str, ...]] = []
    if like:
        with connection.cursor() as cursor:
            cursor.execute(TYPED, parameters)
            rows = cursor.fetchall()
    start = with_terms(QueryDict(mutable=True), understood(before)) if before else QueryDict(mutable=True)
    groups: dict[str, list[dict[str, str]]] = {name: [] for name in labels()}
    for kind, value, zh, en, more, beside_zh, beside_en in rows:
        groups[kind].append(_item(kind, value, chosen(zh, en), more, chosen(beside_zh, beside_en), start))
    if (asked := measured(text)) is not None:
        told = start.copy()
        told.update(asked)
        wish = capabilities.understood(text)
        groups["quantity"].append({"text": wording.asked(wish) if wish else text, "note": "", "url": _catalogue(told)})
    elif (named := capabilities.quantity_named(normal)) is not None:
        told = start.copy()
        told["quantity"] = named.code
        groups["quantity"].append({"text": named.name, "note": ", ".join(named.units[:4]), "url": _catalogue(told)})
    order = labels() if asked is None else {"quantity": labels()["quantity"], **labels()}
    return [{"kind": name, "label": label, "items": groups[name]} for name, label in order.items() if groups[name]]


def labels() -> dict[str, str]:
    """Return the kinds in the order they are told."""
    return {
        "instrument": _("Instruments"),
        "service": _("Services"),
        "standard": _("Standards"),
        "parameter": _("Parameters"),
        "quantity": _("Quantities"),
        "lab": _("Labs"),
        "category": _("Categories"),
        "district": _("Districts"),
    }


def _item(kind: str, value: str, name: str, more: str, beside: str, start: QueryDict) -> dict[str, str]:
    """Return one suggestion: instruments and services lead to their pages, all else narrows the catalogue."""
    if kind in ("instrument", "service"):
        note = f"{more} · {beside}".strip(" ·") if kind == "instrument" else beside
        return {"text": name, "note": note, "url": reverse(f"discovery:{kind}", args=[value])}
    told = start.copy()
    told[kind] = value
    note = beside
    if kind == "standard":
        name, note = value, name if more == Standard.Status.CURRENT else f"{name} · {Standard.Status(more).label}"
    return {"text": name, "note": note, "url": _catalogue(told)}


def _catalogue(query: QueryDict) -> str:
    return f"{reverse('discovery:catalogue')}?{query.urlencode()}"
