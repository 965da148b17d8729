"""Check-out at the desk: the usage record is complete, or nothing is kept."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Membership
from bookings.models import Rental
from bookings.rentals import operations as rentals
from tests.factories.accounts import LabMembershipFactory
from tests.factories.bookings import TUESDAY_9, confirmed, hours

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def record(**changed: str) -> dict[str, str]:
    return {
        "condition": "good",
        "consumables-TOTAL_FORMS": "1",
        "consumables-INITIAL_FORMS": "0",
        "files-TOTAL_FORMS": "1",
        "files-INITIAL_FORMS": "0",
        **changed,
    }


def staff_of(rental: Rental, role: str = "lab_operator") -> Membership:
    return LabMembershipFactory(organisation=rental.instrument.lab.organisation, role=role)


def in_use(**how: Any) -> Rental:
    """A rental of Tuesday nine to eleven, checked in at nine."""
    rental = confirmed(**{"period": hours(0, 2), **how})
    return rentals.check_in(rental=rental, by=staff_of(rental), now=rental.time.start)


def post(client: Any, rental: Rental, act: str, **form: str) -> Any:
    return client.post(f"/desk/rentals/{rental.number}/{act}/", form)


def test_a_usage_record_is_written_with_consumables_and_hashes(client_as: Any, clock: Any) -> None:
    rental = in_use()
    clock.move_to(TUESDAY_9 + timedelta(hours=1))
    client = client_as(staff_of(rental))

    answer = post(
        client,
        rental,
        "check-out",
        **record(
            samples="5",
            conditions="23 °C",
            anomalies="第 3 件打滑",
            **{
                "consumables-0-name": "夹具垫片", "consumables-0-quantity": "2",
                "consumables-0-unit_price_fen": "15", "files-0-name": "run1.csv", "files-0-sha256": SHA.upper(),
            },
        ),
    )  # fmt: skip

    rental.refresh_from_db()
    usage = rental.usage
    assert answer.headers["Location"] == "/desk/today/"
    assert (rental.status, usage.ended_at, usage.samples) == ("checked_out", TUESDAY_9 + timedelta(hours=1), 5)
    assert usage.data_files == [{"name": "run1.csv", "sha256": SHA}]
    assert [line["amount_fen"] for line in rental.price_lines if line["kind"] == "consumable"] == [3_000]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"condition": ""}, "This field is required."),
        ({"condition": "damaged"}, "Describe the damage."),
        ({"counter_end": ""}, "This field is required."),
        ({"counter_end": "99"}, "A counter does not run back: it began at 100.00."),
        ({"files-0-name": "a.csv", "files-0-sha256": "abc"}, "A SHA-256 hash is 64 digits"),
        ({"consumables-0-name": "垫片"}, "This field is required."),
    ],
)
def test_a_record_that_is_not_complete_is_not_kept(
    client_as: Any, clock: Any, changed: dict[str, str], said: str
) -> None:
    rental = confirmed(period=hours(0, 2))
    staff = staff_of(rental)
    rentals.check_in(rental=rental, by=staff, now=TUESDAY_9, counter=Decimal(100))
    clock.move_to(TUESDAY_9 + timedelta(hours=1))

    answer = post(client_as(staff), rental, "check-out", **record(**{"counter_end": "101", **changed}))

    rental.refresh_from_db()
    assert (answer.status_code, rental.status) == (422, "checked_in")
    assert said in answer.content.decode()


def test_the_desk_corrects_when_a_use_ended_and_says_why(client_as: Any, clock: Any) -> None:
    rental = in_use()
    clock.move_to(TUESDAY_9 + timedelta(hours=1))
    client = client_as(staff_of(rental))

    unexplained = post(client, rental, "check-out", **record(ended_at="2026-11-24T09:50"))
    assert unexplained.status_code == 422
    assert "Please say why the times are corrected." in unexplained.content.decode()
    impossible = post(client, rental, "check-out", **record(ended_at="2026-11-24T10:50", correction="late"))
    assert impossible.status_code == 422
    assert "2026-11-24 10:00" in impossible.content.decode()

    post(client, rental, "check-out", **record(ended_at="2026-11-24T09:50", correction="The desk was busy"))

    rental.refresh_from_db()
    assert (rental.status, rental.usage.ended_at) == ("checked_out", TUESDAY_9 + timedelta(minutes=50))
    assert "The desk was busy" in client.get(f"/desk/check-in/{rental.uuid}/").content.decode()


def test_another_row_keeps_what_was_written_and_complains_of_nothing(client_as: Any, clock: Any) -> None:
    rental = in_use()
    clock.move_to(TUESDAY_9 + timedelta(hours=1))

    answer = post(
        client_as(staff_of(rental)), rental, "check-out", **record(condition="", samples="7", another="files")
    )

    page = answer.content.decode()
    assert answer.status_code == 200
    assert ('value="7"' in page, "files-1-sha256" in page, "This field is required." in page) == (True, True, False)


def test_what_is_not_in_use_has_nothing_to_check_out(client_as: Any) -> None:
    rental = confirmed(period=hours(0, 2))

    page = client_as(staff_of(rental)).get(f"/desk/rentals/{rental.number}/check-out/")

    assert "There is nothing to check out" in page.content.decode()
