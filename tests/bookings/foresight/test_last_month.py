"""What last month would have earned under a price list that is being written."""

from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.models import Membership
from billing.pricing.rules import Line, Rates
from bookings.foresight.rules.earning import Draft, Use, compared, month_before
from bookings.models import Occupancy, Rental, UsageRecord
from kernel.periods import Period
from labs.models import Instrument, Tariff
from tests.conftest import MONDAY_9
from tests.factories.accounts import LabMembershipFactory, MembershipFactory
from tests.factories.bookings import buyer, confirmed
from tests.factories.labs import InstrumentFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
TERMS = {
    "after": "1", "starts": "", "base_rate_fen_per_hour": "300", "billing_increment_min": "30",
    "min_billable_minutes": "0", "min_charge_fen": "0", "setup_fee_fen": "0", "operator_fee_fen_per_hour": "0",
    "sme_discount_bp": "0", "bill_mode": "booked", "tax_category": "rental_assisted", "bands-TOTAL_FORMS": "0",
    "bands-INITIAL_FORMS": "0",
}  # fmt: skip
MORNING = {
    "bands-TOTAL_FORMS": "1", "bands-0-name": "early", "bands-0-start": "00:00", "bands-0-end": "10:00",
    "bands-0-day_types": ["workday"], "bands-0-rate_bp": "50",
}  # fmt: skip
FRIDAY_9 = datetime(2026, 10, 30, 1, tzinfo=UTC)
"""The last Friday of October at nine in Guangzhou."""


@pytest.fixture
def instrument() -> Instrument:
    return InstrumentFactory(policy__requires_approval=False)


def used(instrument: Instrument, start: datetime, minutes: int = 120, **changed: Any) -> Rental:
    """A confirmed rental, moved to where a test wants it."""
    rental = confirmed(instrument=instrument, by=changed.pop("by", None) or buyer())
    period = Period.starting(start, minutes).as_range()
    Rental.objects.filter(pk=rental.pk).update(period=period, **changed)
    Occupancy.objects.filter(holder_id=rental.pk).delete()
    return rental


def manager(instrument: Instrument) -> Membership:
    return LabMembershipFactory(organisation=instrument.lab.organisation, role="lab_manager")


def asked(client: Any, instrument: Instrument, **changed: Any) -> Any:
    answer = client.post(f"/desk/instruments/{instrument.code}/tariff/last-month/", {**TERMS, **changed})
    assert answer.status_code == 200
    return answer


def test_the_month_before_is_a_calendar_month():
    assert month_before(date(2026, 1, 31)) == (date(2025, 12, 1), date(2026, 1, 1))
    assert month_before(date(2026, 3, 31)) == (date(2026, 2, 1), date(2026, 3, 1))


def test_the_rentals_of_last_month_are_priced_anew_line_by_line(client_as: Any, instrument: Instrument) -> None:
    used(instrument, FRIDAY_9)
    used(instrument, FRIDAY_9 + timedelta(days=3))  # 2 November
    used(instrument, FRIDAY_9 - timedelta(days=2), status="cancelled", cancelled_at=MONDAY_9)
    used(InstrumentFactory(policy__requires_approval=False), FRIDAY_9)

    answer = asked(client_as(manager(instrument)), instrument, setup_fee_fen="80", **MORNING)

    told = answer.context["comparison"]
    assert (answer.context["month"], told.uses, told.minutes) == (date(2026, 10, 1), 1, 120)
    assert [(line.kind, line.band, line.booked.fen, line.draft.fen) for line in told.sums] == [
        ("usage", "standard", 60_000, 30_000), ("usage", "early", 0, 15_000), ("setup", "", 0, 8_000),
    ]  # fmt: skip
    assert (str(told.change), answer.context["change"]) == ("-¥70.00", "-11.66 %")


def test_a_month_is_that_of_the_labs_clock(client_as: Any) -> None:
    berlin = InstrumentFactory(lab__timezone="Europe/Berlin", policy__requires_approval=False, lab__weekly={})
    first = datetime(2026, 9, 30, 22, tzinfo=UTC)  # 1 October, 00:00 in Berlin, still September in London
    for start in (first - timedelta(minutes=1), first, datetime(2026, 10, 31, 23, tzinfo=UTC)):
        rental = used(InstrumentFactory(policy__requires_approval=False), start)
        Rental.objects.filter(pk=rental.pk).update(instrument=berlin)

    assert asked(client_as(manager(berlin)), berlin).context["comparison"].uses == 1


def test_the_discount_reaches_those_it_is_for(client_as: Any, instrument: Instrument) -> None:
    """BL-10"""
    used(instrument, FRIDAY_9, by=buyer(size="large"))
    used(instrument, FRIDAY_9 + timedelta(hours=3), by=buyer(size="micro"))

    told = asked(client_as(manager(instrument)), instrument, sme_discount_bp="10").context["comparison"]

    assert [(line.kind, line.draft.fen) for line in told.sums] == [("usage", 120_000), ("discount", -6_000)]
    assert told.draft.fen == 114_000


def test_frozen_prices_are_what_was_earned(client_as: Any, instrument: Instrument) -> None:
    line = Line(kind="usage", list_fen=5, amount_fen=4, discount_fen=1, band="standard")
    frozen = [asdict(line)]
    used(instrument, FRIDAY_9, price_lines=frozen, total_fen=4)

    told = asked(client_as(manager(instrument)), instrument).context["comparison"]

    assert (told.booked.fen, told.draft.fen) == (4, 60_000)


def test_a_draft_by_the_time_used_is_asked_of_when_people_came_and_went(client_as: Any, instrument: Instrument) -> None:
    """BL-2, BL-7"""
    consumed = [{"name": "液氮", "quantity": "2", "unit_price_fen": 1_000}]
    rental = used(instrument, FRIDAY_9, status="settled", checked_in_at=MONDAY_9, checked_out_at=MONDAY_9,
                  settled_at=MONDAY_9)  # fmt: skip
    UsageRecord.objects.create(
        rental=rental, started_at=FRIDAY_9 - timedelta(minutes=5), ended_at=FRIDAY_9 + timedelta(minutes=155),
        condition="good", consumables=consumed, recorded_by_id=rental.placed_by_id,
    )  # fmt: skip
    client = client_as(manager(instrument))

    as_booked = asked(client, instrument).context["comparison"]
    by_the_clock = asked(client, instrument, bill_mode="metered").context

    assert [(line.kind, line.draft.fen) for line in as_booked.sums] == [("usage", 60_000), ("consumable", 2_000)]
    told = by_the_clock["comparison"]
    assert [(line.kind, line.draft.fen) for line in told.sums] == [
        ("usage", 60_000), ("overtime", 45_000), ("consumable", 2_000),
    ]  # fmt: skip
    assert [name for name, _line in by_the_clock["lines"]] == ["Use, standard hours", "Overtime", "Consumables"]


def test_what_a_fault_broke_off_what_was_of_no_use_and_the_rest_of_one_are_priced_as_such() -> None:
    """BL-5, BL-24"""
    period = Period.starting(FRIDAY_9, 120)
    plain = Use(period=period, with_operator=True, units=1, is_sme=False, lines=())
    uses = {
        "whole": plain,
        "later date of a series": replace(plain, shares_setup=True),
        "broken off": replace(plain, runs=(Period.starting(FRIDAY_9, 43),)),
        "of no use": replace(plain, is_of_no_use=True),
        "the rest": replace(plain, is_rest=True, period=Period.starting(FRIDAY_9, 43)),
    }
    rates = Rates(30_000, 30, min_charge_fen=100_000, setup_fee_fen=8_000, operator_fee_fen_per_hour=12_000)

    found = {
        name: compared(
            [use], draft=Draft(rates, False, 0), zone=ZoneInfo("Asia/Shanghai"), day_type=lambda _day: "workday"
        ).draft.fen
        for name, use in uses.items()
    }

    assert found == {
        "whole": 100_000 + 8_000 + 24_000,
        "later date of a series": 100_000 + 24_000,
        "broken off": 21_500,
        "of no use": 0,
        "the rest": 21_500 + 8_600,
    }


def test_nothing_is_published_and_the_form_stays_as_it_was(client_as: Any, instrument: Instrument) -> None:
    answer = asked(client_as(manager(instrument)), instrument, base_rate_fen_per_hour="123")

    html = answer.content.decode()
    assert 'value="123"' in html
    assert "Nobody used the instrument in that month" in html
    assert Tariff.objects.count() == 1


def test_htmx_is_answered_with_the_part(client_as: Any, instrument: Instrument) -> None:
    url = f"/desk/instruments/{instrument.code}/tariff/last-month/"

    html = client_as(manager(instrument)).post(url, TERMS, headers={"HX-Request": "true"}).content.decode()

    assert "<!doctype" not in html
    assert 'id="last-month"' in html


def test_a_draft_that_is_wrong_says_what_to_put_right(client_as: Any, instrument: Instrument) -> None:
    sent = {**TERMS, **MORNING, "base_rate_fen_per_hour": "", "bands-0-end": ""}

    answer = client_as(manager(instrument)).post(f"/desk/instruments/{instrument.code}/tariff/last-month/", sent)

    assert answer.status_code == 422
    assert "Base rate (¥ an hour): This field is required." in answer.content.decode()
    assert "Band 1, To: This field is required." in answer.content.decode()


def test_only_managers_of_the_lab_ask(client_as: Any, instrument: Instrument) -> None:
    url = f"/desk/instruments/{instrument.code}/tariff/last-month/"
    operator = LabMembershipFactory(organisation=instrument.lab.organisation, role="lab_operator")

    assert client_as(operator).post(url, TERMS).status_code == 403
    assert client_as(MembershipFactory()).post(url, TERMS).status_code == 403
    assert client_as(LabMembershipFactory(role="lab_manager")).post(url, TERMS).status_code == 404


def test_the_statements_do_not_grow_with_rentals(
    client_as: Any, instrument: Instrument, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    client = client_as(manager(instrument))
    used(instrument, FRIDAY_9)
    with django_assert_max_num_queries(10) as few:
        asked(client, instrument)
    for hours in (3, 5):
        used(instrument, FRIDAY_9 + timedelta(hours=hours))
    with django_assert_num_queries(len(few)):
        asked(client, instrument)
