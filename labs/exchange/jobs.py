"""Large workbooks are checked and brought in; those that nobody confirmed are removed."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.utils import timezone, translation
from procrastinate.contrib.django import app

from accounts.models import Membership
from kernel.refusals import Refusal
from labs.exchange import operations, telling
from labs.exchange.changing import Report
from labs.exchange.events import WorkbookHandedOver
from labs.exchange.models import WaitingWorkbook
from labs.exchange.operations import Tell

FAR = "UPDATE labs_waitingworkbook SET rows_done = %s WHERE id = %s"
NOTHING = telling.told(Report(), "")


def hand_over(event: WorkbookHandedOver) -> None:
    """Have a job do it."""
    task = try_workbook if event.act == "try" else bring_workbook_in
    task.defer(workbook_id=event.workbook_id)


@contextmanager
def told_beside(workbook_id: int) -> Iterator[Tell]:
    """Give who hears how far the work is: over a connection of its own, so that others see it before the commit."""
    beside = connection.copy()

    def tell(done: int) -> None:
        with beside.cursor() as cursor:
            cursor.execute(FAR, [done, workbook_id])

    try:
        yield tell
    finally:
        beside.close()


@app.task(name="labs.exchange.try_out", queue="labs", pass_context=False)
def try_workbook(*, workbook_id: int) -> None:
    """Check a large workbook, and keep what it would change. Safe to run twice: it changes nothing."""
    found = _at(workbook_id, WaitingWorkbook.Stage.TRYING)
    if found is not None:
        with translation.override(found.language):
            _try(found, refused="")


def _try(found: WaitingWorkbook, *, refused: str) -> None:
    """Check a workbook, and keep what came of it, in the language that is active."""
    try:
        with told_beside(found.pk) as tell:
            report, mark = operations.try_out(workbook=found, by=found.sent_by, now=timezone.now(), tell=tell)
    except Refusal as refusal:
        operations.note_tried(workbook=found, told=NOTHING, refused=str(refusal))
    else:
        operations.note_tried(workbook=found, told=telling.told(report, mark), refused=refused)


@app.task(name="labs.exchange.bring_in", queue="labs", pass_context=False)
def bring_workbook_in(*, workbook_id: int) -> None:
    """Bring a large workbook in as its sender saw it, or show anew what it would change. Safe to run twice."""
    found = _at(workbook_id, WaitingWorkbook.Stage.BRINGING)
    if found is None:
        return
    mark = (found.told or {}).get("mark", "")
    with translation.override(found.language):
        try:
            with told_beside(found.pk) as tell:
                operations.bring_in(workbook=found, mark=mark, by=found.sent_by, now=timezone.now(), tell=tell)
        except Refusal as refusal:
            _try(found, refused=str(refusal))


def _at(workbook_id: int, stage: str) -> WaitingWorkbook | None:
    """Return a workbook that waits for a job, if its sender may still bring something in."""
    rows = WaitingWorkbook.objects.select_related("sent_by__user", "sent_by__organisation", "lab")
    found = rows.filter(pk=workbook_id, stage=stage).first()
    if found is None or not Membership.objects.active().filter(pk=found.sent_by_id).exists():
        return None
    return found if found.sent_by.may_manage_lab else None


@app.periodic(cron="35 * * * *", periodic_id="forget_workbooks")
@app.task(name="labs.exchange.forget", queue="labs", queueing_lock="forget_workbooks", pass_context=False)
def forget_workbooks(timestamp: int) -> None:
    """Every hour; a run that was missed is made up for by the next."""
    del timestamp
    operations.forget_expired(timezone.now())
