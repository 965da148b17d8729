"""What `verify_invariants` finds: each way to be wrong is made by plain SQL, past operations and constraints."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from bookings.models import Occupancy, Rental
from config.invariants import ALL
from kernel.invariants import verified
from tests.factories.bookings import MONDAY_9, confirmed, held, hours
from tests.factories.labs import InstrumentFactory

pytestmark = pytest.mark.django_db

NO_OVERLAP = "ALTER TABLE bookings_occupancy DROP CONSTRAINT occupancy_no_overlap"
AGAIN = """
INSERT INTO bookings_occupancy (resource_id, unit, period, usage, holder_kind, holder_id, lapses_at)
SELECT resource_id, unit + %s, period, usage, holder_kind, holder_id, lapses_at FROM bookings_occupancy
WHERE holder_id = %s
"""


def sql(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def broken(now=MONDAY_9):
    return {verdict.invariant.name for verdict in verified(ALL, now=now) if verdict.count}


def test_sound_data_break_nothing():
    confirmed(instrument=InstrumentFactory(capacity=2))
    held()

    assert broken() == set()


def twice_on_one_unit():
    rental = confirmed()
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql(NO_OVERLAP)
    sql(AGAIN, 0, rental.pk)
    sql("UPDATE bookings_rental SET units = 2 WHERE id = %s", rental.pk)


def beyond_capacity():
    rental = confirmed()
    sql(AGAIN, 1, rental.pk)
    sql("UPDATE bookings_rental SET units = 2 WHERE id = %s", rental.pk)


def a_holder_that_is_gone():
    rental = confirmed()
    sql("UPDATE bookings_occupancy SET holder_id = holder_id + 1000 WHERE holder_id = %s", rental.pk)
    sql("UPDATE bookings_rental SET status = 'cancelled', cancelled_at = now() WHERE id = %s", rental.pk)


def an_ended_rental_that_holds_time():
    sql("UPDATE bookings_rental SET status = 'cancelled', cancelled_at = now() WHERE id = %s", confirmed().pk)


def a_confirmed_rental_that_would_lapse():
    sql("UPDATE bookings_occupancy SET lapses_at = %s WHERE holder_id = %s", MONDAY_9, confirmed().pk)


def a_confirmed_rental_without_time():
    sql("DELETE FROM bookings_occupancy WHERE holder_id = %s", confirmed().pk)


def a_rental_moved_without_its_time():
    later = hours(3, 5)
    sql("UPDATE bookings_rental SET period = tstzrange(%s, %s) WHERE id = %s", later.start, later.end, confirmed().pk)


def use_without_a_run():
    sql("UPDATE bookings_rental SET status = 'checked_in', checked_in_at = now() WHERE id = %s", confirmed().pk)


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        (twice_on_one_unit, {"occupancy_no_overlap", "occupancy_within_capacity"}),
        (beyond_capacity, {"occupancy_within_capacity", "occupancy_unit_exists"}),
        (a_holder_that_is_gone, {"occupancy_has_its_holder"}),
        (an_ended_rental_that_holds_time, {"ended_rental_holds_no_time"}),
        (a_confirmed_rental_that_would_lapse, {"time_lasts_as_its_rental"}),
        (a_confirmed_rental_without_time, {"rental_holds_its_units"}),
        (a_rental_moved_without_its_time, {"rental_holds_its_time"}),
        (use_without_a_run, {"use_is_running"}),
    ],
)
def test_what_is_wrong_is_found(wrong, found):
    wrong()

    assert broken() == found


def test_a_hold_that_nobody_expires_is_found_after_an_hour():
    rental = held()

    assert broken(rental.held_until) == set()
    assert broken(rental.held_until + (hours(0, 2).end - hours(0, 2).start)) == {"lapsed_hold_is_expired"}


def test_touching_occupancies_are_no_overlap():
    instrument = InstrumentFactory()
    confirmed(instrument=instrument, period=hours(0, 2))
    confirmed(instrument=instrument, period=hours(2, 4))

    assert broken() == set()


def test_the_command_names_offenders_and_ends_with_an_error(clock):
    rental = confirmed()
    sql("DELETE FROM bookings_occupancy WHERE holder_id = %s", rental.pk)
    told = StringIO()

    with pytest.raises(CommandError, match=f"1 of {len(ALL)} invariants are broken"):
        call_command("verify_invariants", stdout=told)

    assert f"{rental.pk}: {rental.number} is confirmed and holds 0 of 1" in told.getvalue()


def test_the_command_answers_programs_line_by_line(clock):
    told = StringIO()

    call_command("verify_invariants", "--json", stdout=told)

    assert [json.loads(line)["name"] for line in told.getvalue().splitlines()] == [each.name for each in ALL]


def test_an_unknown_name_is_refused():
    with pytest.raises(CommandError, match="No such invariant: nonsense"):
        call_command("verify_invariants", "nonsense")


def test_asking_changes_nothing(clock):
    rental = confirmed()
    before = (list(Rental.objects.values()), list(Occupancy.objects.values()))

    call_command("verify_invariants", stdout=StringIO())

    assert (list(Rental.objects.values()), list(Occupancy.objects.values())) == before
    assert rental.status == "confirmed"
