"""Events are announced inside a transaction and undo it when a reaction fails; numbers are never given twice."""

from dataclasses import dataclass
from datetime import date
from unittest import mock

import pytest
from django.db import connection, transaction

from kernel import events
from labs.models import HolidayDate
from tests.factories.bookings import MONDAY_9
from tests.factories.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingHappened(events.Event):
    thing_id: int


def happened() -> ThingHappened:
    return ThingHappened(occurred_at=MONDAY_9, actor_id=None, organisation_id=None, thing_id=7)


def test_an_event_tells_its_name_and_what_is_particular_to_it():
    assert (ThingHappened.name(), happened().facts()) == ("thing_happened", {"thing_id": 7})


def test_an_event_outside_a_transaction_is_a_fault():
    with pytest.raises(RuntimeError, match="outside a transaction"):
        events.announce(happened())


def test_a_reaction_that_fails_undoes_what_happened():
    def fail(event: ThingHappened) -> None:
        raise ValueError(event.thing_id)

    with mock.patch.dict(events._reactions, {ThingHappened: [fail]}), pytest.raises(ValueError, match="7"):  # noqa: SIM117 -- what stands on the one page is not this test's
        with transaction.atomic():
            HolidayDate.objects.create(date="2026-10-01", kind="holiday", name_zh="国庆节")
            events.announce(happened())

    assert not HolidayDate.objects.exists()


def test_many_facts_are_told_to_each_in_order_and_together_to_those_who_know_how():
    heard: list[object] = []
    first, second = happened(), happened()
    for_all, for_these = mock.Mock(), heard.append

    with (
        mock.patch.object(events, "_everyone", [for_all]),
        mock.patch.dict(events._reactions, {ThingHappened: [for_these]}, clear=True),
        mock.patch.dict(events._together, {for_all: heard.append}, clear=True),
        transaction.atomic(),
    ):
        events.announce_all([first, second])
        events.announce_all([])

    assert heard == [[first, second], first, second]
    for_all.assert_not_called()


def test_many_facts_outside_a_transaction_are_a_fault():
    with pytest.raises(RuntimeError, match="outside a transaction"):
        events.announce_all([happened()])


def number(prefix: str, day: date) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT gongheng_next_number(%s, %s)", [prefix, day])
        return cursor.fetchone()[0]


def test_numbers_begin_at_one_each_day_and_for_each_kind():
    monday, tuesday = date(2026, 11, 23), date(2026, 11, 24)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE gongheng_number_day")

    given = [number("R", monday), number("R", monday), number("R", tuesday)]

    assert given == ["R20261123000001", "R20261123000002", "R20261124000001"]
    assert number("T", tuesday) == "T20261124000001"


def test_numbers_past_a_million_grow_and_are_not_cut():
    day = date(2026, 11, 25)
    first = int(number("R", day).removeprefix("R20261125"))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE gongheng_number_day SET begins_after = begins_after - 1000000 WHERE day = %s", [day])

    assert number("R", day) == f"R20261125{first + 1_000_001}"


def test_numbers_taken_at_once_are_all_different():
    day = date(2026, 11, 26)

    given = at_once(*[lambda: number("R", day)] * 12)

    assert len(set(given)) == 12
