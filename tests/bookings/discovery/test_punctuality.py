"""How often labs are on time: what is counted, what is told, and what it sorts; see Note [On time]."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from bookings.discovery import operations
from bookings.models import Punctuality, Rental
from bookings.rentals import operations as rentals
from labs.models import Lab
from tests.factories.bookings import TUESDAY_9, buyer, checked_in, checked_out, confirmed, held, interrupted, lab_of
from tests.factories.labs import MONDAY_9, InstrumentFactory, LabFactory

pytestmark = pytest.mark.django_db

WEDNESDAY = TUESDAY_9 + timedelta(days=1)


def on(lab: Lab) -> Any:
    """Another instrument of the lab."""
    return InstrumentFactory(lab=lab)


def used(lab: Lab, *, late: int = 0) -> Rental:
    """A rental of Tuesday that began so many minutes after its booked start, and was used to its end."""
    return checked_in(instrument=on(lab), at=TUESDAY_9 + timedelta(minutes=late))


def counted(now: Any = WEDNESDAY) -> dict[int, tuple[int, int]]:
    operations.count_punctuality(now=now)
    return {each.lab_id: (each.on_time, each.due) for each in Punctuality.objects.all()}


def test_a_use_that_begins_within_a_quarter_of_an_hour_is_on_time() -> None:
    lab = LabFactory()
    for late in (-5, 0, 15, 16):
        used(lab, late=late)
    checked_out(instrument=on(lab))

    assert counted() == {lab.pk: (4, 5)}


def test_what_the_lab_called_off_or_interrupted_counts_against_it_and_what_the_customer_did_does_not() -> None:
    lab, by = LabFactory(), buyer()
    used(lab)
    called_off, cancelled, missed = (confirmed(instrument=on(lab), by=by) for _ in range(3))
    rentals.cancel_by_lab(rental=called_off, reason="坏了", by=lab_of(called_off), now=MONDAY_9)
    rentals.cancel(rental=cancelled, by=by, now=MONDAY_9)
    interrupted(instrument=on(lab))
    never_confirmed = held(instrument=on(lab), by=by)
    rentals.cancel_by_lab(rental=never_confirmed, reason="人手不足", by=lab_of(never_confirmed), now=MONDAY_9)
    rentals.mark_no_shows(now=WEDNESDAY)
    missed.refresh_from_db()
    assert missed.status == Rental.Status.NO_SHOW

    assert counted() == {lab.pk: (1, 3)}


def test_what_a_customer_gives_up_because_it_cannot_take_place_counts_against_the_lab() -> None:
    lab, by = LabFactory(), buyer()
    lost = confirmed(instrument=on(lab), by=by)
    rentals.mark_needs_rebooking(rental_ids=[lost.pk], why={"why": "outage"}, now=MONDAY_9)
    lost.refresh_from_db()
    rentals.cancel(rental=lost, by=by, now=MONDAY_9)

    assert counted() == {lab.pk: (0, 1)}


def test_only_what_has_begun_in_the_last_year_counts_and_a_lab_without_any_is_told_of_no_more() -> None:
    lab = LabFactory()
    used(lab)
    Punctuality.objects.create(lab=LabFactory(), due=9, on_time=9, counted_at=MONDAY_9)

    assert counted() == counted() == {lab.pk: (1, 1)}
    assert counted(TUESDAY_9 + timedelta(days=365)) == {lab.pk: (1, 1)}
    assert counted(TUESDAY_9 + timedelta(days=365, minutes=1)) == {}


def test_punctuality_within_what_was_due() -> None:
    with pytest.raises(IntegrityError, match="punctuality_within_what_was_due"):
        Punctuality.objects.create(lab=LabFactory(), due=1, on_time=2, counted_at=MONDAY_9)


def test_the_catalogue_is_sorted_by_who_is_on_time_and_says_so(client: Client, clock: Any) -> None:
    shares = {"A": (9, 10), "B": (10, 10), "C": (4, 4), "D": None}
    for code, share in shares.items():
        made = InstrumentFactory(code=code)
        if share:
            Punctuality.objects.create(lab=made.lab, on_time=share[0], due=share[1], counted_at=MONDAY_9)

    answer = client.get("/catalogue/?sort=punctuality")

    cards = answer.context["cards"]
    assert [card.instrument.code for card in cards[:2]] == ["B", "A"]
    assert [card.punctuality and card.punctuality.percent for card in cards] == [100, 90, None, None]
    page = answer.content.decode()
    assert page.count("on time: no data yet") == 2
    assert "on time: 90 %" in page
    found = client.get("/api/v1/instruments/?sort=punctuality").json()["results"]
    assert [each["code"] for each in found[:2]] == ["B", "A"]


@pytest.mark.parametrize("rows", [1, 3])
def test_what_is_told_of_the_labs_of_a_page_is_one_statement(
    client: Client, clock: Any, rows: int, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        Punctuality.objects.create(lab=InstrumentFactory().lab, on_time=9, due=9, counted_at=MONDAY_9)
    client.get("/catalogue/?sort=punctuality")

    with django_assert_num_queries(8):
        client.get("/catalogue/?sort=punctuality")


def test_a_labs_page_says_how_often_it_is_on_time_or_that_nothing_is_known(client: Client, clock: Any) -> None:
    lab = LabFactory()
    assert "No data yet" in client.get(f"/labs/{lab.code}/").content.decode()

    Punctuality.objects.create(lab=lab, on_time=29, due=30, counted_at=MONDAY_9)

    page = client.get(f"/labs/{lab.code}/").content.decode()
    assert "96 %" in page
    assert "of 30 rentals" in page
