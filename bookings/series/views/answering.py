"""What the pages of series share: whose series it is, doing something once, how a refusal is shown."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from audit.requests import operations as requests
from audit.requests.rules import fingerprint
from bookings.rentals.models import Rental
from bookings.series import wording
from bookings.series.models import Series
from bookings.series.queries import Dated
from kernel.refusals import Refusal
from web import tables
from web.requests import MemberRequest

SHOWN_WITH_IT = ("instrument__lab", "organisation", "placed_by", "used_by")


def theirs(request: MemberRequest, uuid: UUID) -> Series:
    """Return the organisation's series of that key, or answer 404."""
    mine = Series.objects.visible_to(request.member).select_related(*SHOWN_WITH_IT)
    return get_object_or_404(mine, uuid=uuid)


def ours(request: MemberRequest, uuid: UUID) -> Series:
    """Return the series of that key on the lab's own instruments, or answer 404."""
    found = Series.objects.operated_by(request.member).select_related(*SHOWN_WITH_IT)
    return get_object_or_404(found, uuid=uuid)


def shown_as(refusal: Refusal) -> int:
    """Return the status of a page that tells a refusal: one that htmx swaps in, whatever the API answers."""
    return refusal.status if refusal.status in (403, 409, 422) else 409


def once(request: MemberRequest, *, key: str, said: Any, do: Callable[[], Series]) -> str:
    """
    Do something once, however often its form is sent, and return the key of the series that it led to.

    Raises:
        KeyReused: the key was used for another wish.
        Refusal: whatever `do` refuses; then the key may be used again.
    """
    body = json.dumps(said, default=str).encode()
    with transaction.atomic():
        asked = fingerprint(method="POST", path=request.path, body=body)
        answered = requests.begin(member=request.member, key=key, fingerprint=asked)
        if answered is not None:
            return str(dict(answered.answer or {})["series"])
        made = str(do().uuid)
        requests.finish(member=request.member, key=key, status=201, answer={"series": made})
        return made


def as_file(fmt: str, series: Series, dates: list[Dated]) -> HttpResponse:
    """Answer the dates of a series as a file, in the lab's time."""
    columns = [
        _("Date"), _("Number"), _("State"), _("Start"), _("End"), _("Time zone"), _("Price (¥)"),
        _("Cancellation fee (¥)"), _("Why it was left out"), _("Code"),
    ]  # fmt: skip
    return tables.answer(fmt, name=_("series"), columns=columns, rows=[_row(series, one) for one in dates])


def _row(series: Series, one: Dated) -> list[Any]:
    lab, rental = series.instrument.lab, one.rental
    if rental is None:
        return [one.on, "", _("left out"), "", "", lab.timezone, "", "", one.why, (one.row.skipped or {}).get("code")]
    return [
        one.on,
        rental.number,
        str(Rental.Status(one.state).label),
        rental.time.start.astimezone(lab.tz),
        rental.time.end.astimezone(lab.tz),
        lab.timezone,
        rental.total_fen / 100,
        rental.fee_fen / 100,
        "",
        "",
    ]


def listed_columns() -> list[str]:
    """Return the headings of an exported list of series."""
    return [
        _("Instrument"), _("Code"), _("Lab"), _("Customer"), _("Series"), _("Booked"), _("Left out"), _("Waiting"),
        _("Next"), _("Time zone"), _("Price (¥)"), _("Booked at"),
    ]  # fmt: skip


def listed_row(series: Any) -> list[Any]:
    """Return a series as a line of an exported list, in the lab's time."""
    lab = series.instrument.lab
    return [
        series.instrument.name,
        series.instrument.code,
        lab.name,
        series.organisation.name,
        wording.told(series.plan),
        series.booked,
        series.skipped,
        series.waiting,
        series.next_at.astimezone(lab.tz) if series.next_at else "",
        lab.timezone,
        series.total_fen / 100,
        series.created_at.astimezone(lab.tz),
    ]
