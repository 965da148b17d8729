"""BK-3: other hours mark the bookings that they shut out, as an outage does, and give their place back when they go."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import Membership
from bookings.models import Rental, Task, WaitlistEntry
from labs.hours import operations as hours_of
from labs.models import Instrument, OpenTime
from notices.models import Notice
from tests.factories.accounts import LabMembershipFactory
from tests.factories.bookings import MONDAY_9, checked_in, confirmed, hours
from tests.factories.labs import InstrumentFactory
from tests.factories.racing import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
TUESDAY = hours(0, 1).start.date()
WEEK = {day: [(8 * 60, 20 * 60)] for day in range(5)}


def marked() -> list[str]:
    rows = Rental.objects.filter(needs_rebooking_since__isnull=False)
    return sorted(rows.values_list("number", flat=True))


def why(rental: Rental) -> Any:
    return Rental.objects.get(pk=rental.pk).needs_rebooking


def closed_on(of: Any, day: date = TUESDAY, windows: Any = ()) -> Any:
    return hours_of.add_date_exception(of=of, date=day, windows=windows, by=None, now=MONDAY_9)


@pytest.fixture
def instrument() -> Instrument:
    return InstrumentFactory(policy__requires_approval=False)


def test_a_day_that_is_closed_marks_what_is_booked_on_it_and_nothing_is_cancelled(instrument: Instrument) -> None:
    hit = confirmed(instrument=instrument, period=hours(0, 2))
    next_day = confirmed(instrument=instrument, period=hours(24, 26))
    elsewhere = confirmed(period=hours(0, 2))

    closed_on(instrument.lab)

    assert why(hit) == {"why": "hours"}
    assert marked() == [hit.number]
    assert {Rental.objects.get(pk=one.pk).status for one in (hit, next_day, elsewhere)} == {"confirmed"}
    assert WaitlistEntry.objects.get().displaced == hit
    assert Task.objects.get().kind == "hours"


def test_shorter_hours_on_a_day_mark_only_what_does_not_lie_in_them(instrument: Instrument) -> None:
    early = confirmed(instrument=instrument, period=hours(0, 2))
    late = confirmed(instrument=instrument, period=hours(5, 7))

    closed_on(instrument, windows=[(9 * 60, 12 * 60)])

    assert marked() == [late.number]
    assert why(early) is None


def test_the_usual_hours_give_the_place_back(instrument: Instrument) -> None:
    hit = confirmed(instrument=instrument, period=hours(0, 2))
    exception = closed_on(instrument.lab)

    hours_of.remove_date_exception(exception=exception, by=None, now=MONDAY_9)

    assert (marked(), why(hit)) == ([], None)
    assert Task.objects.get().closed_at is not None


def test_another_week_marks_what_it_shuts_out_and_a_wider_one_gives_it_back(instrument: Instrument) -> None:
    confirmed(instrument=instrument, period=hours(0, 2))
    late = confirmed(instrument=instrument, period=hours(7, 8))

    hours_of.set_opening_hours(lab=instrument.lab, weekly=WEEK | {1: [(8 * 60, 15 * 60)]}, by=None, now=MONDAY_9)
    assert marked() == [late.number]

    hours_of.set_opening_hours(lab=instrument.lab, weekly=WEEK, by=None, now=MONDAY_9)
    assert marked() == []


def test_a_holiday_that_is_announced_marks_what_is_booked_on_it(instrument: Instrument) -> None:
    hit = confirmed(instrument=instrument, period=hours(0, 2))
    line = hours_of.Announced(TUESDAY, "holiday", "临时放假")

    hours_of.import_holidays(announced=[line], by=None, now=MONDAY_9)
    assert (marked(), why(hit)) == ([hit.number], {"why": "hours"})

    hours_of.import_holidays(
        announced=[hours_of.Announced(TUESDAY + timedelta(days=60), "holiday", "元旦")], by=None, now=MONDAY_9
    )
    assert TUESDAY.year != (TUESDAY + timedelta(days=60)).year or marked() == []


def test_an_unattended_run_is_shut_out_only_where_nobody_hands_it_over() -> None:
    instrument = InstrumentFactory(span_closed=True, policy__requires_approval=False, policy__max_minutes=24 * 60)
    run = confirmed(instrument=instrument, period=hours(6, 26))

    closed_on(instrument.lab, TUESDAY, [(9 * 60, 16 * 60)])
    assert marked() == []

    closed_on(instrument.lab, TUESDAY + timedelta(days=1), [(13 * 60, 16 * 60)])
    assert marked() == [run.number]


def test_lifting_an_outage_leaves_the_mark_of_a_day_that_is_closed_as_well(instrument: Instrument) -> None:
    hit = confirmed(instrument=instrument, period=hours(0, 2))
    period = hours(0, 2)
    outage = hours_of.announce_outage(
        of=instrument, kind="maintenance", start=period.start, end=period.end, by=None, now=MONDAY_9
    )
    closed_on(instrument)
    assert why(hit)["why"] == "outage"

    hours_of.lift_outage(outage=outage, by=None, now=MONDAY_9)

    assert why(hit) == {"why": "hours"}
    assert [task.kind for task in Task.objects.filter(closed_at__isnull=True)] == ["hours"]


def manager(instrument: Instrument) -> Membership:
    return LabMembershipFactory(organisation=instrument.lab.organisation, role="lab_manager")


def test_whoever_closes_a_day_sees_first_whom_it_displaces_and_then_they_are_conflicts(
    client_as: Any, instrument: Instrument
) -> None:
    hit = confirmed(instrument=instrument, period=hours(0, 2))
    confirmed(instrument=instrument, period=hours(24, 26))
    client = client_as(manager(instrument))
    asked = {"whose": "", "date": f"{TUESDAY:%Y-%m-%d}", "reason_zh": "停电"}
    page = f"/desk/lab/{instrument.lab.code}/hours/day/"

    shown = client.post(page, asked)
    assert [one.number for one in shown.context["rentals"]] == [hit.number]
    assert marked() == []

    client.post(page, asked | {"confirmed": shown.context["mark"]})
    assert marked() == [hit.number]
    (group,) = client.get("/desk/conflicts/").context["groups"]
    assert (group.outage, group.why, [one.rental.number for one in group.conflicts]) == (None, "hours", [hit.number])


def test_what_is_shown_before_another_week_is_what_is_marked_after(client_as: Any, instrument: Instrument) -> None:
    for hour in (0, 3, 6):
        confirmed(instrument=instrument, period=hours(hour, hour + 2))
    client = client_as(manager(instrument))
    page = f"/desk/lab/{instrument.lab.code}/hours/week/"
    form = client.get(page).context["form"]
    asked = {"seen": form["seen"].value(), "makeup_policy": "workday"}
    for day in range(5):
        asked |= {f"d{day}_0_opens": "09:00", f"d{day}_0_closes": "14:00"}
    asked |= {name: value for name, value in asked.items() if name in form.fields}

    shown = client.post(page, {name: value for name, value in asked.items() if name in form.fields})
    told = sorted(one.number for one in shown.context["rentals"])
    client.post(page, {**{n: v for n, v in asked.items() if n in form.fields}, "confirmed": shown.context["mark"]})

    assert told == marked()
    assert len(told) > 0


# --- A use under way --------------------------------------------------------------------------------------------------


def test_whoever_uses_an_instrument_is_told_that_it_goes_out_of_service_and_the_desk_has_a_task(
    instrument: Instrument,
) -> None:
    using = checked_in(instrument=instrument, period=hours(0, 3))
    out = hours(1, 5)

    outage = hours_of.announce_outage(
        of=instrument, kind="maintenance", start=out.start, end=out.end, by=None, now=hours(0.5, 1).start
    )

    using.refresh_from_db()
    assert (using.status, using.needs_rebooking) == ("checked_in", None)
    (task,) = Task.objects.filter(closed_at__isnull=True)
    assert (task.kind, task.rental_id) == ("cut_short", using.pk)
    told = Notice.objects.get(kind="rental_cut_short")
    assert (told.user_id, told.facts["end"]["at"][:16]) == (using.placed_by_id, out.start.isoformat()[:16])

    later = hours(3, 5)
    hours_of.change_outage(outage=outage, start=later.start, end=later.end, by=None, now=hours(0.5, 1).start)

    task.refresh_from_db()
    assert task.closed_at is not None
    assert Notice.objects.filter(kind="rental_spared", user_id=using.placed_by_id).count() == 1


def test_programs_are_told_from_when_on_it_is_out_of_service(api_as: Any, instrument: Instrument, clock: Any) -> None:
    using = checked_in(instrument=instrument, period=hours(0, 3))
    clock.move_to(hours(0.5, 1).start)
    client = api_as(manager(instrument))
    address = f"/api/v1/desk/rentals/{using.number}/"
    assert client.get(address).json()["out_from"] is None

    out = hours(1, 5)
    hours_of.announce_outage(
        of=instrument, kind="closure", start=out.start, end=out.end, by=None, now=hours(0.5, 1).start
    )

    assert client.get(address).json()["out_from"] == "2026-11-24T10:00:00+08:00"


def test_an_outage_that_is_changed_elsewhere_tells_nobody_twice(instrument: Instrument) -> None:
    checked_in(instrument=instrument, period=hours(0, 3))
    out, now = hours(1, 5), hours(0.5, 1).start
    outage = hours_of.announce_outage(of=instrument, kind="closure", start=out.start, end=out.end, by=None, now=now)

    longer = hours(1, 6)
    hours_of.change_outage(outage=outage, start=longer.start, end=longer.end, by=None, now=now)

    assert Notice.objects.filter(kind="rental_cut_short").count() == 1
    assert Task.objects.count() == 1


def test_the_desk_finds_the_fault_filled_in_and_the_task_closes_when_it_interrupts(
    client_as: Any, instrument: Instrument, monkeypatch: pytest.MonkeyPatch
) -> None:
    using = checked_in(instrument=instrument, period=hours(0, 3))
    out, now = hours(1, 5), hours(0.5, 1).start
    hours_of.announce_outage(
        of=instrument, kind="maintenance", start=out.start, end=out.end, by=None, now=now, reason_en="New grips",
        reason_zh="换夹具",
    )  # fmt: skip
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    client = client_as(manager(instrument))
    visit = client.get(f"/desk/check-in/{using.uuid}/")
    assert visit.context["out_from"] == out.start

    form = client.get(f"/desk/rentals/{using.number}/interrupt/").context["form"]
    assert form.initial["fault"] == "New grips"
    assert form.initial["expected_back_at"] == out.end
    client.post(f"/desk/rentals/{using.number}/interrupt/", {"fault": "New grips", "expected_back_at": ""})

    using.refresh_from_db()
    assert using.status == "interrupted"
    assert not Task.objects.filter(kind="cut_short", closed_at__isnull=True).exists()


# --- Races ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_a_day_closed_while_it_is_booked_leaves_no_booking_unmarked() -> None:
    for _ in range(4):
        instrument = InstrumentFactory(policy__requires_approval=False)

        results = at_once(
            lambda one=instrument: closed_on(one.lab),
            *[
                lambda one=instrument, hour=hour: confirmed(instrument=one, period=hours(hour, hour + 1))
                for hour in range(3)
            ],
        )

        assert not isinstance(results[0], Exception), results
        stands = Rental.objects.filter(instrument=instrument, status="confirmed")
        assert {json.dumps(one.needs_rebooking) for one in stands} <= {'{"why": "hours"}'}, results
        assert OpenTime.objects.get(instrument=instrument).version > 1
