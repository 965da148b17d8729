"""A large workbook is checked and brought in by a job; its page says how far that is, and what came of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from labs.exchange import jobs, operations
from labs.models import Instrument, WaitingWorkbook
from tests.factories.accounts import LabMembershipFactory
from tests.factories.labs import InstrumentFactory
from tests.jobs import do_jobs
from tests.labs.exchange.workbooks import INSTRUMENTS, changed, put

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

STAGE = WaitingWorkbook.Stage


@pytest.fixture(autouse=True)
def _every_workbook_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WaitingWorkbook, "AT_ONCE", 0)


@pytest.fixture
def instrument() -> Instrument:
    return InstrumentFactory(code="EX-0001")


def manager(instrument: Instrument) -> Membership:
    return LabMembershipFactory(organisation=instrument.lab.organisation, role="lab_manager")


def sent(client: Any, instrument: Instrument, **values: Any) -> str:
    """Send the lab's workbook with other values for its instrument, and return the page it leads to."""
    content = changed(instrument.lab, lambda found: put(found, INSTRUMENTS, 3, **values))
    answer = client.post(
        f"/desk/lab/{instrument.lab.code}/exchange/send/", {"workbook": SimpleUploadedFile("实验室.xlsx", content)}
    )
    page: str = answer.headers["Location"]
    return page


def in_english(client: Any) -> Any:
    client.cookies["language"] = "en"
    return client


def test_it_is_checked_shown_brought_in_and_told(client_as: Any, instrument: Instrument) -> None:
    client = in_english(client_as(manager(instrument)))
    page = sent(client, instrument, name_en="Renamed")

    waiting = client.get(page).content.decode()
    assert "The file is being checked" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    assert do_jobs("labs") == ["labs.exchange.try_out"]

    shown = client.get(page)
    assert (shown.context["report"].changed, shown.context["report"].new) == (1, 0)
    assert "Renamed" in shown.content.decode()
    instrument.refresh_from_db()
    assert instrument.name_en != "Renamed"

    assert client.post(page, {"mark": shown.context["report"].mark}).headers["Location"] == page
    assert "Everything is being changed" in client.get(page).content.decode()
    assert do_jobs("labs") == ["labs.exchange.bring_in"]

    instrument.refresh_from_db()
    assert instrument.name_en == "Renamed"
    assert "Brought in: 0 new, 1 changed." in client.get(page).content.decode()
    kept = WaitingWorkbook.objects.get()
    assert (kept.stage, bytes(kept.content)) == (STAGE.BROUGHT, b"")
    assert client.post(page, {"mark": shown.context["report"].mark}).status_code == 409


def test_while_it_is_worked_on_only_the_progress_is_asked_for_and_then_the_whole_page(
    client_as: Any, instrument: Instrument
) -> None:
    client = client_as(manager(instrument))
    page = sent(client, instrument, name_en="Renamed")
    part = client.get(page, headers={"HX-Request": "true"})
    assert b"<html" not in part.content

    do_jobs("labs")

    assert client.get(page, headers={"HX-Request": "true"}).headers["HX-Redirect"] == page


def test_problems_are_listed_in_the_senders_language(client_as: Any, instrument: Instrument) -> None:
    for language, said in (("en", "This is not a number."), ("zh-hans", "此处不是数字。")):
        client = client_as(manager(instrument))
        client.cookies["language"] = language
        page = sent(client, instrument, capacity="many")
        do_jobs("labs")

        shown = client.get(page)
        assert shown.context["report"].problem_count == 1
        assert said in shown.content.decode()


def test_what_comes_out_otherwise_is_shown_anew(client_as: Any, instrument: Instrument) -> None:
    client = in_english(client_as(manager(instrument)))
    page = sent(client, instrument, name_en="Renamed", model="New")
    do_jobs("labs")
    mark = client.get(page).context["report"].mark
    client.post(page, {"mark": mark})
    Instrument.objects.filter(pk=instrument.pk).update(name_en="Meanwhile")

    do_jobs("labs")

    shown = client.get(page)
    assert "Something has changed since you looked" in shown.content.decode()
    assert shown.context["report"].mark != mark
    instrument.refresh_from_db()
    assert instrument.name_en == "Meanwhile"


def test_only_what_was_shown_is_brought_in_and_only_once(client_as: Any, instrument: Instrument) -> None:
    by = manager(instrument)
    client = client_as(by)
    page = sent(client, instrument, name_en="Renamed")
    assert client.post(page, {"mark": "x"}).status_code == 409
    do_jobs("labs")
    assert client.post(page, {"mark": "x"}).status_code == 409
    kept = WaitingWorkbook.objects.get()
    operations.ask_to_bring_in(workbook=kept, mark=kept.told["mark"], by=by, now=timezone.now())
    assert client.post(f"{page}discard/").headers["Location"] == page

    jobs.bring_workbook_in(workbook_id=kept.pk)
    jobs.bring_workbook_in(workbook_id=kept.pk)
    jobs.try_workbook(workbook_id=kept.pk)

    assert WaitingWorkbook.objects.get().stage == STAGE.BROUGHT
    assert client.post(f"{page}discard/").status_code == 302
    assert WaitingWorkbook.objects.count() == 0


def test_nothing_is_brought_in_for_whom_has_left_the_lab(client_as: Any, instrument: Instrument) -> None:
    by = manager(instrument)
    client = client_as(by)
    page = sent(client, instrument, name_en="Renamed")
    do_jobs("labs")
    client.post(page, {"mark": client.get(page).context["report"].mark})
    Membership.objects.filter(pk=by.pk).update(role="lab_operator")

    do_jobs("labs")

    instrument.refresh_from_db()
    assert instrument.name_en != "Renamed"


def test_a_colleague_and_another_lab_do_not_see_its_progress(client_as: Any, instrument: Instrument) -> None:
    page = sent(client_as(manager(instrument)), instrument, name_en="Renamed")

    assert client_as(manager(instrument)).get(page).status_code == 404
    assert client_as(LabMembershipFactory(role="lab_manager")).get(page).status_code == 404
    assert client_as(None).get(page).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_how_far_it_is_can_be_seen_before_the_work_is_committed(instrument: Instrument) -> None:
    now = timezone.now()
    kept = WaitingWorkbook.objects.create(
        lab=instrument.lab, sent_by=manager(instrument), file_name="a.xlsx", content=b"", sent_at=now,
        expires_at=now + timedelta(hours=2), rows=40,
    )  # fmt: skip

    with jobs.told_beside(kept.pk) as tell, transaction.atomic():
        tell(10)
        kept.refresh_from_db()
        assert (kept.rows_done, kept.percent) == (10, 25)
        transaction.set_rollback(True)

    kept.refresh_from_db()
    assert kept.rows_done == 10
