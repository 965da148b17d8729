"""A workbook is sent, tried, and brought in."""

import hashlib
from collections.abc import Callable
from dataclasses import astuple
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from kernel.events import announce
from kernel.refusals import Refusal, bounded_wait
from labs.catalogue.models import Lab
from labs.exchange import book, bringing, reading, telling
from labs.exchange.changing import Report, Work
from labs.exchange.events import WorkbookBroughtIn, WorkbookHandedOver
from labs.exchange.models import KEPT, WaitingWorkbook
from labs.exchange.sheets import sheets

MOST_WAITING = 5
"""Workbooks of one member that wait; the oldest go when another comes."""


type Tell = Callable[[int], None]
"""Hears how many rows are done."""


class StillAtWork(Refusal):
    code = "still_at_work"
    message = _("The file is being worked on. Wait until that is done.")


class ComesOutOtherwise(Refusal):
    code = "comes_out_otherwise"
    message = _("Something has changed since you looked. Look once more at what the file would change.")


class NothingToBringIn(Refusal):
    code = "nothing_to_bring_in"
    message = _("The file changes nothing.")


@transaction.atomic
def keep_workbook(
    *, lab: Lab, content: bytes, file_name: str, by: Membership, now: datetime, language: str = "zh-hans"
) -> WaitingWorkbook:
    """
    Keep a workbook that was sent, until its sender has looked at what it would change or two hours have passed.

    A large one is handed over to a job that checks it.

    Raises:
        WorkbookTooLarge, WorkbookUnreadable: it is no workbook that may be read.
    """
    rows = sum(len(table.lines) for table in book.read(content))
    is_large = rows > WaitingWorkbook.AT_ONCE
    mine = WaitingWorkbook.objects.filter(sent_by=by).order_by("-sent_at", "-pk")
    WaitingWorkbook.objects.filter(pk__in=list(mine.values_list("pk", flat=True)[MOST_WAITING - 1 :])).delete()
    kept = WaitingWorkbook.objects.create(
        lab=lab,
        sent_by=by,
        file_name=file_name[-200:],
        content=content,
        sent_at=now,
        expires_at=now + KEPT,
        stage=WaitingWorkbook.Stage.TRYING if is_large else WaitingWorkbook.Stage.LOOKED_AT,
        language=language,
        rows=rows,
    )
    if is_large:
        _hand_over(kept, "try", by, now)
    return kept


def _hand_over(workbook: WaitingWorkbook, act: str, by: Membership, now: datetime) -> None:
    announce(
        WorkbookHandedOver(
            workbook_id=workbook.pk,
            act=act,
            occurred_at=now,
            actor_id=by.user_id,
            organisation_id=by.organisation_id,
        )
    )


@transaction.atomic
def ask_to_bring_in(*, workbook: WaitingWorkbook, mark: str, by: Membership, now: datetime) -> WaitingWorkbook:
    """
    Hand a large workbook, that was checked and looked at, over to the job that brings it in.

    Raises:
        StillAtWork: a job is at it, or has brought it in.
        ComesOutOtherwise: something else is shown by now than its sender saw.
    """
    kept = WaitingWorkbook.objects.select_for_update(of=("self",)).get(pk=workbook.pk)
    if kept.stage != WaitingWorkbook.Stage.TRIED:
        raise StillAtWork
    if not mark or (kept.told or {}).get("mark") != mark:
        raise ComesOutOtherwise
    kept.stage, kept.rows_done, kept.language = WaitingWorkbook.Stage.BRINGING, 0, workbook.language
    kept.save(update_fields=["stage", "rows_done", "language"])
    _hand_over(kept, "bring", by, now)
    return kept


def note_tried(*, workbook: WaitingWorkbook, told: telling.Told, refused: str = "") -> None:
    """Keep what came of checking a workbook, for its page; `refused` is why it was not brought in."""
    WaitingWorkbook.objects.filter(pk=workbook.pk).exclude(stage=WaitingWorkbook.Stage.BROUGHT).update(
        stage=WaitingWorkbook.Stage.TRIED, told=telling.kept(told, refused=refused)
    )


@transaction.atomic
def try_out(
    *, workbook: WaitingWorkbook, by: Membership, now: datetime, tell: Tell | None = None
) -> tuple[Report, str]:
    """
    Return what a workbook would change, or all that stands in its way, and the mark of that; nothing is changed.

    See Note [A trial is the act undone].

    Raises:
        WorkbookTooLarge, WorkbookUnreadable: it is no workbook that may be read.
        Busy: others held what it would change for too long.
    """
    with transaction.atomic():
        report = _run(workbook, by, now, tell)
        transaction.set_rollback(True)
    return report, mark_of(report)


@transaction.atomic
def bring_in(
    *, workbook: WaitingWorkbook, mark: str, by: Membership, now: datetime, tell: Tell | None = None
) -> Report:
    """
    Bring a workbook in, whole or not at all, when it comes out as its sender saw it (`mark`).

    A large one stays without its content, to say what came of it; a small one goes.

    Raises:
        ComesOutOtherwise: something else would change than what was shown.
        NothingToBringIn: it changes nothing.
        Busy: others held what it changes for too long.
    """
    report = _run(workbook, by, now, tell)
    if report.problems or mark_of(report) != mark:
        raise ComesOutOtherwise
    if not report.entries:
        raise NothingToBringIn
    kept = WaitingWorkbook.objects.filter(pk=workbook.pk)
    if workbook.stage == WaitingWorkbook.Stage.BRINGING:
        told = telling.kept(telling.told(report, mark))
        kept.update(stage=WaitingWorkbook.Stage.BROUGHT, content=b"", told=told)
    else:
        kept.delete()
    announce(
        WorkbookBroughtIn(
            lab_id=workbook.lab_id,
            file_name=workbook.file_name,
            new=report.new,
            changed=report.changed,
            occurred_at=now,
            actor_id=by.user_id,
            organisation_id=by.organisation_id,
        )
    )
    return report


@transaction.atomic
def discard(*, workbook: WaitingWorkbook) -> None:
    """
    Forget a workbook that waits; nothing was changed by it.

    Raises:
        StillAtWork: a job is just bringing it in.
    """
    kept = WaitingWorkbook.objects.select_for_update().filter(pk=workbook.pk).first()
    if kept is not None and kept.stage == WaitingWorkbook.Stage.BRINGING:
        raise StillAtWork
    WaitingWorkbook.objects.filter(pk=workbook.pk).delete()


def forget_expired(now: datetime) -> int:
    """Remove the workbooks that nobody confirmed in time, and return how many there were."""
    gone, _each = WaitingWorkbook.objects.filter(expires_at__lte=now).delete()
    return gone


def mark_of(report: Report) -> str:
    """Return the mark of what a workbook changes: another when anything comes out otherwise."""
    told = repr([astuple(entry) for entry in report.entries])
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _run(workbook: WaitingWorkbook, by: Membership, now: datetime, tell: Tell | None) -> Report:
    with bounded_wait():  # two workbooks of one lab come one after the other; bookings do not wait for either
        lab = Lab.objects.select_for_update(of=("self",), no_key=True).get(pk=workbook.lab_id)
    given, problems = reading.read(book.read(bytes(workbook.content)), sheets())
    work = Work(lab, given, by=by, now=now, reason=workbook.file_name, tell=tell)
    for bring in bringing.IN_ORDER:
        bring(work)
    work.report.problems = sorted([*problems, *work.report.problems])
    return work.report
