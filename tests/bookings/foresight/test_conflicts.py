"""The bookings that need another time: listed by outage, offered other times, and the offers taken back."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership
from bookings.models import Rental, WaitlistEntry, WaitlistOffer
from bookings.rentals import operations as rentals
from bookings.waitlist import operations as waitlist
from kernel.periods import Period
from labs.hours import operations as outages
from labs.models import Instrument, Outage
from tests.conftest import MONDAY_9
from tests.factories.accounts import LabMembershipFactory
from tests.factories.bookings import buyer, confirmed, hours
from tests.factories.labs import InstrumentFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PAGE = "/desk/conflicts/"


def staff_of(instrument: Instrument, role: str = "lab_manager") -> Membership:
    return LabMembershipFactory(organisation=instrument.lab.organisation, role=role)


def out(of: Any, period: Period) -> Outage:
    return outages.announce_outage(
        of=of, kind="maintenance", start=period.start, end=period.end, by=None, now=MONDAY_9, reason_en="New grips"
    )


@pytest.fixture
def instrument() -> Instrument:
    return InstrumentFactory(policy__requires_approval=False)


def test_they_are_listed_by_the_outage_with_what_is_at_stake(client_as: Any, instrument: Instrument) -> None:
    other = InstrumentFactory(lab=instrument.lab, policy__requires_approval=False)
    first = confirmed(instrument=instrument, period=hours(0, 2))
    second = confirmed(instrument=other, period=hours(0, 2))
    confirmed(instrument=instrument, period=hours(5, 6))
    early, late = out(instrument, hours(0, 1)), out(other, hours(1, 2))

    page = client_as(staff_of(instrument)).get(PAGE)

    groups = page.context["groups"]
    assert [(group.outage, [one.rental.number for one in group.conflicts]) for group in groups] == [
        (early, [first.number]), (late, [second.number]),
    ]  # fmt: skip
    assert groups[0].at_stake == first.total
    assert "New grips" in page.content.decode()


def test_what_the_waitlist_holds_for_them_is_shown(client_as: Any, instrument: Instrument) -> None:
    rental = confirmed(instrument=instrument, period=hours(0, 2))
    out(instrument, hours(0, 2))
    client = client_as(staff_of(instrument))

    client.post(f"{PAGE}offer/", {"number": [rental.number]})

    (conflict,) = client.get(PAGE).context["groups"][0].conflicts
    assert conflict.is_offered
    offer = WaitlistOffer.objects.get()
    assert (offer.entry.displaced, offer.rental.status) == (rental, "held")
    assert offer.rental.time.minutes == rental.time.minutes
    assert not offer.rental.time.overlaps(hours(0, 2))


def test_offers_go_out_a_few_at_a_time_with_progress_until_none_is_left(
    client_as: Any, instrument: Instrument, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bookings.foresight.views.making_good.AT_ONCE", 2)
    numbers = [confirmed(instrument=instrument, period=hours(hour, hour + 1)).number for hour in range(3)]
    out(instrument, hours(0, 3))
    client = client_as(staff_of(instrument))

    first = client.post(f"{PAGE}offer/", {"number": numbers})
    progress = first.context["progress"]
    second = client.post(f"{PAGE}offer/", {"number": numbers, "done": progress["done"]}, follow=True)

    assert (len(progress["done"]), progress["left"], progress["percent"]) == (2, [numbers[2]], 66)
    assert len(first.context["results"]) == 2
    assert second.redirect_chain
    assert WaitlistOffer.objects.filter(outcome="open").count() == 3


def test_to_offer_twice_holds_nothing_twice(client_as: Any, instrument: Instrument) -> None:
    rental = confirmed(instrument=instrument, period=hours(0, 2))
    out(instrument, hours(0, 2))
    client = client_as(staff_of(instrument))

    for _ in range(2):
        client.post(f"{PAGE}offer/", {"number": [rental.number]})

    assert WaitlistEntry.objects.filter(displaced=rental).count() == WaitlistOffer.objects.count() == 1


def test_offers_taken_back_free_what_they_held(client_as: Any, instrument: Instrument) -> None:
    rental = confirmed(instrument=instrument, period=hours(0, 2))
    out(instrument, hours(0, 2))
    client = client_as(staff_of(instrument))
    client.post(f"{PAGE}offer/", {"number": [rental.number]})

    client.post(f"{PAGE}withdraw/", {"number": [rental.number]})

    offer = WaitlistOffer.objects.get()
    assert (offer.outcome, offer.entry.state, offer.rental.status) == ("withdrawn", "withdrawn", "cancelled")
    rental.refresh_from_db()
    assert rental.status == "confirmed"


def test_the_alternatives_are_by_the_rules_of_a_booking(client_as: Any, instrument: Instrument) -> None:
    rental = confirmed(instrument=instrument, period=hours(0, 2))
    alike = InstrumentFactory(lab=instrument.lab, category=instrument.category, policy__requires_approval=False)
    out(instrument, hours(0, 4))

    page = client_as(staff_of(instrument)).get(f"/desk/rentals/{rental.number}/alternatives/")

    start, moving = page.context["starts"][0]
    assert start >= hours(4, 5).start
    assert "start=2026-11-24T" in moving
    assert alike in page.context["instruments"]


def test_the_statements_of_the_page_do_not_grow(
    client_as: Any, instrument: Instrument, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    def conflict(hour: int) -> None:
        one = InstrumentFactory(lab=instrument.lab, policy__requires_approval=False)
        rental = confirmed(instrument=one, period=hours(hour, hour + 1))
        out(one, hours(hour, hour + 1))
        client.post(f"{PAGE}offer/", {"number": [rental.number]})

    client = client_as(staff_of(instrument))
    conflict(0)
    client.get(PAGE)
    with django_assert_max_num_queries(12) as few:
        client.get(PAGE)
    number = len(few.captured_queries)
    for hour in (1, 2):
        conflict(hour)

    with django_assert_num_queries(number):
        client.get(PAGE)


# --- Before it is announced ------------------------------------------------------------------------------------------


def asking(of: Instrument) -> dict[str, str]:
    return {"whose": of.code, "kind": "maintenance", "start": "2026-11-24T09:00", "end": "2026-11-24T10:00"}


def test_whoever_announces_an_outage_sees_first_whom_it_displaces(client_as: Any, instrument: Instrument) -> None:
    rental = confirmed(instrument=instrument, period=hours(0, 2))
    client = client_as(staff_of(instrument))
    path = f"/desk/lab/{instrument.lab.code}/hours/outage/"

    shown = client.post(path, asking(instrument))
    assert [one.number for one in shown.context["rentals"]] == [rental.number]
    assert not Outage.objects.exists()

    client.post(path, {**asking(instrument), "confirmed": shown.context["mark"]})
    rental.refresh_from_db()
    assert rental.needs_rebooking_since == MONDAY_9


def test_an_outage_is_changed_at_the_desk_and_elsewhere_is_not_there(client_as: Any, instrument: Instrument) -> None:
    rental = confirmed(instrument=instrument, period=hours(0, 2))
    outage = out(instrument, hours(0, 4))
    path = f"/desk/lab/outages/{outage.pk}/"

    client_as(staff_of(instrument)).post(path, {"start": "2026-11-24T12:00", "end": "2026-11-24T13:00"})

    outage.refresh_from_db()
    rental.refresh_from_db()
    assert (outage.stretch, rental.needs_rebooking) == (hours(3, 4), None)
    assert client_as(staff_of(InstrumentFactory())).get(path).status_code == 404
    assert client_as(staff_of(instrument, "lab_operator")).get(path).status_code == 403


# --- What if ---------------------------------------------------------------------------------------------------------


def test_what_if_tells_whom_a_closure_concerns_and_changes_nothing(client_as: Any, instrument: Instrument) -> None:
    member = buyer()
    hit = [confirmed(instrument=instrument, period=hours(hour, hour + 1), by=member) for hour in (0, 2)]
    confirmed(instrument=instrument, period=hours(24, 25))
    asked = {"whose": instrument.code, "start": "2026-11-24T00:00", "end": "2026-11-25T00:00"}

    page = client_as(staff_of(instrument)).get("/desk/what-if/", asked)

    assert [one.number for one in page.context["rentals"]] == [one.number for one in hit]
    assert (page.context["number"], page.context["customers"]) == (2, 1)
    assert page.context["at_stake"].fen == sum(one.total_fen for one in hit)
    assert not Outage.objects.exists()
    assert not Rental.objects.filter(needs_rebooking_since__isnull=False).exists()
    assert f"whose={instrument.code}" in page.context["announce"]


def test_what_if_asks_for_next_week_by_itself(client_as: Any, instrument: Instrument) -> None:
    page = client_as(staff_of(instrument)).get("/desk/what-if/").content.decode()

    assert ('value="2026-11-30T00:00"' in page, 'value="2026-12-07T00:00"' in page) == (True, True)


def test_what_if_knows_no_instruments_of_others(client_as: Any, instrument: Instrument) -> None:
    asked = {"whose": InstrumentFactory().code, "start": "2026-11-24T00:00", "end": "2026-11-25T00:00"}

    assert client_as(staff_of(instrument)).get("/desk/what-if/", asked).status_code == 422


# --- Who may -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["offer", "withdraw"])
def test_only_a_manager_of_that_lab_offers_and_takes_back(
    client_as: Any, client: Client, instrument: Instrument, act: str
) -> None:
    rental = confirmed(instrument=instrument, period=hours(0, 2))
    out(instrument, hours(0, 2))
    sent = {"number": [rental.number]}
    before = list(WaitlistEntry.objects.values_list("state"))

    assert client_as(staff_of(instrument, "lab_operator")).get(PAGE).status_code == 200
    assert client_as(staff_of(instrument, "lab_operator")).post(f"{PAGE}{act}/", sent).status_code == 403
    assert client_as(buyer()).get(PAGE).status_code == 403
    assert client.get(PAGE).headers["Location"] == f"/accounts/login/?next={PAGE}"
    client_as(staff_of(InstrumentFactory())).post(f"{PAGE}{act}/", sent)
    assert list(WaitlistEntry.objects.values_list("state")) == before
    assert not WaitlistOffer.objects.exists()


# --- Another time is taken -------------------------------------------------------------------------------------------


def test_once_another_time_is_confirmed_the_old_one_is_called_off_for_nothing(
    client_as: Any, instrument: Instrument
) -> None:
    member = buyer()
    rental = confirmed(instrument=instrument, period=hours(0, 2), by=member)
    out(instrument, hours(0, 2))
    client_as(staff_of(instrument)).post(f"{PAGE}offer/", {"number": [rental.number]})
    offer = WaitlistOffer.objects.get()

    taken = waitlist.take_offer(offer=offer, by=member, now=MONDAY_9)
    rentals.confirm_on_account(rental=taken, by=member, now=MONDAY_9)

    rental.refresh_from_db()
    assert (rental.status, rental.fee_fen) == ("cancelled", 0)
    assert client_as(staff_of(instrument)).get(PAGE).context["groups"] == []
