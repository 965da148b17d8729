"""Rentals through REST: the same operation, its refusals as problems, every hold made once."""

from datetime import timedelta

import pytest

from bookings.models import Rental
from bookings.rentals.api import examples
from labs.models import InstrumentGroup
from tests.factories.accounts import LabMembershipFactory, MembershipFactory
from tests.factories.bookings import MONDAY_9, TUESDAY_9, buyer, confirmed, held, hours
from tests.factories.labs import InstrumentFactory, LabFactory, UserQualificationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

RENTALS = "/api/v1/rentals/"


def wish(instrument, period=None, **more):
    period = period or hours(0, 2)
    times = {"start": period.start.isoformat(), "end": period.end.isoformat()}
    return {"instrument": instrument.code, "mode": "assisted", **times, **more}


def post(client, address, body=None, key="a-key"):
    return client.post(address, body or {}, format="json", HTTP_IDEMPOTENCY_KEY=key)


def test_a_hold_answers_201_with_its_price_lines_and_until_when_it_is_kept(api_as):
    instrument = InstrumentFactory()
    member = buyer()

    answer = post(api_as(member), RENTALS, wish(instrument, purpose="来料检验"))

    rental = Rental.objects.get()
    assert (answer.status_code, answer["Location"]) == (201, f"/api/v1/rentals/{rental.number}/")
    told = answer.json()
    assert (told["status"], told["total_fen"], told["instrument"]) == ("held", 60_000, instrument.code)
    assert (told["start"], told["held_until"]) == ("2026-11-24T09:00:00+08:00", "2026-11-23T09:30:00+08:00")
    assert [(line["kind"], line["minutes"], line["amount_fen"]) for line in told["lines"]] == [("usage", 120, 60_000)]
    assert (rental.organisation, rental.placed_by, rental.purpose) == (member.organisation, member.user, "来料检验")


def test_a_taken_slot_answers_409_with_the_next_three_starts_and_two_comparable_instruments(api_as):
    lab = LabFactory()
    taken, *others = InstrumentFactory.create_batch(4, lab=lab)
    busy = others[0]
    held(instrument=taken, period=hours(0, 2))
    held(instrument=busy, period=hours(1, 2))

    answer = post(api_as(buyer()), RENTALS, wish(taken))

    problem = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert (problem["code"], [one["code"] for one in problem["refusals"]]) == (
        "CAPACITY_EXCEEDED",
        ["CAPACITY_EXCEEDED"],
    )
    assert problem["alternatives"]["starts"] == [
        "2026-11-24T11:00:00+08:00",
        "2026-11-24T11:30:00+08:00",
        "2026-11-24T12:00:00+08:00",
    ]
    assert [other["code"] for other in problem["alternatives"]["instruments"]] == [one.code for one in others[1:]]


def test_bk_10_any_of_a_group_is_held_the_first_that_fits_and_the_answer_says_which(api_as):
    lab = LabFactory()
    first, second = InstrumentFactory.create_batch(2, lab=lab)
    group = InstrumentGroup.objects.create(code="HV-4", lab=lab, name_zh="硬度计")
    group.instruments.set([first, second])
    held(instrument=first, period=hours(1, 3))
    client, asked = api_as(buyer()), examples.HOLD_ANY.value

    answer = post(client, RENTALS, asked)

    assert (answer.status_code, answer.json()["instrument"]) == (201, second.code)
    none_left = post(client, RENTALS, asked, key="again")
    assert (none_left.status_code, none_left.json()["code"]) == (409, "CAPACITY_EXCEEDED")
    assert post(client, RENTALS, {**asked, "group": "HV-5"}, key="unknown").status_code == 404
    assert post(client, RENTALS, {**asked, "instrument": first.code}, key="both").status_code == 400


def test_every_offered_alternative_can_be_held(api_as):
    taken, other = InstrumentFactory.create_batch(2, lab=LabFactory())
    held(instrument=taken, period=hours(0, 2))
    client = api_as(buyer())
    problem = post(client, RENTALS, wish(taken), key="first").json()

    start = problem["alternatives"]["starts"][0]
    end = (TUESDAY_9 + timedelta(hours=4)).isoformat()
    later = post(client, RENTALS, wish(taken, start=start, end=end), key="later")
    elsewhere = post(client, RENTALS, wish(other), key="elsewhere")

    assert (later.status_code, elsewhere.status_code) == (201, 201)
    assert problem["alternatives"]["instruments"][0]["code"] == other.code


def test_bk_11_the_colleague_who_is_named_is_judged_for_what_is_offered_instead(api_as):
    lab = LabFactory()
    taken, theirs, mine = InstrumentFactory.create_batch(3, lab=lab, training_required=True, rental_mode="self")
    member = buyer()
    colleague = MembershipFactory(role="buyer", organisation=member.organisation)
    for user, instrument in ((colleague.user, taken), (colleague.user, theirs), (member.user, mine)):
        UserQualificationFactory(user=user, instrument=instrument)
    other = MembershipFactory(role="buyer", organisation=buyer().organisation)
    UserQualificationFactory(user=other.user, instrument=taken)
    held(instrument=taken, period=hours(0, 2), by=other, mode="self")

    asked = {**wish(taken, mode="self"), "used_by": colleague.user.email}
    problem = post(api_as(member), RENTALS, asked).json()

    assert problem["code"] == "CAPACITY_EXCEEDED"
    assert [one["code"] for one in problem["alternatives"]["instruments"]] == [theirs.code]
    assert len(problem["alternatives"]["starts"]) == 3


def test_all_failing_rules_are_told_at_once(api_as):
    instrument = InstrumentFactory(policy__lead_time_min=2880)

    answer = post(api_as(buyer()), RENTALS, wish(instrument, hours(-1, 0)))

    assert [one["code"] for one in answer.json()["refusals"]] == ["OUTSIDE_OPENING_HOURS", "LEAD_TIME_TOO_SHORT"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"start": "tomorrow"}, "start"),
        ({"end": "2026-11-24T08:00:00+08:00"}, "end"),
        ({"mode": "alone"}, "mode"),
        ({"instrument": ""}, "instrument"),
        ({"expected_total_fen": -1}, "expected_total_fen"),
    ],
)
def test_bad_input_names_the_field_and_leaves_nothing_behind(api_as, change, field):
    answer = post(api_as(buyer()), RENTALS, wish(InstrumentFactory()) | change)

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not Rental.objects.exists()


def test_an_instrument_nobody_published_is_not_there(api_as):
    assert post(api_as(buyer()), RENTALS, wish(InstrumentFactory(published=False))).status_code == 404


def test_the_same_key_and_body_hold_once_and_another_body_is_refused(api_as):
    instrument, client = InstrumentFactory(), api_as(buyer())

    first = post(client, RENTALS, wish(instrument))
    again = post(client, RENTALS, wish(instrument))
    other = post(client, RENTALS, wish(instrument, hours(4, 5)))

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert (again.json(), again["Idempotent-Replayed"]) == (first.json(), "true")
    assert Rental.objects.count() == 1


def test_a_hold_is_confirmed_shown_and_cancelled_with_the_fee_seen(api_as):
    client = api_as(buyer())
    number = post(client, RENTALS, wish(InstrumentFactory()), key="hold").json()["number"]

    confirmed_ = post(client, f"{RENTALS}{number}/confirm/", key="confirm").json()
    wrong = post(client, f"{RENTALS}{number}/cancel/", {"expected_fee_fen": 0}, key="wrong")
    cancelled = post(client, f"{RENTALS}{number}/cancel/", {"expected_fee_fen": 18_000}, key="right").json()

    assert (confirmed_["status"], confirmed_["held_until"]) == ("confirmed", None)
    assert (wrong.status_code, wrong.json()["code"]) == (409, "PRICE_CHANGED")
    assert (cancelled["status"], cancelled["fee_fen"]) == ("cancelled", 18_000)  # 24 hours of notice: 30 %
    assert client.get(f"{RENTALS}{number}/").json() == cancelled


def test_a_rental_that_is_over_answers_409_and_stays(api_as):
    member = buyer()
    rental = confirmed(by=member)
    client = api_as(member)
    post(client, f"{RENTALS}{rental.number}/cancel/", key="one")

    answer = post(client, f"{RENTALS}{rental.number}/cancel/", key="two")

    assert (answer.status_code, answer.json()["code"]) == (409, "ILLEGAL_TRANSITION")


def test_the_list_is_the_organisations_own_filtered_and_in_one_count_of_statements(api_as, django_assert_num_queries):
    member, stranger = buyer(), buyer()
    held(by=stranger)
    one = held(by=member)
    client = api_as(member)
    client.get(RENTALS)  # the first use of a token in a minute is noted

    with django_assert_num_queries(3):  # who, how many, which
        first = client.get(RENTALS).json()
    two, three = held(by=member), confirmed(by=member)
    with django_assert_num_queries(3):
        second = client.get(RENTALS).json()

    assert [rental["number"] for rental in first["results"]] == [one.number]
    assert [rental["number"] for rental in second["results"]] == [three.number, two.number, one.number]
    confirmed_ones = client.get(RENTALS, {"status": "confirmed"}).json()["results"]
    assert [rental["number"] for rental in confirmed_ones] == [three.number]


def test_a_lapsed_hold_is_told_as_expired_before_any_job_has_run(api_as, clock):
    member = buyer()
    rental = held(by=member)
    clock.move_to(MONDAY_9 + timedelta(minutes=30))

    assert api_as(member).get(f"{RENTALS}{rental.number}/").json()["status"] == "expired"


def test_a_token_books_only_within_its_scopes_and_a_viewer_not_at_all(api_as):
    member = buyer()
    viewer = MembershipFactory(organisation=member.organisation, role="viewer")
    instrument = InstrumentFactory()

    unscoped = post(api_as(member, scopes=("rentals:read",)), RENTALS, wish(instrument))
    looking = post(api_as(viewer), RENTALS, wish(instrument))

    assert (unscoped.status_code, looking.status_code) == (403, 403)
    assert unscoped.json()["code"] == "scope_missing"


def test_the_labs_desk_sees_and_decides_only_on_its_own_instruments(api_as):
    instrument = InstrumentFactory(policy__requires_approval=True)
    manager = LabMembershipFactory(organisation=instrument.lab.organisation, role="lab_manager")
    another = LabMembershipFactory(role="lab_manager")
    member = buyer()
    number = post(api_as(member), RENTALS, wish(instrument), key="hold").json()["number"]
    post(api_as(member), f"{RENTALS}{number}/submit/", key="submit")

    blind = post(api_as(another), f"/api/v1/desk/rentals/{number}/approve/")
    seen = api_as(manager).get("/api/v1/desk/rentals/").json()["results"]
    approved = post(api_as(manager), f"/api/v1/desk/rentals/{number}/approve/").json()

    assert blind.status_code == 404
    assert [rental["number"] for rental in seen] == [number]
    assert approved["status"] == "awaiting_payment"


def test_free_starts_and_prices_are_told_to_anybody_and_agree_with_the_hold(api_as):
    instrument = InstrumentFactory()
    held(instrument=instrument, period=hours(0, 2))
    day = {"start": "2026-11-24T00:00:00+08:00", "end": "2026-11-25T00:00:00+08:00"}
    visitor = api_as(None)

    starts = visitor.get(f"/api/v1/instruments/{instrument.code}/availability/", {**day, "minutes": 420}).json()
    price = visitor.get(f"/api/v1/instruments/{instrument.code}/price/", wish(instrument, hours(2, 4)))
    taken = visitor.get(f"/api/v1/instruments/{instrument.code}/price/", wish(instrument, hours(1, 3)))

    assert starts == {"starts": ["2026-11-24T11:00:00+08:00"]}
    assert price.json()["total_fen"] == 60_000
    assert (taken.status_code, taken.json()["price"]["total_fen"]) == (409, 60_000)


def test_a_search_longer_than_31_days_is_refused_with_the_field(api_as):
    day = {"start": "2026-11-24T00:00:00+08:00", "end": "2026-12-26T00:00:00+08:00", "minutes": 60}

    answer = api_as(None).get(f"/api/v1/instruments/{InstrumentFactory().code}/availability/", day)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "end")
