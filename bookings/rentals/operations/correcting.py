"""When a use began and ended, where the desk wrote it down late: said at check-out, with the reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from bookings.rentals import rules
from bookings.rentals.models import Rental, UsageRecord, UsageRun
from kernel.refusals import Refusal

SAID = "%Y-%m-%d %H:%M"


class UsageTimesImpossible(Refusal):
    """A use cannot have begun or ended then; `fields` says which, the message between what it lies."""

    code = "USAGE_TIMES_IMPOSSIBLE"
    message = _("{number} can have begun from {began_from} to {began_by}, and ended from {ended_from} to {ended_by}.")
    status = 422


class CorrectionUnexplained(Refusal):
    """Whoever corrects when a use began or ended says why."""

    code = "CORRECTION_UNEXPLAINED"
    message = _("Please say why the times are corrected.")
    status = 422


@dataclass(frozen=True, slots=True)
class Times:
    """When a use began and ended as it is written down, and what of it differs from the clock: [before, after] UTC."""

    began_at: datetime
    ended_at: datetime
    corrected: Mapping[str, list[str]]


def times_of(
    rental: Rental,
    record: UsageRecord,
    *,
    began_at: datetime | None,
    ended_at: datetime | None,
    why: str,
    now: datetime,
) -> Times:
    """
    Return when a use began and ended: by the clock, or as corrected (None: by the clock).

    It began no earlier than anybody is let in, nor before the one before it on its positions ended; it ended by now;
    and an interruption in between lies inside.

    Raises:
        CorrectionUnexplained: no reason was given.
        UsageTimesImpossible: it cannot have been so.
    """
    began, ended = began_at or record.started_at, ended_at or now
    corrected = {
        name: [before.astimezone(UTC).isoformat(), after.astimezone(UTC).isoformat()]
        for name, before, after in (("started_at", record.started_at, began), ("ended_at", now, ended))
        if before != after
    }
    if not corrected:
        return Times(began, ended, corrected)
    if not why.strip():
        raise CorrectionUnexplained
    runs = list(UsageRun.objects.filter(rental=rental).order_by("began_at"))
    may = rules.usage_bounds(
        booked_start=rental.time.start,
        left_before=_left_before(rental, record),
        first_broke_at=runs[0].ended_at if len(runs) > 1 else None,
        last_began_at=runs[-1].began_at if len(runs) > 1 else None,
        recorded_start=record.started_at,
        now=now,
    )
    wrong = may.wrong(began, ended)
    if wrong:
        zone = rental.instrument.lab.tz
        bounds = {
            "began_from": may.began_from,
            "began_by": may.began_by,
            "ended_from": may.ended_from,
            "ended_by": may.ended_by,
        }
        told = {name: f"{at.astimezone(zone):{SAID}}" for name, at in bounds.items()}
        raise UsageTimesImpossible(fields=", ".join(wrong), number=rental.number, **told)
    return Times(began, ended, corrected)


def write_down(rental: Rental, record: UsageRecord, times: Times) -> None:
    """Let the record and its runs say when a use began and ended; the record is saved by the caller."""
    if "started_at" in times.corrected:
        first = UsageRun.objects.filter(rental=rental).order_by("began_at")[:1]
        UsageRun.objects.filter(pk__in=list(first.values_list("pk", flat=True))).update(began_at=times.began_at)
    UsageRun.objects.filter(rental=rental, ended_at__isnull=True).update(ended_at=times.ended_at)
    record.started_at, record.ended_at = times.began_at, times.ended_at


def _left_before(rental: Rental, record: UsageRecord) -> datetime | None:
    """Return when the use before this one on any of its positions ended."""
    before = UsageRecord.objects.filter(
        rental__instrument_id=rental.instrument_id,
        positions__overlap=record.positions,
        started_at__lt=record.started_at,
        ended_at__lte=record.started_at,
    ).exclude(pk=record.pk)
    left: datetime | None = before.aggregate(left=Max("ended_at"))["left"]
    return left
