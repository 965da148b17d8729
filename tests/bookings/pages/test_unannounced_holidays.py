"""BK-23: a booking into a year whose holidays are not announced is let through, and says so."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from labs.models import HolidayDate
from tests.factories.bookings import buyer, confirmed
from tests.factories.labs import InstrumentFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
NOT_ANNOUNCED = "Holidays of 2026 not announced"
CHOSEN = {"date": "2026-11-24", "start": "09:00", "minutes": "60", "mode": "assisted"}


def announce(*days: date) -> None:
    HolidayDate.objects.bulk_create([HolidayDate(date=day, kind="holiday", name_zh="示例假日") for day in days])


def test_whoever_chooses_a_time_in_such_a_year_is_told(client: Client) -> None:
    path = f"/instruments/{InstrumentFactory().code}/"
    assert NOT_ANNOUNCED in client.get(path, CHOSEN).text

    announce(date(2026, 1, 1))

    assert NOT_ANNOUNCED not in client.get(path, CHOSEN).text


def test_the_booking_says_so_until_the_year_is_announced(client_as: Any) -> None:
    member = buyer()
    rental = confirmed(by=member)
    client = client_as(member)
    path = f"/my/rentals/{rental.number}/"
    assert NOT_ANNOUNCED in client.get(path).text

    announce(date(2026, 1, 1))

    assert NOT_ANNOUNCED not in client.get(path).text


def test_the_year_is_that_of_the_labs_calendar(client: Client) -> None:
    """New Year begins in Guangzhou eight hours before it does in UTC."""
    announce(date(2026, 1, 1))
    new_year = InstrumentFactory(policy__advance_days=90)
    first_of_january = {**CHOSEN, "date": "2027-01-01"}

    page = client.get(f"/instruments/{new_year.code}/", first_of_january).text

    assert "Holidays of 2027 not announced" in page
