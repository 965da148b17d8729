"""
The evidence of a claim: what shows that a voucher paid for a service that was agreed, rendered, billed and paid.

Vouchers know orders by their numbers only. Who sells and who bills bring their documents: each step's `evidence.py`,
all named on one page, `config/evidence.py`. A pack lists what there is of each kind for each order, and what lacks.
"""

import csv
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.vouchers import listing
from billing.vouchers.models import ClaimBatch, ClaimItem

BOM = "﻿"
"""Windows reads a text as UTF-8 only with it."""
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The same pack has the same bytes whenever it is made."""


class Kind(TextChoices):
    """What the issuer wants to see of every use (5.2)."""

    CONTRACT = "contract", gettext_lazy("contract or quote")
    USAGE = "usage", gettext_lazy("record of the service")
    BILL = "bill", gettext_lazy("bill")
    PAYMENT = "payment", gettext_lazy("payment")


@dataclass(frozen=True, slots=True)
class Document:
    """One document of one order; `ending` is that of its file."""

    order_number: str
    kind: Kind
    content: bytes
    ending: str = "txt"


type Provider = Callable[[Sequence[str]], Iterable[Document]]
"""Returns what a step has of these orders."""

_providers: list[Provider] = []


def connect(providers: Iterable[Provider]) -> None:
    """Set who brings evidence; called once, by `config/evidence.py`, when the platform starts."""
    _providers[:] = providers


def text(title: str, facts: Iterable[tuple[str, object]], lines: Iterable[str] = ()) -> bytes:
    """Return a document as plain text that opens everywhere: a title, facts one a line, then lines."""
    told = [title, "=" * 2 * len(title), *(f"{name}: {value}" for name, value in facts)]
    body = list(lines)
    return (BOM + "\r\n".join([*told, *(["", *body] if body else []), ""])).encode()


def found(order_numbers: Sequence[str]) -> list[Document]:
    """Return all documents of orders, by order and kind."""
    documents = [document for provider in _providers for document in provider(order_numbers)]
    order, kinds = {number: at for at, number in enumerate(order_numbers)}, list(Kind)
    return sorted(documents, key=lambda each: (order[each.order_number], kinds.index(each.kind), each.content))


def pack(batch: ClaimBatch, items: Sequence[ClaimItem]) -> bytes:
    """
    Return the evidence of a claim as a zip: its list, a manifest with checksums, and a folder for each order.

    It is written in the active language, and the same for the same claim.
    """
    documents = found([item.redemption.order_number for item in items])
    named = dict(_named(documents))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        columns, rows = listing.columns(), [listing.row(at, item) for at, item in enumerate(items, start=1)]
        _write(archive, f"{batch.number}.csv", _csv(columns, rows))
        _write(archive, "MANIFEST.csv", _csv(*_manifest(items, named)))
        for path, document in named.items():
            _write(archive, path, document.content)
    return content.getvalue()


def _named(documents: Iterable[Document]) -> Iterator[tuple[str, Document]]:
    """Give each document its path: R2026.../1-contract.txt; a second one of a kind is numbered."""
    kinds, seen = list(Kind), dict[tuple[str, Kind], int]()
    for document in documents:
        key = (document.order_number, document.kind)
        seen[key] = seen.get(key, 0) + 1
        again = f"-{seen[key]}" if seen[key] > 1 else ""
        at = kinds.index(document.kind) + 1
        yield f"{document.order_number}/{at}-{document.kind.value}{again}.{document.ending}", document


def _manifest(items: Sequence[ClaimItem], named: dict[str, Document]) -> tuple[list[str], list[list[str]]]:
    """Return the table that says for each order and kind which file there is, with its SHA-256, or that none is."""
    paths: dict[tuple[str, Kind], list[str]] = {}
    for path, document in named.items():
        paths.setdefault((document.order_number, document.kind), []).append(path)
    rows = []
    for item in items:
        for kind in Kind:
            number = item.redemption.order_number
            for path in paths.get((number, kind), [""]):
                digest = hashlib.sha256(named[path].content).hexdigest() if path else ""
                rows.append([number, str(kind.label), path or _("not there yet"), digest])
    return [_("Order number"), _("Kind of evidence"), _("File"), "SHA-256"], rows


def missing(items: Sequence[ClaimItem]) -> dict[str, list[Kind]]:
    """Return which kinds of evidence are not there yet, by order; orders with all of it are left out."""
    there: dict[str, set[Kind]] = {}
    for document in found([item.redemption.order_number for item in items]):
        there.setdefault(document.order_number, set()).add(document.kind)
    numbers = (item.redemption.order_number for item in items)
    gaps = {number: [kind for kind in Kind if kind not in there.get(number, set())] for number in numbers}
    return {number: kinds for number, kinds in gaps.items() if kinds}


def _csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(columns)
    writer.writerows(rows)
    return written.getvalue().encode("utf-8-sig")


def _write(archive: zipfile.ZipFile, path: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(path, date_time=LONG_AGO)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)
