"""The second step of booking, and the way to the next time that fits."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from accounts.models import Membership
from bookings.models import Rental
from labs.models import InstrumentGroup
from tests.factories.accounts import MembershipFactory
from tests.factories.bookings import buyer, held, hours
from tests.factories.labs import InstrumentFactory, UserQualificationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

HTMX = {"HX-Request": "true"}
TUESDAY_10 = {"date": "2026-11-24", "start": "10:00", "minutes": "120", "mode": "assisted"}


def colleague_of(member: Membership, role: str = "technician") -> Membership:
    return MembershipFactory(organisation=member.organisation, role=role)


def hold(client: Any, instrument: Any, member: Membership, **changed: Any) -> Any:
    form = {"acting": member.pk, **TUESDAY_10, "purpose": "", "expected": "60000", "key": "k", **changed}
    return client.post(f"/instruments/{instrument.code}/hold/", form)


def test_only_what_the_instrument_leaves_open_is_asked(client_as: Any) -> None:
    plain, shared = InstrumentFactory(), InstrumentFactory(capacity=4, shared_condition_profile=True)
    client = client_as(buyer())

    of_plain = client.get(f"/instruments/{plain.code}/").context["choice"].form.fields
    of_shared = client.get(f"/instruments/{shared.code}/").context["choice"].form.fields

    assert set(of_plain) == {"date", "start", "minutes", "mode", "materials"}
    assert set(of_shared) == {*of_plain, "units", "profile"}


def test_a_colleague_may_be_named_as_the_one_who_will_use_it(client_as: Any) -> None:
    instrument, member = InstrumentFactory(), buyer()
    technician = colleague_of(member)

    answer = hold(client_as(member), instrument, member, used_by=technician.user_id)

    assert answer.status_code == 302
    assert Rental.objects.get().used_by == technician.user


def test_nobody_of_another_organisation_can_be_named(client_as: Any) -> None:
    instrument, member, other = InstrumentFactory(), buyer(), buyer()
    colleague_of(member)

    answer = hold(client_as(member), instrument, member, used_by=other.user_id)

    assert answer.status_code == 422
    assert not Rental.objects.exists()


def test_the_qualification_asked_for_is_that_of_the_one_who_will_use_it(client_as: Any) -> None:
    instrument, member = InstrumentFactory(training_required=True), buyer()
    technician = colleague_of(member)
    UserQualificationFactory(user=technician.user, instrument=instrument)
    page = f"/instruments/{instrument.code}/price/"
    chosen = {**TUESDAY_10, "mode": "self"}
    client = client_as(member)

    for_me = client.get(page, chosen, headers=HTMX).context["choice"]
    for_them = client.get(page, {**chosen, "used_by": technician.user_id}, headers=HTMX).context["choice"]

    assert [refusal.code for refusal in for_me.refusals] == ["NOT_QUALIFIED"]
    assert (for_them.refusals, for_them.offer.is_bookable) == ((), True)


def test_who_is_not_qualified_is_led_to_how_one_becomes_so(client_as: Any) -> None:
    instrument = InstrumentFactory(training_required=True, lab__contact_phone="020-5555")

    answer = client_as(buyer()).get(
        f"/instruments/{instrument.code}/price/", {**TUESDAY_10, "mode": "self"}, headers=HTMX
    )

    said = answer.content.decode()
    assert "Have the lab's operator run it at this time" in said
    assert "mode=assisted" in said
    assert "The lab enters the qualification: 020-5555" in said


def test_positions_condition_and_materials_are_held_as_they_were_chosen(client_as: Any) -> None:
    instrument = InstrumentFactory(capacity=4, shared_condition_profile=True, materials_allowed=["flammable"])
    member = buyer()

    answer = hold(
        client_as(member), instrument, member, units="2", profile="85 °C", materials=["flammable"], expected="120000"
    )

    rental = Rental.objects.get()
    assert answer.status_code == 302
    assert (rental.units, rental.profile.casefold(), rental.materials) == (2, "85 °c", ["flammable"])


def test_the_details_go_along_with_every_link(client_as: Any) -> None:
    instrument = InstrumentFactory(capacity=4, materials_allowed=["flammable", "toxic"])
    held(instrument=instrument, period=hours(1, 3), units=3)
    query = {**TUESDAY_10, "units": "2", "materials": ["flammable", "toxic"]}

    answer = client_as(buyer()).get(f"/instruments/{instrument.code}/price/", query, headers=HTMX)

    option = parse_qs(answer.context["options"][0]["query"])
    kept = parse_qs(urlsplit(answer.headers["HX-Replace-Url"]).query)
    assert (option["units"], option["materials"], option["start"]) == (["2"], ["flammable", "toxic"], ["12:00"])
    assert (kept["units"], kept["materials"], kept["start"]) == (["2"], ["flammable", "toxic"], ["10:00"])


def test_the_next_time_that_fits_is_jumped_to(client_as: Any) -> None:
    instrument = InstrumentFactory(policy__max_minutes=600)
    held(instrument=instrument, period=hours(-0.5, 9))

    answer = client_as(buyer()).get(
        f"/instruments/{instrument.code}/next/", {"date": "2026-11-24", "minutes": "120", "mode": "assisted"}
    )

    led = urlsplit(answer.headers["Location"])
    assert (answer.status_code, led.path, led.fragment) == (302, f"/instruments/{instrument.code}/", "booking")
    assert parse_qs(led.query) == {
        "date": ["2026-11-25"], "start": ["08:30"], "minutes": ["120"], "mode": ["assisted"],
    }  # fmt: skip


def test_any_of_a_group_will_do(client_as: Any) -> None:
    first = InstrumentFactory(policy__max_minutes=600)
    second = InstrumentFactory(lab=first.lab)
    group = InstrumentGroup.objects.create(code="HARDNESS", lab=first.lab, name_zh="硬度计", name_en="Hardness testers")
    group.instruments.set([first, second])
    held(instrument=first, period=hours(-0.5, 9))
    client = client_as(buyer())

    page = client.get(f"/instruments/{first.code}/").content.decode()
    answer = client.get(
        f"/instruments/{first.code}/next/",
        {"date": "2026-11-24", "minutes": "120", "mode": "assisted", "group": "HARDNESS"},
    )

    assert "Next on any of: Hardness testers" in page
    assert answer.headers["Location"].startswith(f"/instruments/{second.code}/?date=2026-11-24&start=08%3A30&")


def test_the_next_time_is_that_of_the_one_who_will_use_it(client_as: Any) -> None:
    instrument, member = InstrumentFactory(training_required=True), buyer()
    technician = colleague_of(member)
    UserQualificationFactory(user=technician.user, instrument=instrument)
    wish = {"date": "2026-11-24", "minutes": "120", "mode": "self"}
    client = client_as(member)

    mine = client.get(f"/instruments/{instrument.code}/next/", wish).headers["Location"]
    theirs = client.get(f"/instruments/{instrument.code}/next/", {**wish, "used_by": technician.user_id}).headers[
        "Location"
    ]

    assert ("start=" in mine, "start=08%3A30" in theirs) == (False, True)


def test_where_nothing_fits_that_is_said(client_as: Any) -> None:
    instrument = InstrumentFactory(policy__max_minutes=600)

    answer = client_as(buyer()).get(
        f"/instruments/{instrument.code}/next/",
        {"date": "2026-11-24", "minutes": "600", "mode": "assisted"},
        follow=True,
    )

    assert "No time of this length fits from that day on" in answer.content.decode()


def test_the_days_hours_are_said_as_a_list_with_their_reasons(client_as: Any) -> None:
    instrument = InstrumentFactory()
    held(instrument=instrument, period=hours(1, 3))

    choice = client_as(buyer()).get(f"/instruments/{instrument.code}/", TUESDAY_10).context["choice"]

    assert [(piece.clock, piece.kind, piece.reason) for piece in choice.pieces] == [
        ("00:00–08:30", "closed", "Opens at 08:30"),
        ("08:30–10:00", "free", "Free"),
        ("10:00–12:00", "busy", "Taken"),
        ("12:00–18:00", "free", "Free"),
        ("18:00–24:00", "closed", "Closed from 18:00"),
    ]


def test_a_hold_that_lapsed_is_free_on_the_list(client_as: Any, clock: Any) -> None:
    instrument = InstrumentFactory()
    held(instrument=instrument, period=hours(1, 3))
    clock.shift(timedelta(minutes=31))

    choice = client_as(buyer()).get(f"/instruments/{instrument.code}/", TUESDAY_10).context["choice"]

    assert "busy" not in {piece.kind for piece in choice.pieces}
