"""What a lab sees of those who wait: its own instruments, in line, and nobody else's."""

import csv
import io
from typing import Any

import pytest

from accounts.models import Membership
from bookings.waitlist import operations as waitlist
from tests.factories.accounts import LabMembershipFactory
from tests.factories.bookings import MONDAY_9, buyer
from tests.factories.labs import InstrumentFactory
from tests.factories.waitlist import freed, taken, waits

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

DESK = "/desk/waitlist/"


def said(client: Any, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return text


def staff_of(instrument: Any) -> Membership:
    return LabMembershipFactory(organisation=instrument.lab.organisation, role="lab_operator")


def test_a_lab_sees_who_waits_for_its_own_instruments_in_line_and_for_no_others(client_as: Any) -> None:
    rental = taken()
    large, small = buyer(size="large"), buyer()
    waits(rental, by=large)
    waits(rental, by=small)
    other = waits(taken())
    waits(rental, by=buyer(), instrument=None, query={"lab": rental.instrument.lab.code})

    answer = client_as(staff_of(rental.instrument)).get(DESK)

    assert [entry.organisation for entry in answer.context["page"]] == [small.organisation, large.organisation]
    page = answer.content.decode()
    assert other.organisation.name_en not in page
    demand = answer.context["demand"]
    assert [(one.code, one.wishes, one.minutes) for one in demand] == [(rental.instrument.code, 2, 240)]


def test_the_labs_list_is_narrowed_by_instrument_and_taken_away(client_as: Any) -> None:
    rental = taken()
    second = taken(instrument=InstrumentFactory(lab=rental.instrument.lab))
    waits(rental)
    entry = waits(second)
    client = client_as(staff_of(rental.instrument))

    found = client.get(DESK, {"instrument": second.instrument.code.lower()})
    text = client.get(DESK, {"format": "csv", "instrument": second.instrument.code}).content.decode("utf-8-sig")

    assert list(found.context["page"]) == [entry]
    _heading, row = csv.reader(io.StringIO(text))
    assert row[1:5] == [second.instrument.code, entry.organisation.name_en, "small or medium enterprise", "waiting"]


def test_the_labs_list_asks_as_many_statements_for_three_as_for_one(
    client_as: Any, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    rental = taken()
    client = client_as(staff_of(rental.instrument))
    waits(rental)
    said(client, DESK)
    with django_assert_max_num_queries(40) as one:
        said(client, DESK)
    first = len(one.captured_queries)
    waits(rental)
    freed(rental)
    waitlist.offer_freed(now=MONDAY_9)

    with django_assert_num_queries(first):
        said(client, DESK)


def test_customers_do_not_see_the_labs_list(client_as: Any, client: Any) -> None:
    assert client_as(buyer()).get(DESK).status_code == 403
    assert client.get(DESK).status_code == 302
