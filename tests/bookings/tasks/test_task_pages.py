"""The lab's list of what it must see to."""

import csv
import io

import pytest
from django.urls import reverse

from bookings.models import Task
from tests.factories.accounts import LabMembershipFactory, MembershipFactory
from tests.factories.bookings import MONDAY_9, task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PAGE = "/desk/tasks/"


def operator_of(made):
    return LabMembershipFactory(organisation=made.lab.organisation, role="lab_operator")


def test_the_list_shows_what_waits_and_the_desk_counts_it(client_as):
    made = task()
    client = client_as(operator_of(made))

    page = client.get(PAGE).content.decode()

    assert made.rental.number in page
    assert "不再覆盖预约" in page
    assert "1 件事需要处理" in client.get("/desk/").content.decode()


def test_a_stranger_logs_in_a_customer_is_kept_out_and_another_lab_sees_nothing(client, client_as):
    made = task()

    assert client.get(PAGE).status_code == 302
    assert client_as(MembershipFactory(role="buyer")).get(PAGE).status_code == 403
    other = client_as(LabMembershipFactory(role="lab_manager"))
    assert made.rental.number not in other.get(PAGE).content.decode()
    assert other.post(reverse("tasks:close", args=[made.pk]), {"note": "x"}).status_code == 404
    assert client.post(reverse("tasks:close", args=[made.pk]), {"note": "x"}).status_code == 302
    assert client_as(MembershipFactory(role="owner")).post(f"{PAGE}{made.pk}/close/").status_code == 403


def test_closing_says_what_was_done(client_as):
    made = task()
    staff = operator_of(made)
    client = client_as(staff)
    close = reverse("tasks:close", args=[made.pk])

    assert client.post(close, {"note": " "}).status_code == 422
    assert client.post(close, {"note": "客户改约下周"}).status_code == 302
    made.refresh_from_db()
    assert (made.closed_at, made.closed_by, made.note) == (MONDAY_9, staff.user, "客户改约下周")
    again = client.post(close, {"note": "again"})
    assert (again.status_code, "已经关闭" in again.content.decode()) == (409, True)
    assert "客户改约下周" in client.get(f"{PAGE}?state=closed").content.decode()
    assert "客户改约下周" not in client.get(PAGE).content.decode()


def test_the_list_is_filtered_and_taken_along(client_as):
    made = task()
    client = client_as(operator_of(made))

    assert made.rental.number in client.get(f"{PAGE}?instrument={made.rental.instrument.code}").content.decode()
    assert made.rental.number not in client.get(f"{PAGE}?instrument=NONE").content.decode()
    exported = client.get(f"{PAGE}?format=csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(exported)))
    assert [row[1] for row in rows[1:]] == [made.rental.number]
    assert client.get(f"{PAGE}?format=xlsx").status_code == 200


def test_three_tasks_ask_as_many_statements_as_one(client_as, django_assert_num_queries):
    first = task()
    client = client_as(operator_of(first))
    client.get(PAGE)
    with django_assert_num_queries(count_of(client)):
        client.get(PAGE)
    for _ in range(2):
        other = task()
        Task.objects.filter(pk=other.pk).update(lab=first.lab)
    one = count_of(client)

    assert client.get(PAGE).content.decode().count('id="task-') == 3
    assert one == count_of(client)


def count_of(client):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as caught:
        client.get(PAGE)
    return len(caught)


def test_the_customer_reads_on_the_rentals_page_what_may_happen(client_as):
    made = task()
    buyer = made.rental.organisation.memberships.get()

    page = client_as(buyer).get(reverse("rentals:rental", args=[made.rental.number])).content.decode()

    assert "有风险" in page
    assert "不会自动取消" in page


def test_the_board_flags_what_is_at_risk(client_as):
    made = task()

    told = client_as(operator_of(made)).get("/desk/board/events/", {"from": "2026-11-23"}).json()

    (booking,) = [row for row in told["bookings"] if row[0] == made.rental.number]
    assert (booking[4], booking[-1]) == ("confirmed", 4)
