"""The desk's pages of hours: the month, the week, and closing time with a look at what is booked there."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership
from audit.models import AuditEvent
from bookings.models import Rental
from labs.hours import operations as hours_operations
from labs.hours import queries
from labs.models import DateException, HolidayDate, Instrument, OpeningWindow, OpenTime, Outage
from tests.conftest import MONDAY_9
from tests.factories.accounts import LabMembershipFactory, MembershipFactory
from tests.factories.bookings import confirmed, hours
from tests.factories.labs import InstrumentFactory, LabFactory, OutageFactory
from tests.factories.racing import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
CLOSURE = {"whose": "", "kind": "closure", "start": "2026-11-24T08:00", "end": "2026-11-24T12:00", "reason_zh": "停电"}


@pytest.fixture
def instrument() -> Instrument:
    return InstrumentFactory(policy__requires_approval=False)


def of_lab(instrument: Instrument, role: str = "lab_manager") -> Membership:
    return LabMembershipFactory(organisation=instrument.lab.organisation, role=role)


def path(instrument: Instrument, act: str = "") -> str:
    return f"/desk/lab/{instrument.lab.code}/hours/{act}"


def week(instrument: Instrument, **changed: str) -> dict[str, str]:
    """The week as the form sends it: Monday to Friday 08:30 to 18:00."""
    sent = {"makeup_policy": "workday", "seen": queries.week_seen(queries.week_of(instrument.lab))}
    for day in range(5):
        sent |= {f"d{day}_0_opens": "08:30", f"d{day}_0_closes": "18:00"}
    return {**sent, **changed}


# --- Who may -------------------------------------------------------------------------------------------------------


def test_staff_read_and_only_managers_write(client_as: Any, instrument: Instrument) -> None:
    operator, manager = client_as(of_lab(instrument, "lab_operator")), client_as(of_lab(instrument))
    acts = ("", "week/", "day/", "outage/")

    assert [operator.get(path(instrument, act)).status_code for act in acts] == [200, 403, 403, 403]
    assert [manager.get(path(instrument, act)).status_code for act in acts] == [200, 200, 200, 200]
    assert "Change the week" not in operator.get(path(instrument)).content.decode()


@pytest.mark.parametrize("act", ["", "week/", "day/", "outage/"])
def test_other_labs_customers_and_strangers_do_not_come_in(client_as: Any, instrument: Instrument, act: str) -> None:
    assert client_as(LabMembershipFactory(role="lab_manager")).get(path(instrument, act)).status_code == 404
    assert client_as(MembershipFactory()).get(path(instrument, act)).status_code == 403
    assert client_as(None).get(path(instrument, act)).status_code == 302


def test_what_was_said_is_taken_back_by_managers_of_the_lab_only(client_as: Any, instrument: Instrument) -> None:
    outage = OutageFactory(instrument=instrument)
    closed = hours_operations.add_date_exception(
        of=instrument.lab, date=date(2026, 11, 25), windows=[], by=None, now=MONDAY_9
    )
    acts = (f"/desk/lab/outages/{outage.pk}/lift/", f"/desk/lab/exceptions/{closed.pk}/remove/")

    for member, status in (
        (LabMembershipFactory(role="lab_manager"), 404), (of_lab(instrument, "lab_operator"), 403),
        (MembershipFactory(), 403),
    ):  # fmt: skip
        assert [client_as(member).post(act).status_code for act in acts] == [status, status]
    assert [client_as(of_lab(instrument)).post(act).status_code for act in acts] == [302, 302]
    assert (Outage.objects.count(), DateException.objects.count()) == (0, 0)
    assert {"outage_lifted", "date_exception_removed"} <= set(AuditEvent.objects.values_list("name", flat=True))
    assert client_as(of_lab(instrument)).get(acts[0]).status_code == 405


# --- The month -----------------------------------------------------------------------------------------------------


def told(client: Client, shown: Instrument, **query: str) -> dict[str, tuple[str, str, list[str]]]:
    days = client.get(path(shown), query).context["days"]
    return {f"{each.day.date:%m-%d}": (each.opened, each.why, [kind for kind, *_ in each.outages]) for each in days}


def test_the_month_says_when_it_is_open_and_why_not(client_as: Any, instrument: Instrument) -> None:
    """BK-3"""
    HolidayDate.objects.create(date=date(2026, 11, 26), kind="holiday", name_zh="测试节", name_en="Test Day")
    HolidayDate.objects.create(date=date(2026, 11, 28), kind="makeup_workday", name_zh="调休", name_en="Test Day")
    hours_operations.add_date_exception(
        of=instrument, date=date(2026, 11, 25), windows=[(600, 720)], by=None, now=MONDAY_9, reason_en="Visit"
    )
    OutageFactory(instrument=None, lab=instrument.lab, kind="closure", period=(hours(0, 2).start, hours(0, 2).end))
    client = client_as(of_lab(instrument, "lab_operator"))

    lab, own = told(client, instrument), told(client, instrument, instrument=instrument.code)

    assert len(lab) == 30
    assert lab["11-24"] == ("08:30–09:00, 11:00–18:00", "", ["closure"])
    assert lab["11-25"] == ("08:30–18:00", "", [])
    assert own["11-25"] == ("10:00–12:00", "other hours on this day: Visit", [])
    assert own["11-26"] == ("", "Holiday: Test Day", [])
    assert own["11-28"] == ("08:30–18:00", "make-up workday: Test Day", [])
    assert own["11-29"] == ("", "", [])
    assert list(told(client, instrument, month="2027-02")) == [f"02-{day:02d}" for day in range(1, 29)]
    assert len(told(client, instrument, month="nonsense")) == 30


def test_a_day_of_23_hours_is_told_on_the_labs_clock(client_as: Any) -> None:
    berlin = InstrumentFactory(lab__timezone="Europe/Berlin", lab__weekly=dict.fromkeys(range(8), ((0, 1440),)))

    days = told(client_as(of_lab(berlin)), berlin, month="2026-03")

    assert (days["03-28"][0], days["03-29"][0]) == ("00:00–24:00", "00:00–24:00")


def test_the_month_is_a_file_too(client_as: Any, instrument: Instrument) -> None:
    answer = client_as(of_lab(instrument)).get(path(instrument), {"format": "csv"})

    assert answer.content.decode("utf-8-sig").count("\r\n") == 31


def test_the_statements_do_not_grow_with_rows(
    client_as: Any, instrument: Instrument, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    client = client_as(of_lab(instrument))
    OutageFactory(instrument=instrument)
    with django_assert_max_num_queries(13) as few:
        client.get(path(instrument))
    for number in (1, 2):
        OutageFactory(instrument=InstrumentFactory(lab=instrument.lab))
        day = date(2026, 12, number)
        hours_operations.add_date_exception(of=instrument, date=day, windows=[], by=None, now=MONDAY_9)
    with django_assert_num_queries(len(few)):
        client.get(path(instrument))


def test_home_leads_to_the_lab_or_lists_them(client_as: Any, instrument: Instrument) -> None:
    client = client_as(of_lab(instrument))
    assert client.get("/desk/lab/hours/").headers["Location"] == path(instrument)

    second = LabFactory(organisation=instrument.lab.organisation)
    html = client.get("/desk/lab/hours/").content.decode()
    assert path(instrument) in html
    assert f"/desk/lab/{second.code}/hours/" in html


# --- The week ------------------------------------------------------------------------------------------------------


def test_a_manager_changes_the_week_and_the_history_tells_what(client_as: Any, instrument: Instrument) -> None:
    lab = instrument.lab
    sent = week(instrument, d0_0_closes="12:00", d0_1_opens="13:00", d0_1_closes="00:00", makeup_policy="closed")

    answer = client_as(of_lab(instrument)).post(path(instrument, "week/"), sent)

    assert answer.status_code == 302
    monday = OpeningWindow.objects.filter(lab=lab, day=0).values_list("opens_minute", "closes_minute")
    assert list(monday) == [(510, 720), (780, 1440)]
    lab.refresh_from_db()
    assert lab.makeup_policy == "closed"
    assert AuditEvent.objects.get(name="opening_hours_set").facts == {
        "lab_id": lab.pk,
        "changes": [
            {"field": "hours_0", "before": "08:30–18:00", "after": "08:30–12:00, 13:00–24:00"},
            {"field": "makeup_policy", "before": "workday", "after": "closed"},
        ],
    }


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"d0_0_closes": ""}, "d0_0_closes"),
        ({"d0_0_opens": ""}, "d0_0_opens"),
        ({"d0_0_closes": "08:30"}, "d0_0_closes"),
        ({"d0_0_closes": "late"}, "d0_0_closes"),
        ({"d0_1_opens": "17:00", "d0_1_closes": "19:00"}, "d0_0_opens"),
        ({"makeup_policy": "guess"}, "makeup_policy"),
    ],
)
def test_what_is_wrong_in_a_week_is_said_beside_its_field(
    client_as: Any, instrument: Instrument, changed: dict[str, str], field: str
) -> None:
    answer = client_as(of_lab(instrument)).post(path(instrument, "week/"), week(instrument, **changed))

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert OpeningWindow.objects.count() == 5


def test_a_week_changed_meanwhile_is_pointed_out(client_as: Any, instrument: Instrument) -> None:
    sent = week(instrument)
    hours_operations.set_opening_hours(lab=instrument.lab, weekly={0: [(0, 60)]}, by=None, now=MONDAY_9)
    client = client_as(of_lab(instrument))

    refused = client.post(path(instrument, "week/"), sent)

    assert refused.status_code == 422
    assert "Somebody changed the week while you were writing." in refused.content.decode()
    again = {**sent, "seen": refused.context["form"].data["seen"]}
    assert client.post(path(instrument, "week/"), again).status_code == 302


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_weeks_set_at_once_the_second_is_told(instrument: Instrument) -> None:
    seen = queries.week_seen(queries.week_of(instrument.lab))

    def write(opens: int) -> Any:
        return lambda: hours_operations.set_opening_hours(
            lab=instrument.lab, weekly={0: [(opens, 1080)]}, seen=seen, by=None, now=MONDAY_9
        )

    answers = at_once(write(60), write(120), write(180))

    assert [isinstance(answer, hours_operations.HoursSetMeanwhile) for answer in answers].count(True) == 2
    assert OpeningWindow.objects.count() == 1


# --- Closing time --------------------------------------------------------------------------------------------------


def test_a_closure_over_nothing_is_announced_at_once(client_as: Any, instrument: Instrument) -> None:
    member = of_lab(instrument)

    answer = client_as(member).post(path(instrument, "outage/"), CLOSURE)

    assert (answer.status_code, answer.headers["Location"]) == (302, path(instrument) + "?month=2026-11")
    outage = Outage.objects.get()
    assert (outage.lab, outage.kind, outage.reason_zh, outage.created_by) == (
        instrument.lab,
        "closure",
        "停电",
        member.user,
    )
    assert outage.stretch == hours(-1, 3)
    assert OpenTime.objects.get(instrument=instrument).blocked == [hours(-1, 3)]


def test_what_is_booked_is_shown_first_and_nothing_is_cancelled(client_as: Any, instrument: Instrument) -> None:
    """BK-8"""
    into = confirmed(instrument=instrument, period=hours(2, 4))
    confirmed(instrument=instrument, period=hours(4, 5))
    confirmed(period=hours(2, 4))
    client = client_as(of_lab(instrument))

    asked = client.post(path(instrument, "outage/"), CLOSURE)

    assert (asked.status_code, Outage.objects.count()) == (200, 0)
    assert [rental.number for rental in asked.context["rentals"]] == [into.number]
    assert into.organisation.name_en in asked.content.decode()
    done = client.post(path(instrument, "outage/"), {**CLOSURE, "confirmed": asked.context["mark"]}, follow=True)
    assert Outage.objects.count() == 1
    assert "1 booking needs another time now." in done.content.decode()
    assert Rental.objects.get(pk=into.pk).status == "confirmed"


def test_a_booking_that_came_meanwhile_is_shown_before_anything_is_closed(
    client_as: Any, instrument: Instrument
) -> None:
    confirmed(instrument=instrument, period=hours(2, 4))
    client = client_as(of_lab(instrument))
    mark = client.post(path(instrument, "outage/"), CLOSURE).context["mark"]
    confirmed(instrument=instrument, period=hours(0, 1))

    again = client.post(path(instrument, "outage/"), {**CLOSURE, "confirmed": mark})

    assert (again.status_code, Outage.objects.count(), len(again.context["rentals"])) == (200, 0, 2)
    assert "The bookings have changed since you looked." in again.content.decode()


def test_one_may_go_back_to_the_form_with_what_was_written(client_as: Any, instrument: Instrument) -> None:
    confirmed(instrument=instrument, period=hours(2, 4))

    answer = client_as(of_lab(instrument)).post(path(instrument, "outage/"), {**CLOSURE, "back": "1"})

    assert 'value="2026-11-24T08:00"' in answer.content.decode()
    assert Outage.objects.count() == 0


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"end": "2026-11-24T08:00"}, "end"),
        ({"start": "2026-11-20T08:00", "end": "2026-11-23T09:00"}, "end"),
        ({"start": ""}, "start"),
        ({"kind": "party"}, "kind"),
        ({"units": "1"}, "units"),
        ({"whose": "T-9999"}, "whose"),
        ({"end": "9999-12-31T23:59"}, "end"),
    ],
)
def test_an_outage_that_is_none_is_refused_beside_its_field(
    client_as: Any, instrument: Instrument, changed: dict[str, str], field: str
) -> None:
    answer = client_as(of_lab(instrument)).post(path(instrument, "outage/"), {**CLOSURE, **changed})

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert Outage.objects.count() == 0


def test_more_units_than_there_are_cannot_be_out(client_as: Any) -> None:
    two = InstrumentFactory(capacity=2)
    client = client_as(of_lab(two))

    refused = client.post(path(two, "outage/"), {**CLOSURE, "whose": two.code, "units": "3"})
    assert "units" in refused.context["form"].errors
    assert client.post(path(two, "outage/"), {**CLOSURE, "whose": two.code, "units": "1"}).status_code == 302
    assert Outage.objects.get().units == 1


def test_other_hours_on_a_day_show_what_they_close(client_as: Any, instrument: Instrument) -> None:
    morning = confirmed(instrument=instrument, period=hours(0, 2))
    confirmed(instrument=instrument, period=hours(5, 6))
    sent = {"whose": "", "date": "2026-11-24", "w_0_opens": "13:00", "w_0_closes": "18:00", "reason_zh": "消防演练"}
    client = client_as(of_lab(instrument))

    asked = client.post(path(instrument, "day/"), sent)

    assert [rental.number for rental in asked.context["rentals"]] == [morning.number]
    done = client.post(path(instrument, "day/"), {**sent, "confirmed": asked.context["mark"]})
    assert done.status_code == 302
    made = DateException.objects.get()
    assert (made.lab, made.windows, made.reason_zh) == (instrument.lab, [[780, 1080]], "消防演练")
    taken = client.post(path(instrument, "day/"), {**sent, "confirmed": asked.context["mark"]})
    assert list(taken.context["form"].errors) == ["date"]


@pytest.mark.parametrize("day", ["2026-11-22", "", "soon", "9999-01-01"])
def test_a_day_that_cannot_be_is_refused(client_as: Any, instrument: Instrument, day: str) -> None:
    answer = client_as(of_lab(instrument)).post(path(instrument, "day/"), {"whose": "", "date": day})

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["date"])


def test_a_week_shows_the_bookings_that_would_lie_outside_it(client_as: Any, instrument: Instrument) -> None:
    tuesday = confirmed(instrument=instrument, period=hours(0, 2))
    confirmed(instrument=instrument, period=hours(24, 26))
    own = InstrumentFactory(lab=instrument.lab, policy__requires_approval=False)
    kept = confirmed(instrument=own, period=hours(0, 2))
    hours_operations.add_date_exception(of=own, date=date(2026, 11, 24), windows=[(510, 1080)], by=None, now=MONDAY_9)
    client = client_as(of_lab(instrument))

    asked = client.post(path(instrument, "week/"), week(instrument, d1_0_opens="", d1_0_closes=""))

    assert [rental.number for rental in asked.context["rentals"]] == [tuesday.number]
    assert kept.number not in asked.content.decode()
    assert OpeningWindow.objects.count() == 5


def test_what_is_over_or_lapsed_is_not_in_the_way(client_as: Any, instrument: Instrument, clock: Any) -> None:
    confirmed(instrument=instrument, period=hours(2, 4))
    clock.shift(timedelta(days=2))

    sent = {**CLOSURE, "end": "2026-11-26T12:00"}

    assert client_as(of_lab(instrument)).post(path(instrument, "outage/"), sent).status_code == 302
