"""The pages of series: chosen, shown, booked, changed, answered; by the right people, without JavaScript."""

import csv
import io
import re
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from bookings.models import Rental, Series
from bookings.series import rules
from labs.models import Instrument
from tests.factories.accounts import LabMembershipFactory, MembershipFactory
from tests.factories.bookings import TUESDAY_9, buyer, held, hours
from tests.factories.labs import InstrumentFactory
from tests.factories.series import book_series

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

WEEK = timedelta(days=7)


def chosen(instrument: Instrument, **changed: Any) -> dict[str, Any]:
    return {
        "instrument": instrument.code,
        "date": "2026-11-24",
        "start": "09:00",
        "minutes": 120,
        "mode": "self",
        "freq": "weekly",
        "interval": 1,
        "ends": "count",
        "count": 3,
        "policy": rules.SKIP_CONFLICTS,
        "then": rules.CONFIRM,
        **changed,
    }


def hidden(page: Any, action: str) -> dict[str, Any]:
    """The fields of the form that posts to an address, as a browser sends them."""
    text = page.content.decode()
    form = re.search(rf'<form method="post" action="{re.escape(action)}"[^>]*>(.*?)</form>', text, re.DOTALL)
    assert form, text
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[1])
    return {name: value for name, value in fields if name != "csrfmiddlewaretoken"}


def manager_of(series: Series) -> Membership:
    return LabMembershipFactory(organisation=series.instrument.lab.organisation, role="lab_manager")


def test_the_form_has_the_time_that_the_link_brought_along(client_as):
    instrument = InstrumentFactory()

    page = client_as(buyer()).get(
        "/my/series/new/",
        {"instrument": instrument.code, "date": "2026-11-26", "start": "10:30", "minutes": "90", "mode": "self"},
    )

    text = page.content.decode()
    assert (page.status_code, 'value="2026-11-26"' in text, 'value="10:30"' in text) == (200, True, True)
    assert '<option value="90" selected>' in text
    assert '<option value="self" selected>' in text
    assert "每月第 4 个周四" in text  # the way the first day counts in its month


def test_who_will_use_it_is_chosen_and_shown_where_there_are_colleagues(client_as):
    instrument, member = InstrumentFactory(), buyer()
    assert 'name="used_by"' not in client_as(member).get("/my/series/new/", chosen(instrument)).content.decode()
    colleague = MembershipFactory(role="buyer", organisation=member.organisation, user__name="林示例")
    client = client_as(member)
    fields = hidden(client.get("/my/series/new/", chosen(instrument, used_by=colleague.user_id)), "/my/series/book/")

    booked = client.post("/my/series/book/", fields, follow=True)

    assert "使用人：林示例" in booked.content.decode()
    assert set(Rental.objects.values_list("used_by", flat=True)) == {colleague.user_id}
    stranger = client.get("/my/series/new/", chosen(instrument, used_by=buyer().user_id))
    assert stranger.status_code == 422


def test_every_date_is_shown_with_price_or_reason_before_it_is_booked(client_as):
    instrument = InstrumentFactory(name_zh="万能试验机")
    held(instrument=instrument, period=hours(0, 2, of=TUESDAY_9 + WEEK), mode="self")

    page = client_as(buyer()).get("/my/series/new/", chosen(instrument))

    text = page.content.decode()
    assert "每周二 09:00–11:00，共 3 次" in text
    assert "2026-11-24 周二 09:00–11:00 (UTC+8)" in text
    assert "该时段内万能试验机已有预约。" in text
    assert text.count("¥600.00") >= 2
    assert "预约 2 次，¥1,200.00 记入月结账户" in text
    assert not Series.objects.exists()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"count": ""}, "必填"),
        ({"count": 40}, "系列预约最长 180 天"),
        ({"ends": "until", "until": "2026-11-01"}, "没有符合规则的日期"),
        ({"date": "1900-01-01"}, "请选择"),
        ({"start": "noon"}, "时间"),
        ({"interval": 0}, "id_interval_error"),
    ],
)
def test_a_wrong_choice_is_said_beside_it_and_shows_no_dates(client_as, changed, message):
    page = client_as(buyer()).get("/my/series/new/", chosen(InstrumentFactory(), **changed))

    assert page.status_code == 422
    assert message in page.content.decode()
    assert "series/book/" not in page.content.decode()


def test_what_was_shown_is_booked_by_one_click_and_once_by_two(client_as):
    instrument, client = InstrumentFactory(), client_as(buyer())
    fields = hidden(client.get("/my/series/new/", chosen(instrument, purpose="月度比对")), "/my/series/book/")

    first = client.post("/my/series/book/", fields)
    again = client.post("/my/series/book/", fields)

    series = Series.objects.get()
    assert first.headers["Location"] == again.headers["Location"] == f"/my/series/{series.uuid}/"
    assert list(Rental.objects.values_list("status", flat=True)) == ["confirmed"] * 3
    page = client.get(first.headers["Location"]).content.decode()
    assert ("已约 3 次" in page, "月度比对" in page) == (True, True)


def test_what_has_changed_meanwhile_is_shown_again_and_nothing_is_booked(client_as):
    instrument, client = InstrumentFactory(), client_as(buyer())
    fields = hidden(client.get("/my/series/new/", chosen(instrument)), "/my/series/book/")
    held(instrument=instrument, period=hours(0, 2, of=TUESDAY_9 + WEEK), mode="self")

    page = client.post("/my/series/book/", fields)

    text = page.content.decode()
    assert (page.status_code, Series.objects.count()) == (409, 0)
    assert "2026-12-01 的情况刚刚有变" in text
    assert text.count("有变化") == 1
    client.post("/my/series/book/", hidden(page, "/my/series/book/"))
    assert Series.objects.get().dates.filter(rental__isnull=True).count() == 1


def test_an_organisation_without_an_account_is_offered_to_hold_and_confirms_later(client_as):
    instrument = InstrumentFactory()
    member = buyer(monthly_credit_fen=0)
    client = client_as(member)
    assert 'value="hold" checked' in re.sub(
        r' (class|id)="[^"]*"', "", client.get("/my/series/new/", {"instrument": instrument.code}).content.decode()
    ).replace(" required", "")
    fields = hidden(client.get("/my/series/new/", chosen(instrument, then=rules.HOLD)), "/my/series/book/")
    client.post("/my/series/book/", fields)
    series = Series.objects.get()

    refused = client.post(f"/my/series/{series.uuid}/confirm/")
    assert (refused.status_code, Rental.objects.filter(status="held").count()) == (409, 3)
    member.organisation.monthly_credit_fen = 10_000_000
    member.organisation.save()
    client.post(f"/my/series/{series.uuid}/confirm/")

    assert set(Rental.objects.values_list("status", flat=True)) == {"confirmed"}


def test_an_instrument_that_is_not_there_answers_404_and_none_leads_to_the_catalogue(client_as):
    client = client_as(buyer())

    assert client.get("/my/series/new/", {"instrument": "NONE"}).status_code == 404
    assert client.get("/my/series/new/").headers["Location"] == "/catalogue/?kind=rental"


def test_who_may_not_book_sees_series_but_changes_none(client_as):
    member = buyer()
    series = book_series(by=member)
    viewer = client_as(MembershipFactory(organisation=member.organisation, role="viewer"))
    stranger = client_as(buyer())

    assert viewer.get(f"/my/series/{series.uuid}/").status_code == 200
    assert "/cancel/" not in viewer.get(f"/my/series/{series.uuid}/").content.decode()
    assert viewer.get("/my/series/new/").status_code == 403
    for act in ("confirm", "cancel", "move", "extend"):
        assert viewer.post(f"/my/series/{series.uuid}/{act}/").status_code == 403
        assert stranger.post(f"/my/series/{series.uuid}/{act}/").status_code == 404
    assert stranger.get(f"/my/series/{series.uuid}/").status_code == 404


def test_the_list_shows_what_is_ahead_and_left_out_and_goes_out_as_csv(client_as):
    instrument = InstrumentFactory(name_zh="万能试验机")
    held(instrument=instrument, period=hours(0, 2, of=TUESDAY_9 + WEEK), mode="self")
    member = buyer()
    book_series(instrument=instrument, by=member, mode="self")
    client = client_as(member)

    page = client.get("/my/series/").content.decode()
    assert all(
        each in page for each in ("万能试验机", "每周二 09:00–11:00，共 3 次", "已约 2 次", "跳过 1 次", "¥1,200.00")
    )
    rows = list(csv.reader(io.StringIO(client.get("/my/series/?format=csv").content.decode("utf-8-sig"))))
    assert (len(rows), rows[1][5:7], rows[1][10]) == (2, ["2", "1"], "1200.0")
    for state, found in (("ahead", 1), ("over", 0), ("waiting", 0)):
        assert f"{found} 个系列" in client.get(f"/my/series/?state={state}").content.decode()


@pytest.mark.parametrize("path", ["/my/series/", "/desk/series/"])
def test_a_list_asks_the_database_as_often_for_three_series_as_for_one(client_as, path):
    instrument = InstrumentFactory()
    mine = buyer()
    manager = LabMembershipFactory(organisation=instrument.lab.organisation, role="lab_manager")
    client = client_as(mine if path.startswith("/my") else manager)
    counts = []
    for clock in (time(9), time(11), time(14)):
        book_series(instrument=instrument, by=mine, at=clock)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        counts.append(len(asked))

    assert counts[0] == counts[2]


def test_a_series_asks_the_database_as_often_for_one_date_as_for_ten(client_as):
    member = buyer()
    client = client_as(member)
    counts = []
    for rule in ("FREQ=WEEKLY;COUNT=1", "FREQ=DAILY;COUNT=10"):
        series = book_series(by=member, rule=rule)
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/my/series/{series.uuid}/")
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_one_series_goes_out_as_a_file_with_every_date_and_why_one_was_left_out(client_as):
    instrument = InstrumentFactory()
    held(instrument=instrument, period=hours(0, 2, of=TUESDAY_9 + WEEK), mode="self")
    member = buyer()
    series = book_series(instrument=instrument, by=member, mode="self")

    answer = client_as(member).get(f"/my/series/{series.uuid}/?format=csv")

    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row[0], row[2], row[9]) for row in rows[1:]] == [
        ("2026-11-24", "已确认", ""),
        ("2026-12-01", "已跳过", "CAPACITY_EXCEEDED"),
        ("2026-12-08", "已确认", ""),
    ]


def test_cancelling_shows_each_fee_and_their_sum_before_and_the_rest_stays(client_as):
    member = buyer()
    series = book_series(by=member, rule="FREQ=DAILY;COUNT=3", first=date(2026, 11, 23), at=time(15))
    client = client_as(member)
    address = f"/my/series/{series.uuid}/cancel/"

    page = client.get(address, {"which": "following", "on": "2026-11-24"})
    text = page.content.decode()
    assert ("取消并承担 ¥360.00" in text, text.count("¥180.00")) == (True, 2)
    assert client.get(address, {"which": "this"}).status_code == 422
    wrong = client.post(address, {"which": "following", "on": "2026-11-24", "expected": 1})
    assert (wrong.status_code, Rental.objects.filter(status="cancelled").count()) == (409, 0)
    client.post(address, {"which": "following", "on": "2026-11-24", "expected": 36_000})

    assert list(Rental.objects.order_by("period").values_list("status", flat=True)) == [
        "confirmed",
        "cancelled",
        "cancelled",
    ]


def test_moving_shows_where_each_date_goes_before_and_moves_what_was_shown(client_as):
    instrument, member = InstrumentFactory(), buyer()
    series = book_series(instrument=instrument, by=member, first=date(2026, 12, 1), mode="self")
    held(instrument=instrument, period=hours(5, 6, of=TUESDAY_9 + 2 * WEEK), mode="self")
    client = client_as(member)
    address = f"/my/series/{series.uuid}/move/"
    wanted = {
        "which": "all",
        "days": 0,
        "starts_at": "14:00",
        "minutes": 120,
        "mode": "self",
        "policy": rules.SKIP_CONFLICTS,
    }

    assert client.get(address).status_code == 200
    page = client.post(address, wanted)
    text = page.content.decode()
    assert ("2026-12-01 周二 14:00–16:00 (UTC+8)" in text, text.count("不变")) == (True, 1)
    assert set(Rental.objects.filter(series_date__isnull=False).values_list("moves", flat=True)) == {0}
    shown = re.search(r'name="shown" value="([^"]+)"', text)
    done = client.post(address, {**wanted, "shown": shown[1]}, follow=True)

    assert "已改期 2 次。 1 次保持原时段。" in done.content.decode()
    local = [rental.time.start.astimezone(instrument.lab.tz) for rental in Rental.objects.filter(moves=1)]
    assert [f"{start:%m-%d %H:%M}" for start in sorted(local)] == ["12-01 14:00", "12-15 14:00"]


def test_a_series_is_extended_by_what_was_shown(client_as):
    member = buyer()
    series = book_series(by=member, rule="FREQ=WEEKLY;COUNT=2")
    client = client_as(member)
    address = f"/my/series/{series.uuid}/extend/"

    assert client.get(address).status_code == 200
    page = client.get(address, {"ends": "count", "count": 4}).content.decode()
    assert "2026-12-15 周二 09:00–11:00 (UTC+8)" in page
    shown = re.search(r'name="shown" value="([^"]+)"', page)
    client.post(address, {"ends": "count", "count": 4, "shown": shown[1]})

    assert (series.dates.count(), Rental.objects.filter(status="confirmed").count()) == (4, 4)
    assert client.get(address, {"ends": "count", "count": 2}).status_code == 409


# --- The lab's side ------------------------------------------------------------------------------------------------


def test_a_lab_answers_to_all_dates_in_one_act_but_for_those_it_takes_the_tick_off(client_as):
    series = book_series(instrument=InstrumentFactory(policy__requires_approval=True))
    client = client_as(manager_of(series))
    numbers = list(Rental.objects.order_by("period").values_list("number", flat=True))

    assert "3 次待审批" in client.get("/desk/series/").content.decode()
    page = client.get(f"/desk/series/{series.uuid}/").content.decode()
    assert all(f'value="{number}"' in page for number in numbers)
    client.post(f"/desk/series/{series.uuid}/approve/", {"numbers": numbers[:2]})
    client.post(f"/desk/series/{series.uuid}/reject/", {"numbers": numbers[2:], "reason": "校准"})

    assert list(Rental.objects.order_by("period").values_list("status", flat=True)) == [
        "awaiting_payment",
        "awaiting_payment",
        "rejected",
    ]
    assert client.post(f"/desk/series/{series.uuid}/approve/", {}).status_code == 422
    assert client.post(f"/desk/series/{series.uuid}/reject/", {"numbers": numbers[:1]}).status_code == 422


def test_a_lab_calls_dates_off_with_a_reason(client_as):
    series = book_series()
    client = client_as(manager_of(series))
    address = f"/desk/series/{series.uuid}/cancel/"

    assert client.post(address, {"which": "all"}).status_code == 422
    assert client.post(address, {"which": "following", "reason": "搬迁"}).status_code == 422
    client.post(address, {"which": "following", "on": "2026-12-01", "reason": "搬迁"})

    assert list(Rental.objects.order_by("period").values_list("status", "reason")) == [
        ("confirmed", ""),
        ("cancelled", "搬迁"),
        ("cancelled", "搬迁"),
    ]


def test_a_labs_operator_sees_its_series_and_answers_to_none_and_other_labs_see_nothing(client_as):
    series = book_series(instrument=InstrumentFactory(policy__requires_approval=True))
    operator = client_as(LabMembershipFactory(organisation=series.instrument.lab.organisation))
    other = client_as(LabMembershipFactory(role="lab_manager"))

    assert operator.get(f"/desk/series/{series.uuid}/").status_code == 200
    assert "/approve/" not in operator.get(f"/desk/series/{series.uuid}/").content.decode()
    assert operator.get(f"/desk/series/{series.uuid}/?format=csv").status_code == 200
    for act in ("approve", "reject", "cancel"):
        assert operator.post(f"/desk/series/{series.uuid}/{act}/").status_code == 403
        assert other.post(f"/desk/series/{series.uuid}/{act}/").status_code == 404
    assert other.get(f"/desk/series/{series.uuid}/").status_code == 404
    assert str(series.uuid) not in other.get("/desk/series/").content.decode()


def test_a_rental_and_a_chosen_time_lead_to_the_series(client_as):
    member = buyer()
    series = book_series(by=member)
    rental = series.dates.first().rental

    page = client_as(member).get(f"/my/rentals/{rental.number}/").content.decode()
    assert f"/my/series/{series.uuid}/" in page
    offer = client_as(member).get(
        f"/instruments/{series.instrument.code}/",
        {"date": "2026-11-25", "start": "09:00", "minutes": "60", "mode": "self"},
    )
    assert f"/my/series/new/?instrument={series.instrument.code}&amp;date=2026-11-25" in offer.content.decode()
