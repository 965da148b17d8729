"""Series through REST: previewed, booked once, shown, moved, cancelled, answered; the examples of the docs work."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from drf_spectacular.generators import SchemaGenerator

from accounts.models import Membership
from bookings.models import Rental, Series
from bookings.series import api
from labs.models import Instrument
from tests.factories.accounts import LabMembershipFactory, MembershipFactory
from tests.factories.bookings import buyer, held, hours
from tests.factories.labs import InstrumentFactory
from tests.factories.series import book_series

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

SERIES = "/api/v1/series/"


def wanted(instrument: Instrument, **changed: Any) -> dict[str, Any]:
    return {
        "instrument": instrument.code,
        "rule": "FREQ=WEEKLY;COUNT=3",
        "first_on": "2026-11-24",
        "starts_at": "09:00",
        "minutes": 120,
        "mode": "self",
        **changed,
    }


def post(client: Any, address: str, body: Any = None, key: str = "a-key") -> Any:
    return client.post(address, body or {}, format="json", HTTP_IDEMPOTENCY_KEY=key)


def manager_of(series: Series) -> Membership:
    return LabMembershipFactory(organisation=series.instrument.lab.organisation, role="lab_manager")


def test_a_preview_prices_each_date_or_gives_every_reason_with_its_remedy(api_as):
    instrument = InstrumentFactory(name_zh="万能试验机")
    held(instrument=instrument, period=hours(168, 170), mode="self")

    answer = api_as(buyer()).post(f"{SERIES}preview/", wanted(instrument), format="json")

    told = answer.json()
    assert (answer.status_code, told["total_fen"], told["told"]) == (200, 120_000, "每周二 09:00–11:00，共 3 次")
    assert told["shown"] == "2026-11-24=60000;2026-12-01=CAPACITY_EXCEEDED;2026-12-08=60000"
    assert told["dates"][0] == {
        "on": "2026-11-24",
        "start": "2026-11-24T09:00:00+08:00",
        "end": "2026-11-24T11:00:00+08:00",
        "total_fen": 60_000,
        "refusals": [],
    }
    (refusal,) = told["dates"][1]["refusals"]
    assert (refusal["code"], refusal["detail"], bool(refusal["remedy"])) == (
        "CAPACITY_EXCEEDED",
        "该时段内万能试验机已有预约。",
        True,
    )
    assert not Series.objects.exists()


def test_a_series_is_booked_once_by_a_key_and_answers_with_all_its_dates(api_as):
    instrument, client = InstrumentFactory(), api_as(buyer())
    held(instrument=instrument, period=hours(168, 170), mode="self")

    answer = post(client, SERIES, wanted(instrument, purpose="月度比对"))
    again = post(client, SERIES, wanted(instrument, purpose="月度比对"))

    series = Series.objects.get()
    told = answer.json()
    assert (answer.status_code, answer["Location"]) == (201, f"{SERIES}{series.uuid}/")
    assert (again.json(), again["Idempotent-Replayed"]) == (told, "true")
    assert [(one["on"], one["status"], (one["skipped"] or {}).get("code")) for one in told["dates"]] == [
        ("2026-11-24", "confirmed", None),
        ("2026-12-01", "", "CAPACITY_EXCEEDED"),
        ("2026-12-08", "confirmed", None),
    ]
    assert client.get(answer["Location"]).json() == told
    assert [one["uuid"] for one in client.get(SERIES).json()["results"]] == [str(series.uuid)]


def test_what_was_shown_is_booked_or_nothing(api_as):
    instrument, client = InstrumentFactory(), api_as(buyer())
    shown = client.post(f"{SERIES}preview/", wanted(instrument), format="json").json()["shown"]
    held(instrument=instrument, period=hours(0, 1), mode="self")

    refused = post(client, SERIES, wanted(instrument, shown=shown))

    assert (refused.status_code, refused.json()["code"], Series.objects.count()) == (409, "SERIES_CHANGED", 0)


@pytest.mark.parametrize(
    ("changed", "status", "code", "part"),
    [
        ({"rule": "FREQ=YEARLY;COUNT=2"}, 422, "RULE_WRONG", "FREQ"),
        ({"rule": "FREQ=WEEKLY;COUNT=60"}, 422, "RULE_TOO_MANY_DATES", "COUNT"),
        ({"rule": "FREQ=WEEKLY;BYMONTH=3;COUNT=2"}, 422, "RULE_PART_UNKNOWN", "BYMONTH"),
    ],
)
def test_a_rule_that_cannot_be_read_is_refused_by_the_name_of_its_part(api_as, changed, status, code, part):
    client, instrument = api_as(buyer()), InstrumentFactory()

    for answer in (
        client.post(f"{SERIES}preview/", wanted(instrument, **changed), format="json"),
        post(client, SERIES, wanted(instrument, **changed)),
    ):
        problem = answer.json()
        assert (answer.status_code, problem["code"], problem["facts"]["part"]) == (status, code, part)


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"starts_at": "nine"}, "starts_at"), ({"minutes": 0}, "minutes"), ({"policy": "some"}, "policy")],
)
def test_bad_input_names_the_field(api_as, changed, field):
    answer = post(api_as(buyer()), SERIES, wanted(InstrumentFactory(), **changed))

    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, [field])


def test_the_examples_of_the_documentation_work(api_as):
    member = buyer()
    client = api_as(member)
    instrument = InstrumentFactory(code="TH-006", lab__code="TH", policy__advance_days=60)
    schema = SchemaGenerator().get_schema(request=None, public=True)
    examples = {
        path: next(iter(told["post"]["requestBody"]["content"]["application/json"]["examples"].values()))["value"]
        for path, told in schema["paths"].items()
        if path.startswith(SERIES) and "examples" in str(told.get("post", {}).get("requestBody", ""))
    }
    assert len(examples) == 7

    assert client.post(f"{SERIES}preview/", examples[f"{SERIES}preview/"], format="json").status_code == 200
    made = post(client, SERIES, examples[SERIES])
    assert (made.status_code, made.json()["instrument"]) == (201, instrument.code)
    here = made["Location"]
    for number, act in enumerate(("move/preview/", "move/", "extend/preview/", "extend/", "cancel/")):
        answer = post(client, f"{here}{act}", examples[f"{SERIES}{{uuid}}/{act}"], key=f"key-{number}")
        assert answer.status_code == 200, answer.json()
    assert api.EVERY_WEEK.value == examples[SERIES]


def test_the_examples_of_what_a_lab_answers_work(api_as):
    instrument = InstrumentFactory(policy__requires_approval=True)
    for number, act in enumerate((api.ALL_THAT_WAIT, api.ALL_WITH_A_REASON, api.OFF_FROM_THEN_ON)):
        at = hours(3 * number, 0.5 + 3 * number).start.time()
        series = book_series(
            instrument=instrument, at=at.replace(hour=at.hour + 8), first=date(2026, 12, 1), minutes=60
        )
        here = f"/api/v1/desk/series/{series.uuid}/"
        client = api_as(manager_of(series))

        done = post(client, f"{here}{('approve', 'reject', 'cancel')[number]}/", act.value, key=f"key-{number}")

        assert done.status_code == 200, done.json()
        assert client.get(here).json() == done.json()


def test_going_on_is_shown_first_and_what_was_shown_is_booked_or_nothing(api_as):
    member = buyer()
    series = book_series(by=member, rule="FREQ=WEEKLY;COUNT=2")
    client, here = api_as(member), f"{SERIES}{series.uuid}/"

    seen = client.post(f"{here}extend/preview/", {"count": 4}, format="json").json()
    assert [one["on"] for one in seen["dates"]] == ["2026-12-08", "2026-12-15"]
    held(instrument=series.instrument, period=hours(2 * 168, 2 * 168 + 1))
    changed = post(client, f"{here}extend/", {"count": 4, "shown": seen["shown"]}, key="1")

    assert (changed.status_code, changed.json()["code"]) == (409, "SERIES_CHANGED")
    assert client.post(f"{here}extend/preview/", {}, format="json").status_code == 400


def test_a_colleague_who_comes_is_named_by_address_and_nobody_else_can_be(api_as):
    member, instrument = buyer(), InstrumentFactory()
    colleague = MembershipFactory(role="buyer", organisation=member.organisation)
    client = api_as(member)

    stranger = post(client, SERIES, wanted(instrument, used_by=buyer().user.email), key="1")
    booked = post(client, SERIES, wanted(instrument, used_by=colleague.user.email), key="2")

    assert (stranger.status_code, [one["field"] for one in stranger.json()["errors"]]) == (400, ["used_by"])
    assert (booked.status_code, booked.json()["used_by"]) == (201, colleague.user.email)
    assert set(Rental.objects.values_list("used_by__email", flat=True)) == {colleague.user.email}


def test_a_date_that_is_not_confirmed_says_why_it_is_not_moved(api_as):
    member = buyer()
    series = book_series(instrument=InstrumentFactory(policy__requires_approval=True), by=member)
    client, here = api_as(member), f"{SERIES}{series.uuid}/"

    seen = client.post(f"{here}move/preview/", {"starts_at": "14:00"}, format="json").json()
    refused = post(client, f"{here}move/", {"starts_at": "14:00"})

    assert {one["code"] for each in seen["dates"] for one in each["refusals"]} == {"MOVE_NEEDS_CONFIRMATION"}
    assert all(one["remedy"] for each in seen["dates"] for one in each["refusals"])
    assert (refused.status_code, refused.json()["code"]) == (409, "NO_DATE_MOVED")


def test_cancelling_says_its_fees_first_and_needs_the_sum_agreed_to(api_as):
    member = buyer()
    series = book_series(by=member, rule="FREQ=DAILY;COUNT=2")
    client, here = api_as(member), f"{SERIES}{series.uuid}/"

    fees = client.get(f"{here}fees/?which=all").json()
    wrong = post(client, f"{here}cancel/", {"expected_fee_fen": 1}, key="wrong")
    right = post(client, f"{here}cancel/", {"expected_fee_fen": fees["total_fen"]}, key="right")

    assert (wrong.status_code, wrong.json()["code"]) == (409, "PRICE_CHANGED")
    assert [one["status"] for one in right.json()["dates"]] == ["cancelled", "cancelled"]
    assert sum(one["fee_fen"] for one in right.json()["dates"]) == fees["total_fen"] == 36_000
    assert client.get(f"{here}fees/?which=this").status_code == 400


def test_a_lab_answers_and_calls_off_through_its_own_addresses(api_as):
    series = book_series(instrument=InstrumentFactory(policy__requires_approval=True))
    client, here = api_as(manager_of(series)), f"/api/v1/desk/series/{series.uuid}/"
    numbers = list(Rental.objects.order_by("period").values_list("number", flat=True))

    assert len(client.get("/api/v1/desk/series/").json()["results"]) == 1
    approved = post(client, f"{here}approve/", {"numbers": numbers[:1]}, key="1")
    rejected = post(client, f"{here}reject/", {"numbers": numbers[1:2], "reason": "校准"}, key="2")
    called_off = post(client, f"{here}cancel/", {"reason": "搬迁"}, key="3")

    assert [one["status"] for one in approved.json()["dates"]] == [
        "awaiting_payment",
        "pending_approval",
        "pending_approval",
    ]
    assert [one["status"] for one in rejected.json()["dates"]] == ["awaiting_payment", "rejected", "pending_approval"]
    assert [one["status"] for one in called_off.json()["dates"]] == ["cancelled", "rejected", "cancelled"]


def test_other_organisations_and_roles_are_kept_out(api_as):
    member = buyer()
    series = book_series(by=member)
    here = f"{SERIES}{series.uuid}/"
    viewer = api_as(MembershipFactory(organisation=member.organisation, role="viewer"))
    stranger = api_as(buyer())

    assert (viewer.get(here).status_code, post(viewer, f"{here}cancel/").status_code) == (200, 403)
    assert (stranger.get(here).status_code, post(stranger, f"{here}cancel/").status_code) == (404, 404)
    assert api_as(None).get(here).status_code == 401
    reader = api_as(member, ("rentals:read",))
    assert (reader.get(here).status_code, post(reader, f"{here}cancel/").status_code) == (200, 403)


def test_a_list_asks_the_database_as_often_for_three_series_as_for_one(api_as, django_assert_num_queries):
    member, instrument = buyer(), InstrumentFactory()
    client = api_as(member)
    book_series(instrument=instrument, by=member)
    client.get(SERIES)
    with CaptureQueriesContext(connection) as one:
        client.get(SERIES)
    for first in (25, 26):
        book_series(instrument=instrument, by=member, first=date(2026, 11, first))
    with django_assert_num_queries(len(one)):
        client.get(SERIES)
