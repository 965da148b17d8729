"""Waiting as pages: beginning to, where one stands, and answering an offer."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Membership
from bookings.models import WaitlistEntry, WaitlistOffer
from bookings.waitlist import operations as waitlist
from labs.models import InstrumentGroup
from tests.factories.accounts import MembershipFactory
from tests.factories.bookings import MONDAY_9, buyer, hours
from tests.factories.labs import CategoryFactory, InstrumentFactory, LabFactory
from tests.factories.waitlist import TWO_HOURS, offered, taken, waits

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

LIST, JOIN = "/my/waitlist/", "/my/waitlist/join/"
TUESDAY = {"since": "2026-11-24T09:00", "until": "2026-11-24T11:00"}


def said(client: Any, path: str, **query: Any) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return text


def viewer_of(member: Membership) -> Membership:
    return MembershipFactory(organisation=member.organisation, role="viewer")


# --- Beginning to wait -----------------------------------------------------------------------------------------------


def test_a_time_that_is_taken_leads_to_the_waitlist_with_the_wish_filled_in(client_as: Any) -> None:
    rental = taken()
    client = client_as(buyer())
    chosen = {"date": "2026-11-24", "start": "09:00", "minutes": "120", "mode": "assisted"}

    page = said(client, f"/instruments/{rental.instrument.code}/", **chosen)

    assert "Tell me when it is free" in page
    link = f"{JOIN}?instrument={rental.instrument.code}&amp;date=2026-11-24&amp;start=09%3A00"
    assert link in page
    form = client.get(JOIN, {"instrument": rental.instrument.code, **chosen}).context["form"]
    assert (form["since"].value(), form["minutes"].value(), form["mode"].value()) == (
        hours(0, 0.5).start.replace(tzinfo=None) + timedelta(hours=8),
        120,
        "assisted",
    )


def test_a_time_that_is_closed_is_not_waited_for(client_as: Any) -> None:
    instrument = InstrumentFactory()

    page = said(client_as(buyer()), f"/instruments/{instrument.code}/", date="2026-11-24", start="03:00", minutes="60")

    assert "Tell me when it is free" not in page


def test_an_empty_search_for_free_time_leads_to_the_waitlist_with_the_search(client_as: Any) -> None:
    rental = taken(instrument=InstrumentFactory(category=CategoryFactory(code="0101")))
    client = client_as(buyer())
    query = {"category": "0101", "free_from": "2026-11-24T09:00", "free_to": "2026-11-24T11:00", "minutes": "120"}

    page = said(client, "/catalogue/", **query)
    form = client.get(JOIN, query)

    assert f"{JOIN}?category=0101" in page
    assert "Any instrument: Category:" in form.content.decode()
    posted = client.post(f"{JOIN}?category=0101&free_from=x", {**TUESDAY, "minutes": "120"})
    assert posted.headers["Location"] == LIST
    entry = WaitlistEntry.objects.get()
    assert (entry.query, entry.time, rental.status) == ({"category": ["0101"]}, TWO_HOURS, "confirmed")


def test_who_joins_is_in_line_with_all_that_was_said(client_as: Any) -> None:
    rental = taken()
    member = buyer()

    answer = client_as(member).post(
        f"{JOIN}?instrument={rental.instrument.code}",
        {**TUESDAY, "minutes": "120", "mode": "assisted", "max_price": "900.50", "purpose": "来料检验"},
    )

    assert answer.headers["Location"] == LIST
    entry = WaitlistEntry.objects.get()
    assert (entry.organisation, entry.placed_by, entry.instrument) == (
        member.organisation,
        member.user,
        rental.instrument,
    )
    assert (entry.time, entry.minutes, entry.mode, entry.max_price_fen, entry.purpose) == (
        TWO_HOURS,
        120,
        "assisted",
        90_050,
        "来料检验",
    )


def test_what_is_free_is_led_to_instead(client_as: Any) -> None:
    instrument = InstrumentFactory()

    answer = client_as(buyer()).post(
        f"{JOIN}?instrument={instrument.code}", {**TUESDAY, "minutes": "120", "mode": "assisted"}
    )

    assert answer.status_code == 409
    book = (
        f"/instruments/{instrument.code}/?date=2026-11-24&amp;start=09%3A00&amp;minutes=120&amp;mode=assisted#booking"
    )
    assert book in answer.content.decode()


@pytest.mark.parametrize(
    ("change", "said_of"),
    [
        ({"since": ""}, "since"),
        ({"until": "2026-11-24T08:00"}, "until"),
        ({"since": "1026-11-24T08:00"}, "since"),
        ({"minutes": "0"}, "minutes"),
        ({"max_price": "-1"}, "max_price"),
        ({"mode": "alone"}, "mode"),
    ],
)
def test_a_form_that_cannot_be_read_answers_422_and_names_the_field(
    client_as: Any, change: dict[str, str], said_of: str
) -> None:
    rental = taken()

    answer = client_as(buyer()).post(
        f"{JOIN}?instrument={rental.instrument.code}", {**TUESDAY, "minutes": "120", **change}
    )

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [said_of])
    assert not WaitlistEntry.objects.exists()


def test_all_that_stands_against_a_wish_is_shown_with_what_would_help(client_as: Any) -> None:
    rental = taken()

    page = client_as(buyer()).post(
        f"{JOIN}?instrument={rental.instrument.code}", {**TUESDAY, "until": "2026-11-24T10:00", "minutes": "120"}
    )

    assert page.status_code == 422
    assert "does not fit between these times" in page.content.decode()
    assert "Choose a longer time" in page.content.decode()


def test_who_names_nothing_is_led_to_the_catalogue_and_what_is_not_there_is_404(client_as: Any) -> None:
    client = client_as(buyer())

    assert client.get(JOIN).headers["Location"] == "/catalogue/"
    assert client.get(JOIN, {"instrument": "NO-SUCH"}).status_code == 404
    assert client.get(JOIN, {"group": "NO-SUCH"}).status_code == 404
    assert client.get(JOIN, {"instrument": InstrumentFactory(published=False).code}).status_code == 404


def test_any_of_a_group_is_waited_for_by_its_code(client_as: Any) -> None:
    lab = LabFactory()
    group = InstrumentGroup.objects.create(code="G-1", lab=lab, name_zh="硬度计组", name_en="Hardness testers")
    group.instruments.set([taken(instrument=InstrumentFactory(lab=lab)).instrument])
    client = client_as(buyer())

    assert "Any of Hardness testers" in said(client, JOIN, group="G-1")
    assert client.post(f"{JOIN}?group=G-1", {**TUESDAY, "minutes": "120"}).status_code == 302
    assert WaitlistEntry.objects.get().group == group


# --- Where one stands ------------------------------------------------------------------------------------------------


def test_the_list_says_where_one_stands_and_nothing_of_others(client_as: Any) -> None:
    rental = taken()
    first, second = buyer(), buyer()
    waits(rental, by=first)
    waits(rental, by=second, max_price=None)

    mine, theirs = said(client_as(second), LIST), said(client_as(first), LIST)

    assert "number 2 in line" in mine
    assert "first in line" in theirs
    assert first.organisation.name_en not in mine
    assert rental.organisation.name_en not in mine


def test_an_offer_is_shown_with_time_price_and_how_long_it_stands(client_as: Any) -> None:
    member = buyer()
    offer = offered(by=member)

    page = said(client_as(member), LIST)

    assert "2026-11-24 Tue 09:00–11:00 (UTC+8)" in page
    assert "¥600.00" in page
    assert 'data-until="2026-11-23T11:00:00+08:00"' in page
    assert f"/my/waitlist/offers/{offer.pk}/take/" in page


def test_who_may_not_book_sees_the_list_and_cannot_answer(client_as: Any) -> None:
    member = buyer()
    offer = offered(by=member)
    client = client_as(viewer_of(member))

    assert "/take/" not in said(client, LIST)
    assert client.post(f"/my/waitlist/offers/{offer.pk}/take/").status_code == 403
    assert client.get(JOIN).status_code == 403


def test_an_offer_that_has_just_run_out_is_no_longer_shown_though_no_job_has_run(client_as: Any, clock: Any) -> None:
    member = buyer()
    offer = offered(by=member)
    clock.move_to(offer.expires_at)

    assert "/take/" not in said(client_as(member), LIST)


def test_what_is_over_is_listed_when_asked_for(client_as: Any) -> None:
    member = buyer()
    entry = waits(taken(), by=member)
    waitlist.withdraw(entry=entry, by=member, now=MONDAY_9)
    client = client_as(member)

    assert "You wait for nothing" in said(client, LIST)
    assert f'id="entry-{entry.pk}"' in said(client, LIST, state="closed")
    assert f'id="entry-{entry.pk}"' in said(client, LIST, state="all")


def test_the_list_is_taken_away_as_a_file(client_as: Any) -> None:
    member = buyer()
    entry = waits(taken(), by=member)

    text = client_as(member).get(LIST, {"format": "csv"}).content.decode("utf-8-sig")

    heading, row = csv.reader(io.StringIO(text))
    assert heading[:2] == ["What", "State"]
    assert row[:7] == [
        entry.what,
        "waiting",
        "2026-11-24 09:00",
        "2026-11-24 11:00",
        "Asia/Shanghai",
        "120",
        "The lab's operator runs it for me",
    ]


def test_the_list_asks_as_many_statements_for_three_as_for_one(
    client_as: Any, django_assert_max_num_queries: Any
) -> None:
    member = buyer()
    client = client_as(member)
    offered(by=member)
    said(client, LIST)
    with django_assert_max_num_queries(40) as one:
        said(client, LIST)
    first = len(one.captured_queries)
    offered(by=member)
    waits(taken(instrument=InstrumentFactory(category=CategoryFactory(code="0101"))), by=member, instrument=None,
          query={"category": "0101"})  # fmt: skip

    with django_assert_max_num_queries(first):
        said(client, LIST)


# --- Answering -------------------------------------------------------------------------------------------------------


def test_taking_leads_to_the_rental_where_it_is_confirmed(client_as: Any) -> None:
    member = buyer()
    offer = offered(by=member)
    client = client_as(member)

    answer = client.post(f"/my/waitlist/offers/{offer.pk}/take/")

    assert answer.headers["Location"] == f"/my/rentals/{offer.rental.number}/"
    assert client.post(f"/my/rentals/{offer.rental.number}/confirm/").status_code == 302
    assert WaitlistEntry.objects.get().state == "fulfilled"


def test_letting_go_and_withdrawing_lead_back_to_the_list(client_as: Any) -> None:
    member = buyer()
    offer = offered(by=member)
    client = client_as(member)

    assert client.post(f"/my/waitlist/offers/{offer.pk}/decline/").headers["Location"] == LIST
    assert client.post(f"/my/waitlist/{offer.entry_id}/withdraw/").headers["Location"] == LIST
    assert WaitlistEntry.objects.get().state == "withdrawn"


@pytest.mark.parametrize("act", ["take", "decline"])
def test_an_offer_answered_before_says_so(client_as: Any, act: str) -> None:
    member = buyer()
    offer = offered(by=member)
    waitlist.decline(offer=offer, by=member, now=MONDAY_9)

    answer = client_as(member).post(f"/my/waitlist/offers/{offer.pk}/{act}/")

    assert answer.status_code == 409
    assert "This offer does not stand any more: declined." in answer.content.decode()


def test_another_time_is_waited_for_from_the_list(client_as: Any) -> None:
    rental = taken()
    taken(instrument=rental.instrument, period=hours(24, 26))
    member = buyer()
    entry = waits(rental, by=member)
    client = client_as(member)
    path = f"/my/waitlist/{entry.pk}/window/"
    assert 'value="2026-11-24T09:00"' in said(client, path)

    changed = client.post(path, {"since": "2026-11-25T09:00", "until": "2026-11-25T11:00"})
    free = client.post(path, {"since": "2026-11-26T09:00", "until": "2026-11-26T11:00"})
    wrong = client.post(path, {"since": "2026-11-25T09:00", "until": "2026-11-25T08:00"})

    assert (changed.headers["Location"], free.status_code, wrong.status_code) == (LIST, 409, 422)
    entry.refresh_from_db()
    assert entry.time == hours(24, 26)


def test_what_belongs_to_others_is_404(client_as: Any) -> None:
    offer = offered()
    client = client_as(buyer())

    for path in (
        f"/my/waitlist/offers/{offer.pk}/take/",
        f"/my/waitlist/offers/{offer.pk}/decline/",
        f"/my/waitlist/{offer.entry_id}/withdraw/",
        f"/my/waitlist/{offer.entry_id}/window/",
    ):
        assert client.post(path).status_code == 404
    assert WaitlistOffer.objects.get().outcome == "open"
