"""When a use began and ended is corrected at check-out where it was written down late: bounded, explained, audited."""

from datetime import timedelta
from typing import Any

import pytest

from audit.models import AuditEvent
from bookings.models import Rental, UsageRecord, UsageRun
from bookings.rentals import operations as rentals
from bookings.rentals.operations.correcting import CorrectionUnexplained, UsageTimesImpossible
from kernel.periods import Period
from notices.models import Notice
from tests.factories.bookings import TUESDAY_9, checked_in, checked_out, hours, interrupted, lab_of, places
from tests.factories.labs import InstrumentFactory

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
WHY = "客户 10:40 已离开"


def out(rental: Rental, *, now: Any, **times: Any) -> Rental:
    usage = rentals.UsageGiven(condition="good", **{"correction": WHY, **times})
    return rentals.check_out(rental=rental, usage=usage, by=lab_of(rental), now=now)


def test_a_corrected_end_is_what_is_recorded_and_the_time_is_free_from_now_on() -> None:
    rental = checked_in(instrument=InstrumentFactory(policy__post_buffer_min=15), period=hours(0, 3))
    left, now = TUESDAY_9 + 100 * MINUTE, TUESDAY_9 + 120 * MINUTE

    rental = out(rental, now=now, ended_at=left)

    record, run = UsageRecord.objects.get(), UsageRun.objects.get()
    assert (record.ended_at, run.ended_at, record.correction) == (left, left, WHY)
    assert (rental.checked_out_at, Period.from_range(places(rental).get().period).end) == (now, now + 15 * MINUTE)


def test_bl_2_a_metered_use_is_priced_by_the_corrected_times() -> None:
    instrument = InstrumentFactory(tariff__bill_mode="metered")
    rental = checked_in(instrument=instrument, period=hours(0, 2), at=TUESDAY_9 + 10 * MINUTE)
    told = {"started_at": TUESDAY_9, "ended_at": TUESDAY_9 + 120 * MINUTE}

    rental = out(rental, now=TUESDAY_9 + 200 * MINUTE, **told)

    assert [(line["kind"], line["minutes"]) for line in rental.price_lines] == [("usage", 120)]
    assert UsageRun.objects.get().began_at == TUESDAY_9


def test_the_audit_has_both_times_and_the_reason_and_the_customer_reads_it() -> None:
    rental = checked_in(period=hours(0, 2))
    left, now = TUESDAY_9 + 100 * MINUTE, TUESDAY_9 + 110 * MINUTE

    out(rental, now=now, ended_at=left)

    event = AuditEvent.objects.get(name="rental_checked_out")
    assert event.facts["corrected"] == {"ended_at": [now.isoformat(), left.isoformat()]}
    assert event.reason == WHY
    assert Notice.objects.get(kind="rental_checked_out").facts["reason"] == WHY


def test_without_a_correction_nothing_of_it_is_told() -> None:
    checked_out(period=hours(0, 2))

    assert "corrected" not in AuditEvent.objects.get(name="rental_checked_out").facts
    assert UsageRecord.objects.get().correction == ""


def test_a_correction_without_a_reason_is_refused_and_changes_nothing() -> None:
    rental = checked_in(period=hours(0, 2))

    with pytest.raises(CorrectionUnexplained):
        out(rental, now=TUESDAY_9 + 60 * MINUTE, ended_at=TUESDAY_9 + 50 * MINUTE, correction=" ")

    assert Rental.objects.get().status == "checked_in"


@pytest.mark.parametrize(
    ("times", "fields"),
    [
        ({"ended_at": 61}, "ended_at"),
        ({"started_at": -16}, "started_at"),
        ({"started_at": 40, "ended_at": 40}, "ended_at"),
        ({"started_at": 70}, "started_at, ended_at"),
    ],
)
def test_a_use_neither_began_before_the_door_was_open_nor_ended_later_than_now(
    times: dict[str, int], fields: str
) -> None:
    rental = checked_in(period=hours(0, 2))
    given = {name: TUESDAY_9 + minutes * MINUTE for name, minutes in times.items()}

    with pytest.raises(UsageTimesImpossible) as caught:
        out(rental, now=TUESDAY_9 + 60 * MINUTE, **given)

    assert caught.value.facts["fields"] == fields
    assert "2026-11-24 08:45" in str(caught.value)


def test_nobody_began_while_the_one_before_sat_there() -> None:
    instrument = InstrumentFactory(policy__pre_buffer_min=0, policy__post_buffer_min=0)
    checked_out(instrument=instrument, period=hours(0, 1), at=TUESDAY_9 + 60 * MINUTE)
    rental = checked_in(instrument=instrument, period=hours(1, 2), at=TUESDAY_9 + 70 * MINUTE)
    now = TUESDAY_9 + 90 * MINUTE

    with pytest.raises(UsageTimesImpossible):
        out(rental, now=now, started_at=TUESDAY_9 + 59 * MINUTE)

    assert out(rental, now=now, started_at=TUESDAY_9 + 60 * MINUTE).status == "checked_out"


def test_bl_24_what_was_interrupted_keeps_its_breakdown_inside() -> None:
    rental = interrupted(period=hours(0, 3), after=45 * MINUTE, back_at=TUESDAY_9 + 60 * MINUTE)
    rental = rentals.resume(rental=rental, by=lab_of(rental), now=TUESDAY_9 + 60 * MINUTE)
    now = TUESDAY_9 + 150 * MINUTE

    for times in ({"started_at": 46}, {"ended_at": 59}):
        with pytest.raises(UsageTimesImpossible):
            out(rental, now=now, **{name: TUESDAY_9 + minutes * MINUTE for name, minutes in times.items()})
    out(rental, now=now, started_at=TUESDAY_9 - 5 * MINUTE, ended_at=TUESDAY_9 + 140 * MINUTE)

    runs = UsageRun.objects.order_by("began_at").values_list("began_at", "ended_at")
    assert [tuple(int((at - TUESDAY_9) / MINUTE) for at in run) for run in runs] == [(-5, 45), (60, 140)]
