"""Waiting for programs: the documented examples work as they are written, and every refusal has its name."""

from typing import Any

import pytest

from bookings.models import WaitlistEntry
from bookings.waitlist import api
from bookings.waitlist import operations as waitlist
from tests.factories.accounts import MembershipFactory
from tests.factories.bookings import MONDAY_9, buyer, hours
from tests.factories.labs import CapabilityFactory, InstrumentFactory
from tests.factories.waitlist import offered, taken, waits

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

WAITLIST = "/api/v1/waitlist/"


def post(client: Any, address: str, body: Any = None, key: str = "a-key") -> Any:
    return client.post(address, body or {}, format="json", HTTP_IDEMPOTENCY_KEY=key)


def busy_machine(code: str = "TH-001") -> Any:
    """A machine of 100 kN that is taken all week long."""
    instrument = InstrumentFactory(code=code, policy__max_minutes=600)
    CapabilityFactory(instrument=instrument)
    for day in range(4):
        taken(instrument=instrument, period=hours(24 * day - 0.5, 24 * day + 9))
    return instrument


def test_the_documented_example_of_one_instrument_is_answered_with_its_place_in_line(api_as: Any) -> None:
    instrument = InstrumentFactory(code="TH-001", policy__max_minutes=600)
    taken(instrument=instrument, period=hours(0, 9))
    member = buyer()

    answer = post(api_as(member), WAITLIST, api.ONE_INSTRUMENT)

    entry = WaitlistEntry.objects.get()
    assert (answer.status_code, answer["Location"]) == (201, f"{WAITLIST}{entry.pk}/")
    assert answer.json() == {
        "id": entry.pk,
        "state": "waiting",
        "position": 1,
        "instrument": "TH-001",
        "group": None,
        "query": None,
        "since": "2026-11-24T09:00:00+08:00",
        "until": "2026-11-24T18:00:00+08:00",
        "minutes": 120,
        "mode": "assisted",
        "units": 1,
        "max_price_fen": None,
        "purpose": "",
        "is_displaced": False,
        "created_at": "2026-11-23T09:00:00+08:00",
        "offers": [],
    }


def test_the_documented_example_of_a_search_waits_for_any_machine_that_can(api_as: Any) -> None:
    busy_machine()
    InstrumentFactory()  # free, but it measures no force

    answer = post(api_as(buyer()), WAITLIST, api.ANY_50_KN)

    assert (answer.status_code, answer.json()["query"]) == (201, {"value": ["50"], "unit": ["kN"]})
    assert WaitlistEntry.objects.get().max_price_fen == 90_000


def test_the_documented_example_of_another_window_keeps_the_place(api_as: Any) -> None:
    rental = taken(instrument=InstrumentFactory(policy__max_minutes=600), period=hours(0, 9))
    taken(instrument=rental.instrument, period=hours(24, 33))
    member = buyer()
    entry = waits(rental, by=member, window=hours(0, 9))

    answer = post(api_as(member), f"{WAITLIST}{entry.pk}/window/", api.ANOTHER_WINDOW)

    assert (answer.status_code, answer.json()["since"]) == (200, "2026-11-25T09:00:00+08:00")


def test_what_is_free_answers_409_with_what_can_be_booked(api_as: Any) -> None:
    InstrumentFactory(code="TH-001")

    answer = post(api_as(buyer()), WAITLIST, api.ONE_INSTRUMENT)

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "FREE_NOW")
    assert (problem["facts"]["code"], problem["facts"]["starts_at"], problem["facts"]["total_fen"]) == (
        "TH-001",
        "2026-11-24T09:00:00+08:00",
        60_000,
    )


@pytest.mark.parametrize(
    ("change", "status", "told"),
    [
        ({"instrument": None}, 400, "instrument"),
        ({"query": {"lab": "X"}}, 400, "instrument"),
        ({"until": "2026-11-24T08:00:00+08:00"}, 400, "until"),
        ({"minutes": 0}, 400, "minutes"),
        ({"mode": "alone"}, 400, "mode"),
        ({"instrument": "NO-SUCH"}, 404, "not_found"),
        ({"minutes": 600}, 422, "WINDOW_TOO_SHORT"),
    ],
)
def test_bad_input_names_what_is_wrong_and_leaves_nothing_behind(
    api_as: Any, change: dict[str, Any], status: int, told: str
) -> None:
    InstrumentFactory(code="TH-001")

    answer = post(api_as(buyer()), WAITLIST, api.ONE_INSTRUMENT | change)

    assert answer.status_code == status
    named = [each["field"] for each in answer.json().get("errors", [])] or [answer.json()["code"]]
    assert named == [told]
    assert not WaitlistEntry.objects.exists()


def test_the_same_key_joins_once(api_as: Any) -> None:
    instrument = InstrumentFactory(code="TH-001", policy__max_minutes=600)
    taken(instrument=instrument, period=hours(0, 9))
    client = api_as(buyer())

    first, again = (post(client, WAITLIST, api.ONE_INSTRUMENT) for _ in range(2))

    assert (first.status_code, again.status_code, again["Idempotent-Replayed"]) == (201, 201, "true")
    assert WaitlistEntry.objects.count() == 1


def test_an_offer_is_seen_and_taken_and_the_answer_is_the_held_rental(api_as: Any) -> None:
    member = buyer()
    offer = offered(by=member)
    client = api_as(member)

    (entry,) = client.get(WAITLIST).json()["results"]
    assert entry["offers"][0] | {"id": 0} == {
        "id": 0,
        "outcome": "open",
        "offered_at": "2026-11-23T09:00:00+08:00",
        "expires_at": "2026-11-23T11:00:00+08:00",
        "rental": offer.rental.number,
        "instrument": offer.rental.instrument.code,
        "start": "2026-11-24T09:00:00+08:00",
        "end": "2026-11-24T11:00:00+08:00",
        "mode": "assisted",
        "total_fen": 60_000,
    }
    answer = post(client, f"{WAITLIST}offers/{offer.pk}/take/")

    assert (answer.status_code, answer.json()["number"], answer.json()["status"]) == (
        200,
        offer.rental.number,
        "held",
    )


def test_an_offer_is_declined_and_an_entry_withdrawn(api_as: Any) -> None:
    member = buyer()
    offer = offered(by=member)
    client = api_as(member)

    declined = post(client, f"{WAITLIST}offers/{offer.pk}/decline/", key="decline")
    again = post(client, f"{WAITLIST}offers/{offer.pk}/decline/", key="again")
    withdrawn = post(client, f"{WAITLIST}{offer.entry_id}/withdraw/", key="withdraw")

    assert (declined.status_code, declined.json()["state"]) == (200, "waiting")
    assert (again.status_code, again.json()["code"]) == (409, "OFFER_ANSWERED")
    assert (withdrawn.status_code, withdrawn.json()["state"]) == (200, "withdrawn")
    assert client.get(WAITLIST).json()["count"] == 0
    assert client.get(WAITLIST, {"state": "all"}).json()["count"] == 1


def test_a_token_needs_the_scope_of_what_it_does(api_as: Any) -> None:
    rental = taken()
    member = buyer()
    entry = waits(rental, by=member)

    reading = api_as(member, ("waitlist:read",))
    renting = api_as(member, ("rentals:read", "rentals:write"))

    assert reading.get(f"{WAITLIST}{entry.pk}/").status_code == 200
    assert post(reading, f"{WAITLIST}{entry.pk}/withdraw/").status_code == 403
    assert renting.get(WAITLIST).status_code == 403


def test_strangers_members_without_the_role_and_others_are_kept_out(api_as: Any) -> None:
    member = buyer()
    offer = offered(by=member)
    viewer = MembershipFactory(organisation=member.organisation, role="viewer")

    assert api_as().get(WAITLIST).status_code == 401
    assert api_as(viewer).get(WAITLIST).status_code == 200
    assert post(api_as(viewer), f"{WAITLIST}offers/{offer.pk}/take/").status_code == 403
    assert api_as(buyer()).get(f"{WAITLIST}{offer.entry_id}/").status_code == 404
    assert post(api_as(buyer()), f"{WAITLIST}offers/{offer.pk}/take/").status_code == 404


def test_the_list_asks_as_many_statements_for_three_as_for_one(api_as: Any, django_assert_max_num_queries: Any) -> None:
    member = buyer()
    client = api_as(member)
    offered(by=member)
    client.get(WAITLIST)
    with django_assert_max_num_queries(30) as one:
        client.get(WAITLIST)
    first = len(one.captured_queries)
    offered(by=member)
    entry = waits(taken(), by=member)
    waitlist.change_window(entry=entry, window=entry.time, by=member, now=MONDAY_9)

    with django_assert_max_num_queries(first):
        client.get(WAITLIST)
