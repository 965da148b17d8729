"""The desk's day: who comes, checking in by a click or a code, breakdowns, checking out with the usage record."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Membership
from bookings.models import Rental
from bookings.rentals import operations as rentals
from bookings.use import queries
from tests.conftest import MONDAY_9
from tests.factories.accounts import LabMembershipFactory, MembershipFactory
from tests.factories.bookings import TUESDAY_9, buyer, certified_until, confirmed, held, hours
from tests.factories.labs import InstrumentFactory, LabFactory, UserQualificationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def staff_of(rental: Rental, role: str = "lab_operator") -> Membership:
    return LabMembershipFactory(organisation=rental.instrument.lab.organisation, role=role)


def in_use(**how: Any) -> Rental:
    """A rental of Tuesday nine to eleven, checked in at nine."""
    rental = confirmed(**{"period": hours(0, 2), **how})
    return rentals.check_in(rental=rental, by=staff_of(rental), now=rental.time.start)


def post(client: Any, rental: Rental, act: str, **form: str) -> Any:
    return client.post(f"/desk/rentals/{rental.number}/{act}/", form)


# --- The list ----------------------------------------------------------------------------------------------------


def test_each_visit_stands_in_one_place_of_the_day(client_as: Any, clock: Any) -> None:
    lab = LabFactory()
    instruments = [InstrumentFactory(lab=lab) for _ in range(4)]
    staff = LabMembershipFactory(organisation=lab.organisation, role="lab_operator")
    late, coming, there, over = (
        confirmed(instrument=instrument, period=hours(start, start + 2))
        for instrument, start in zip(instruments, (0, 4, 0, -0.5), strict=True)
    )
    following = confirmed(instrument=instruments[3], period=hours(1.5, 3))
    tomorrow = confirmed(instrument=instruments[0], period=hours(24, 26))
    held(instrument=instruments[0], period=hours(6, 7))
    rentals.check_in(rental=over, by=staff, now=TUESDAY_9 - timedelta(minutes=30))
    rentals.check_in(rental=there, by=staff, now=TUESDAY_9)
    clock.move_to(TUESDAY_9 + timedelta(minutes=100))

    answer = client_as(staff).get("/desk/today/")

    day, after = answer.context["day"], answer.context["after"]
    assert [visit.rental for visit in day.in_use] == [over, there]
    assert [(visit.over, visit.next_rental) for visit in day.in_use] == [(10, following), (0, None)]
    assert [(visit.rental, visit.late) for visit in day.coming] == [(late, 100), (following, 10), (coming, 0)]
    assert [visit.rental for visit in after.coming] == [tomorrow]
    said = answer.content.decode()
    assert "1 hour 40 minutes late" in said
    assert "10 minutes over its end" in said
    assert f"Next on this instrument: 10:30–12:00, {following.organisation.name_en}" in said


def test_who_left_and_who_never_came_stand_below(client_as: Any, clock: Any) -> None:
    rental = in_use()
    missed = confirmed(instrument=rental.instrument, period=hours(3, 4))
    staff = staff_of(rental)
    usage = rentals.UsageGiven(condition="good")
    rentals.check_out(rental=rental, usage=usage, by=staff, now=TUESDAY_9 + timedelta(hours=1))
    rentals.mark_no_shows(now=TUESDAY_9 + timedelta(hours=4))
    clock.move_to(TUESDAY_9 + timedelta(hours=5))

    day = client_as(staff).get("/desk/today/").context["day"]

    assert ([visit.rental for visit in day.gone], [visit.rental for visit in day.missing]) == ([rental], [missed])


def test_whoever_is_still_there_is_shown_whenever_they_came(client_as: Any, clock: Any) -> None:
    rental = in_use()
    clock.move_to(TUESDAY_9 + timedelta(days=1))

    day = client_as(staff_of(rental)).get("/desk/today/").context["day"]

    assert [(visit.rental, visit.over) for visit in day.in_use] == [(rental, 22 * 60)]


def test_the_list_keeps_to_one_lab_and_to_another_day_where_asked(client_as: Any) -> None:
    first = confirmed(period=hours(0, 2))
    lab = LabFactory(organisation=first.instrument.lab.organisation)
    second = confirmed(instrument=InstrumentFactory(lab=lab), period=hours(0, 2))
    confirmed(period=hours(0, 2))
    client = client_as(staff_of(first))

    def found(**query: str) -> set[str]:
        return {visit.rental.number for visit in client.get("/desk/today/", query).context["day"].coming}

    assert found() == set()
    assert found(day="2026-11-24") == {first.number, second.number}
    assert found(day="2026-11-24", lab=lab.code) == {second.number}


def test_an_empty_day_says_so(client_as: Any) -> None:
    lab = LabFactory()
    staff = LabMembershipFactory(organisation=lab.organisation, role="lab_operator")

    assert "Nobody is booked." in client_as(staff).get("/desk/today/").content.decode()


def test_the_statements_of_the_day_do_not_grow_with_it(
    client_as: Any, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    rental = confirmed(period=hours(0, 2))
    client = client_as(staff_of(rental))
    client.get("/desk/today/?day=2026-11-24")
    with django_assert_max_num_queries(11) as one:
        client.get("/desk/today/?day=2026-11-24")
    for start in (3, 5):
        confirmed(instrument=rental.instrument, period=hours(start, start + 1))
    confirmed(instrument=rental.instrument, period=hours(24, 25))

    with django_assert_num_queries(len(one.captured_queries)):
        client.get("/desk/today/?day=2026-11-24")


# --- The door ----------------------------------------------------------------------------------------------------


def test_the_code_shows_the_lab_who_comes_their_papers_and_the_button(client_as: Any, clock: Any) -> None:
    member = buyer()
    instrument = InstrumentFactory(training_required=True)
    UserQualificationFactory(user=member.user, instrument=instrument)
    rental = confirmed(by=member, instrument=instrument, period=hours(0, 2), mode="self")
    clock.move_to(TUESDAY_9 - timedelta(minutes=10))

    page = client_as(staff_of(rental)).get(f"/desk/check-in/{rental.uuid}/").content.decode()

    assert f"Identity: does {member.user.name} stand before you?" in page
    assert "Qualified for this instrument through 2028-12-31" in page
    assert "valid through 2028-12-31" in page
    assert f'action="/desk/rentals/{rental.number}/check-in/"' in page


def test_papers_that_are_not_in_order_are_told_before_the_click(client_as: Any) -> None:
    member = buyer()
    instrument = InstrumentFactory(training_required=True)
    qualification = UserQualificationFactory(user=member.user, instrument=instrument)
    rental = confirmed(by=member, instrument=instrument, period=hours(0, 2), mode="self")
    qualification.delete()
    certified_until(instrument, MONDAY_9.date())

    page = client_as(staff_of(rental)).get(f"/desk/check-in/{rental.uuid}/").content.decode()

    assert "No valid qualification for this instrument" in page
    assert "No certificate covers this time" in page


def test_a_customers_technician_reads_how_to_proceed(client_as: Any) -> None:
    member = buyer()
    rental = confirmed(by=member, period=hours(0, 2))
    technician = MembershipFactory(organisation=member.organisation, role="technician")

    answer = client_as(technician).get(f"/desk/check-in/{rental.uuid}/")

    page = answer.content.decode()
    assert "Show this code at the lab's desk." in page
    assert f"/desk/rentals/{rental.number}/check-in/" not in page
    assert '<svg class="qr-code"' in page or "qr-code" in page


def test_the_code_opens_nothing_to_others(client_as: Any, client: Any) -> None:
    rental = confirmed(period=hours(0, 2))
    path = f"/desk/check-in/{rental.uuid}/"

    assert client_as(buyer()).get(path).status_code == 404
    assert client_as(LabMembershipFactory(role="lab_operator")).get(path).status_code == 404
    assert client.get(path).headers["Location"] == f"/accounts/login/?next={path}"


def test_the_customers_page_carries_the_code(client_as: Any) -> None:
    member = buyer()
    rental = confirmed(by=member, period=hours(0, 2))

    page = client_as(member).get(f"/my/rentals/{rental.number}/").content.decode()

    assert ("qr-code" in page, f"/desk/check-in/{rental.uuid}/" in page) == (True, True)


# --- Check-in, extension, breakdown ------------------------------------------------------------------------------


def test_one_click_checks_in_and_leads_back_to_the_day(client_as: Any, clock: Any) -> None:
    rental = confirmed(period=hours(0, 2))
    clock.move_to(TUESDAY_9 + timedelta(minutes=5))

    answer = post(client_as(staff_of(rental)), rental, "check-in")

    rental.refresh_from_db()
    assert answer.headers["Location"] == "/desk/today/"
    assert (rental.status, rental.checked_in_at) == ("checked_in", TUESDAY_9 + timedelta(minutes=5))


def test_the_hour_counter_is_kept_from_the_start(client_as: Any, clock: Any) -> None:
    rental = confirmed(period=hours(0, 2))
    clock.move_to(TUESDAY_9)
    client = client_as(staff_of(rental))

    wrong = post(client, rental, "check-in", counter="many")
    post(client, rental, "check-in", counter="1234.5")

    assert wrong.status_code == 422
    assert rental.usage.counter_start == Decimal("1234.50")


def test_who_comes_too_early_is_told_from_when(client_as: Any) -> None:
    rental = confirmed(period=hours(0, 2))

    answer = post(client_as(staff_of(rental)), rental, "check-in")

    assert answer.status_code == 409
    assert "can be checked in from 2026-11-24 08:45" in answer.content.decode()


def test_the_lab_extends_and_is_refused_where_somebody_comes_next(client_as: Any, clock: Any) -> None:
    rental = in_use()
    confirmed(instrument=rental.instrument, period=hours(3, 4))
    clock.move_to(TUESDAY_9 + timedelta(hours=1))
    client = client_as(staff_of(rental))

    longer = post(client, rental, "extend", until="2026-11-24T12:00")
    too_long = post(client, rental, "extend", until="2026-11-24T13:00")

    rental.refresh_from_db()
    assert (longer.status_code, too_long.status_code, rental.time) == (302, 409, hours(0, 3))


def test_a_breakdown_is_described_and_mended(client_as: Any, clock: Any) -> None:
    rental = in_use()
    clock.move_to(TUESDAY_9 + timedelta(minutes=30))
    client = client_as(staff_of(rental))

    silent = post(client, rental, "interrupt", fault="")
    over = post(client, rental, "interrupt", fault="液压泄漏", expected_back_at="2026-11-24T09:00")
    told = post(client, rental, "interrupt", fault="液压泄漏", expected_back_at="2026-11-24T10:00")
    rental.refresh_from_db()
    then = rental.status
    page = client.get(f"/desk/check-in/{rental.uuid}/").content.decode()
    post(client, rental, "resume")

    rental.refresh_from_db()
    assert (silent.status_code, over.status_code, told.status_code) == (422, 422, 302)
    assert (then, "液压泄漏" in page, "It works again: go on" in page) == ("interrupted", True, True)
    assert rental.status == "checked_in"


def test_a_manager_objects_to_what_was_declared_of_no_use_and_an_operator_does_not(client_as: Any, clock: Any) -> None:
    member = buyer()
    rental = in_use(by=member)
    operator = staff_of(rental)
    rentals.interrupt(rental=rental, fault="断电", by=operator, now=TUESDAY_9 + timedelta(minutes=30))
    rental.refresh_from_db()
    rentals.abandon(rental=rental, unusable=True, by=member, now=TUESDAY_9 + timedelta(minutes=40))
    clock.move_to(TUESDAY_9 + timedelta(hours=1))
    manager = client_as(staff_of(rental, "lab_manager"))

    forbidden = post(client_as(operator), rental, "object", reason="数据可用")
    silent = post(manager, rental, "object", reason="")
    done = post(manager, rental, "object", reason="数据可用")

    assert (forbidden.status_code, silent.status_code, done.status_code) == (403, 422, 302)
    assert rental.interruptions.get().objection == "数据可用"


def test_papers_are_gathered_in_three_statements(django_assert_max_num_queries: Any) -> None:
    rental = confirmed(period=hours(0, 2))
    seen = Rental.objects.select_related("instrument__lab", "used_by", "placed_by").get(pk=rental.pk)

    with django_assert_max_num_queries(3):
        queries.papers_of(seen)


# --- Who may -----------------------------------------------------------------------------------------------------

ACTS = ["check-in", "extend", "interrupt", "resume", "check-out", "object"]


@pytest.mark.parametrize("act", ACTS)
def test_a_booking_at_another_lab_is_not_there(client_as: Any, act: str) -> None:
    rental = confirmed(period=hours(0, 2))

    assert post(client_as(LabMembershipFactory(role="lab_manager")), rental, act).status_code == 404


@pytest.mark.parametrize("act", ACTS)
def test_a_customer_does_none_of_it(client_as: Any, act: str) -> None:
    member = buyer()
    rental = confirmed(by=member, period=hours(0, 2))

    assert post(client_as(member), rental, act).status_code == 403


@pytest.mark.parametrize("path", ["/desk/today/", "/desk/rentals/R1/check-out/"])
def test_a_stranger_is_sent_to_the_log_in(client: Any, path: str) -> None:
    assert client.get(path).headers["Location"] == f"/accounts/login/?next={path}"
