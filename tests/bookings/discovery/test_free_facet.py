"""BK-25 for the facet: what is shown can be held for the time it offers, and nothing that could be is missing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from accounts.models import Membership
from bookings.discovery.queries import listing
from bookings.discovery.queries.counting import counts_of_free
from bookings.rentals import operations as rentals
from kernel.periods import Period
from kernel.refusals import Refusal
from labs.models import Instrument
from tests.factories.bookings import MONDAY_9, buyer, confirmed, held, hours
from tests.factories.labs import (
    ALWAYS,
    CapabilityFactory,
    InstrumentFactory,
    LabFactory,
    OutageFactory,
    RoomFactory,
    ServiceFactory,
    UserQualificationFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

TUESDAY = datetime(2026, 11, 24, 1, tzinfo=UTC)


def city() -> None:
    """Instruments of every kind of trouble: taken, closed, too short, too long, away, uncalibrated, not qualified."""
    InstrumentFactory(code="FREE")
    taken = InstrumentFactory(code="TAKEN")
    confirmed(instrument=taken, period=hours(-0.5, 7.5))
    gap = InstrumentFactory(code="GAP", policy__max_minutes=960)
    confirmed(instrument=gap, period=hours(-0.5, 4))
    confirmed(instrument=gap, period=hours(6, 9))
    lapsing = InstrumentFactory(code="LAPSED")
    held(instrument=lapsing, period=hours(-0.5, 7.5), now=MONDAY_9 - timedelta(hours=1))
    InstrumentFactory(code="SHORT", policy__max_minutes=60)
    InstrumentFactory(code="LONG", policy__min_minutes=240)
    InstrumentFactory(code="GRID", policy__slot_grid_min=120, policy__min_minutes=120)
    InstrumentFactory(code="SOON", policy__lead_time_min=3 * 1440)
    InstrumentFactory(code="NEARLY", policy__advance_days=0)
    InstrumentFactory(code="LAPSING", calibration__valid_to=datetime(2026, 11, 23, tzinfo=UTC).date())
    InstrumentFactory(code="ALONE", rental_mode="self", training_required=True)
    InstrumentFactory(code="BOTH", rental_mode="both", training_required=True)
    InstrumentFactory(code="NIGHT", lab=LabFactory(weekly=ALWAYS))
    InstrumentFactory(code="OFF", status=Instrument.Status.FAULT)
    InstrumentFactory(code="TWO", capacity=2)
    OutageFactory(instrument=InstrumentFactory(code="OUT"), period=(TUESDAY, TUESDAY + timedelta(hours=9)))
    room = RoomFactory(capacity=1)
    confirmed(instrument=InstrumentFactory(code="ROOM-1", lab=room.lab, room=room), period=hours(-0.5, 7.5))
    InstrumentFactory(code="ROOM-2", lab=room.lab, room=room)
    ServiceFactory(code="SERVICE")


def by_hold(member: Membership, within: Period, minutes: int, mode: str | None) -> dict[str, set[datetime]]:
    """Place every hold that a start in the window could have, for real, and take it back."""
    found: dict[str, set[datetime]] = {}
    for instrument in Instrument.objects.all():
        for each in ("self", "assisted") if mode is None else (mode,):
            start = within.start
            while start + timedelta(minutes=minutes) <= within.end:
                try:
                    rental = rentals.place_hold(
                        instrument=instrument,
                        period=Period.starting(start, minutes),
                        mode=each,
                        by=member,
                        now=MONDAY_9,
                    )
                except Refusal:
                    pass
                else:
                    found.setdefault(instrument.code, set()).add(start)
                    rentals.cancel(rental=rental, by=member, now=MONDAY_9)
                start += timedelta(minutes=30)
    return found


@pytest.mark.parametrize(
    ("first", "last", "minutes", "mode"),
    [
        ("2026-11-24T09:00", "2026-11-24T13:00", 120, ""),
        ("2026-11-24T09:00", "2026-11-24T15:00", 120, "assisted"),
        ("2026-11-24T08:45", "2026-11-24T12:50", 240, "self"),
        ("2026-11-24T17:00", "2026-11-24T19:00", 60, ""),
        ("2026-11-23T08:00", "2026-11-23T10:00", 60, ""),
    ],
)
def test_every_card_can_be_held_for_the_time_it_offers_and_none_that_could_be_is_missing(
    first: str, last: str, minutes: int, mode: str, client_as: Callable[..., Client]
) -> None:
    city()
    member = buyer()
    UserQualificationFactory(user=member.user, instrument=Instrument.objects.get(code="ALONE"))
    within = Period(datetime.fromisoformat(f"{first}+08:00"), datetime.fromisoformat(f"{last}+08:00"))
    # Starts are tried on every half hour: within may begin beside the grid.
    grid = Period(within.start + timedelta(minutes=-within.start.minute % 30), within.end)
    possible = by_hold(member, grid, minutes, mode or None)

    answer = client_as(member).get(
        "/catalogue/", {"free_from": first, "free_to": last, "minutes": str(minutes), "mode": mode}
    )

    shown = {card.instrument.code: card.offered.at for card in answer.context["cards"]}
    assert shown == {code: min(starts) for code, starts in possible.items()}
    assert answer.context["total"] == len(shown)
    assert not answer.context["is_at_most"]


def test_a_card_says_the_time_and_the_price_of_ones_own_size_and_leads_to_that_time(
    client_as: Callable[..., Client],
) -> None:
    InstrumentFactory(tariff__sme_discount_bp=2000)
    member = buyer(size="small", verification="verified")
    client = client_as(member)
    client.cookies["language"] = "en"

    answer = client.get("/catalogue/?free_from=2026-11-24&free_to=2026-11-24&minutes=120&mode=assisted")

    found = answer.content.decode()
    for words in ("Free for 2 hours", "2026-11-24 Tue 08:30 (UTC+8)", "¥480.00"):
        assert words in found
    [card] = answer.context["cards"]
    query = parse_qs(urlsplit(card.query).query)
    assert query == {"date": ["2026-11-24"], "start": ["08:30"], "minutes": ["120"], "mode": ["assisted"]}
    page = client.get(f"/instruments/{card.instrument.code}/{card.query}")
    assert page.context["choice"].offer.is_bookable
    assert str(page.context["choice"].offer.total) == "¥480.00"


FREE = "free_from=2026-11-24T09:00&free_to=2026-11-24T18:00&minutes=60"


def test_the_earliest_and_the_cheapest_come_first_where_asked(client: Client) -> None:
    late = InstrumentFactory(code="LATE", name_zh="甲", tariff__base_rate_fen_per_hour=10_000)
    confirmed(instrument=late, period=hours(-0.5, 2))
    InstrumentFactory(code="SOON", name_zh="乙", tariff__base_rate_fen_per_hour=20_000)

    def first(sort: str) -> list[str]:
        return [card.instrument.code for card in client.get(f"/catalogue/?{FREE}&sort={sort}").context["cards"]]

    assert (first("best"), first("earliest"), first("price")) == (["LATE", "SOON"], ["SOON", "LATE"], ["LATE", "SOON"])
    without_free = client.get("/catalogue/?sort=earliest").context["cards"]
    assert [card.instrument.code for card in without_free] == ["LATE", "SOON"]  # both are free now


def test_pages_of_what_is_free_are_turned_and_counted_from_above_until_the_last(client: Client) -> None:
    lab = LabFactory()
    for number in range(27):
        InstrumentFactory(lab=lab, code=f"I-{number:02d}", name_zh=f"仪器{number:02d}")
    OutageFactory(lab=lab, instrument=None, period=(TUESDAY + timedelta(days=1), TUESDAY + timedelta(days=2)))

    one = client.get(f"/catalogue/?{FREE}")
    two = client.get(f"/catalogue/?{FREE}&page=2")
    nonsense = client.get(f"/catalogue/?{FREE}&page=99")

    assert [len(each.context["cards"]) for each in (one, two, nonsense)] == [24, 3, 3]
    assert [each.context["is_at_most"] for each in (one, two)] == [True, False]
    assert "At most 27 results" in one.content.decode()


def test_programs_get_the_same_with_the_time_and_the_price(api_as: Any) -> None:
    free = InstrumentFactory(code="FREE")
    confirmed(instrument=InstrumentFactory(code="TAKEN", policy__max_minutes=960), period=hours(-0.5, 9))

    answer = api_as().get(f"/api/v1/instruments/?{FREE}&mode=assisted").json()

    assert (answer["count"], [row["code"] for row in answer["results"]]) == (1, [free.code])
    assert answer["results"][0]["offered"] == {
        "start": "2026-11-24T09:00:00+08:00",
        "end": "2026-11-24T10:00:00+08:00",
        "mode": "assisted",
        "total_fen": 30_000,
    }


def test_what_is_free_is_taken_away_as_a_file(client: Client) -> None:
    InstrumentFactory(code="FREE")
    confirmed(instrument=InstrumentFactory(code="TAKEN", policy__max_minutes=960), period=hours(-0.5, 9))

    lines = client.get(f"/catalogue/?{FREE}&format=csv").content.decode("utf-8-sig").splitlines()

    assert [line.split(",")[2] for line in lines] == ["Code", "FREE"]


@pytest.mark.parametrize("query", [FREE, f"{FREE}&sort=price", "sort=earliest", f"{FREE}&value=50 kN&q=机"])
def test_the_number_of_statements_does_not_grow_with_the_list(
    query: str, client: Client, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    CapabilityFactory()
    with django_assert_max_num_queries(12) as few:
        client.get(f"/catalogue/?{query}")
    CapabilityFactory()
    CapabilityFactory()

    with django_assert_num_queries(len(few.captured_queries)):
        client.get(f"/catalogue/?{query}")


def test_numbers_under_free_time_are_kept_for_ten_seconds_and_for_everybody(
    client: Client, client_as: Callable[..., Client], clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts_of_free, "keep", timedelta(seconds=10))
    counts_of_free.clear()
    lab = LabFactory()
    InstrumentFactory(lab=lab, code="FIRST")

    def told(who: Client, query: str = FREE) -> tuple[int, list[str]]:
        who.cookies["language"] = "zh-hans"
        answer = who.get(f"/catalogue/?{query}")
        kinds = next(facet for facet in answer.context["facets"] if facet.name == "kind").values
        return kinds[0].count, [card.instrument.code for card in answer.context["cards"]]

    assert told(client) == (1, ["FIRST"])
    InstrumentFactory(lab=lab, code="SECOND")
    assert told(client_as(buyer()), f"{FREE}&sort=earliest") == (1, ["FIRST", "SECOND"])  # what is shown is never old
    assert told(client, f"{FREE}&mode=assisted") == (2, ["FIRST", "SECOND"])  # another question
    assert told(client, "kind=rental") == (2, ["FIRST", "SECOND"])  # what is exact is counted each time
    clock.shift(timedelta(seconds=10))
    assert told(client) == (2, ["FIRST", "SECOND"])


def test_programs_hear_what_a_page_says_of_its_number_and_its_order(
    api_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = LabFactory()
    for number in range(3):
        InstrumentFactory(lab=lab, code=f"I-{number}")

    def said(query: str) -> tuple[int, bool, bool]:
        answer = api_as().get(f"/api/v1/instruments/?{query}").json()
        return answer["count"], answer["count_is_at_most"], answer["order_is_partial"]

    assert said("page_size=1") == (3, False, False)
    assert said(f"{FREE}&page_size=1") == (3, True, False)
    assert said(FREE) == (3, False, False)
    assert said(f"{FREE}&sort=price") == (3, False, False)
    monkeypatch.setattr(listing, "MOST_COMPARED", 2)
    assert said(f"{FREE}&sort=price") == (2, False, True)
    assert said("sort=earliest") == (3, False, True)
