"""The desk's pages of the workbook: who may take away, who may bring back, and what is seen in between."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Membership
from labs.exchange import book
from labs.models import Instrument, WaitingWorkbook
from tests.factories.accounts import LabMembershipFactory, MembershipFactory
from tests.factories.labs import InstrumentFactory, LabFactory
from tests.labs.exchange.workbooks import INSTRUMENTS, changed, put, saved, taken_away

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def instrument() -> Instrument:
    return InstrumentFactory(code="EX-0001")


def of_lab(instrument: Instrument, role: str = "lab_manager") -> Membership:
    return LabMembershipFactory(organisation=instrument.lab.organisation, role=role)


def path(instrument: Instrument, act: str = "") -> str:
    return f"/desk/lab/{instrument.lab.code}/exchange/{act}"


def send(client: Any, instrument: Instrument, content: bytes, name: str = "实验室.xlsx") -> Any:
    return client.post(path(instrument, "send/"), {"workbook": SimpleUploadedFile(name, content)})


def renamed(instrument: Instrument, name: str = "Renamed") -> bytes:
    return changed(instrument.lab, lambda found: put(found, INSTRUMENTS, 3, name_en=name))


def test_staff_take_away_and_only_managers_bring_back(client_as: Any, instrument: Instrument) -> None:
    operator = client_as(of_lab(instrument, "lab_operator"))

    file = operator.get(path(instrument, "workbook.xlsx"))
    assert (file.status_code, file.content[:2], file.headers["Cache-Control"]) == (200, b"PK", "private, no-store")
    assert "brought back by the lab" in operator.get(path(instrument)).content.decode()
    assert send(operator, instrument, renamed(instrument)).status_code == 403


@pytest.mark.parametrize("act", ["", "workbook.xlsx"])
def test_other_labs_customers_and_strangers_do_not_come_in(client_as: Any, instrument: Instrument, act: str) -> None:
    other = client_as(LabMembershipFactory(role="lab_manager"))

    assert other.get(path(instrument, act)).status_code == 404
    assert client_as(MembershipFactory()).get(path(instrument, act)).status_code == 403
    assert client_as(None).get(path(instrument, act)).status_code == 302
    assert send(other, instrument, renamed(instrument)).status_code == 404
    assert WaitingWorkbook.objects.count() == 0


def test_a_file_is_seen_by_its_sender_alone_and_for_two_hours(
    client_as: Any, instrument: Instrument, clock: Any
) -> None:
    sender = client_as(of_lab(instrument))
    page = send(sender, instrument, renamed(instrument)).headers["Location"]

    assert sender.get(page).status_code == 200
    assert client_as(of_lab(instrument)).get(page).status_code == 404
    assert client_as(LabMembershipFactory(role="lab_manager")).get(page).status_code == 404
    assert client_as(of_lab(instrument)).post(f"{page}discard/").status_code == 404
    assert client_as(of_lab(instrument, "lab_operator")).get(page).status_code == 403
    clock.shift(timedelta(hours=2, seconds=1))
    assert sender.get(page).status_code == 404


def test_a_change_is_shown_and_made_on_confirmation(client_as: Any, instrument: Instrument) -> None:
    client = client_as(of_lab(instrument))
    page = send(client, instrument, renamed(instrument)).headers["Location"]

    seen = client.get(page)
    html = seen.content.decode()
    assert "Universal testing machine</del> → <ins" in html
    instrument.refresh_from_db()
    assert instrument.name_en == "Universal testing machine"

    done = client.post(page, {"mark": seen.context["report"].mark}, follow=True)

    instrument.refresh_from_db()
    assert instrument.name_en == "Renamed"
    assert "Brought in: 1 thing." in done.content.decode()
    assert client.get(page).status_code == 404


def test_a_mark_of_something_else_changes_nothing(client_as: Any, instrument: Instrument) -> None:
    client = client_as(of_lab(instrument))
    page = send(client, instrument, renamed(instrument)).headers["Location"]

    for mark in ("", "x" * 32, "x" * 100):
        refused = client.post(page, {"mark": mark})
        assert refused.status_code == 409
        assert "Something has changed since you looked." in refused.content.decode()
    instrument.refresh_from_db()
    assert instrument.name_en == "Universal testing machine"


def test_problems_are_listed_by_sheet_row_and_column(client_as: Any, instrument: Instrument) -> None:
    client = client_as(of_lab(instrument))
    content = changed(instrument.lab, lambda found: put(found, INSTRUMENTS, 3, capacity="many", name_en="Renamed"))

    html = client.get(send(client, instrument, content).headers["Location"]).content.decode()

    assert "1 thing stands in the way: nothing was changed" in html
    for part in (INSTRUMENTS, ">3<", "台数 Capacity", "This is not a number."):
        assert part in html
    assert "Bring it in" not in html


def test_the_problems_are_told_in_the_persons_language(client_as: Any, instrument: Instrument) -> None:
    client = client_as(of_lab(instrument))
    client.cookies["language"] = "zh-hans"
    content = changed(instrument.lab, lambda found: put(found, INSTRUMENTS, 3, capacity="many"))

    html = client.get(send(client, instrument, content).headers["Location"]).content.decode()

    assert "This is not a number." not in html


def test_nothing_to_change_is_said(client_as: Any, instrument: Instrument) -> None:
    client = client_as(of_lab(instrument))

    page = send(client, instrument, saved(taken_away(instrument.lab))).headers["Location"]

    assert "Everything is already as the file says" in client.get(page).content.decode()


def test_what_is_no_workbook_is_refused_beside_the_field(client_as: Any, instrument: Instrument) -> None:
    client = client_as(of_lab(instrument))

    for content in (b"code,name", b"", b"0" * (book.MOST_BYTES + 1)):
        refused = send(client, instrument, content)
        assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["workbook"])
    assert client.post(path(instrument, "send/")).status_code == 422
    assert WaitingWorkbook.objects.count() == 0


def test_a_file_may_be_forgotten(client_as: Any, instrument: Instrument) -> None:
    client = client_as(of_lab(instrument))
    page = send(client, instrument, renamed(instrument)).headers["Location"]
    assert page in client.get(path(instrument)).content.decode()

    assert client.post(f"{page}discard/").status_code == 302
    assert WaitingWorkbook.objects.count() == 0


def test_home_leads_to_the_lab_or_lists_them(client_as: Any, instrument: Instrument) -> None:
    client = client_as(of_lab(instrument))
    assert client.get("/desk/exchange/").headers["Location"] == path(instrument)

    LabFactory(organisation=instrument.lab.organisation)
    assert path(instrument) in client.get("/desk/exchange/").content.decode()


def test_the_statements_of_a_look_do_not_grow_with_what_stays(
    client_as: Any, instrument: Instrument, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    client = client_as(of_lab(instrument))
    one = send(client, instrument, saved(taken_away(instrument.lab))).headers["Location"]
    with django_assert_max_num_queries(60) as few:
        client.get(one)
    number = len(few)
    for _ in range(2):
        InstrumentFactory(lab=instrument.lab)
    three = send(client, instrument, saved(taken_away(instrument.lab))).headers["Location"]
    with django_assert_num_queries(number):
        client.get(three)
