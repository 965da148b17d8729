"""The page of an instrument: what it says, the week as pieces, and the price of a time while choosing it."""

from datetime import date

import pytest
from django.test import Client

from tests.conftest import MONDAY_9
from tests.factories.bookings import buyer, confirmed, held, hours
from tests.factories.labs import ALWAYS, InstrumentFactory, LabFactory, OutageFactory, ServiceFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

HTMX = {"HX-Request": "true"}
TUESDAY = {"date": "2026-11-24", "start": "10:00", "minutes": "120", "mode": "assisted"}


def test_a_stranger_reads_what_an_instrument_is_and_costs(client: Client) -> None:
    instrument = InstrumentFactory(
        tariff__bands=[
            {
                "name": "night",
                "name_zh": "夜间优惠",
                "start": "22:00",
                "end": "08:00",
                "day_types": ["workday", "restday", "holiday"],
                "rate_bp": 5000,
            }
        ],
        policy__lead_time_min=1440,
    )
    ServiceFactory(lab=instrument.lab, instruments=[instrument])

    answer = client.get(f"/instruments/{instrument.code}/", headers={"accept-language": "en"})

    assert answer.status_code == 200
    said = answer.content.decode()
    assert "Calibrated, valid until 2028-12-31" in said
    assert "night hours: every day 22:00–08:00" in said
    assert "At least 24 hours ahead, at most 60 days ahead" in said
    assert "72 h or more before the start: free of charge" in said
    assert "Sign in to book" not in said


def test_choosing_a_time_shows_its_price_line_by_line(client: Client) -> None:
    instrument = InstrumentFactory(tariff__setup_fee_fen=15_000, tariff__operator_fee_fen_per_hour=12_000)

    answer = client.get(f"/instruments/{instrument.code}/price/", TUESDAY, headers={**HTMX, "accept-language": "en"})

    said = answer.content.decode()
    assert answer.status_code == 200
    assert said.lstrip().startswith('<div id="offer"')
    for words in ("2 hours × ¥300.00/h", "¥600.00", "Set-up", "¥150.00", "2 hours × ¥120.00/h", "¥240.00", "¥990.00"):
        assert words in said
    assert answer.headers["HX-Replace-Url"].startswith(f"/instruments/{instrument.code}/?date=2026-11-24&start=10%3A00")
