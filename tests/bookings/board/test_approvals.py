"""The inbox of approvals: until when, what one needs to know, and answers to one or several at once."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership
from bookings.board.jobs import remind
from bookings.models import Rental
from bookings.rentals import operations as rentals
from labs.models import Instrument
from notices.models import Notice
from tests.conftest import MONDAY_9
from tests.factories.accounts import LabMembershipFactory
from tests.factories.bookings import buyer, confirmed, held, hours
from tests.factories.labs import InstrumentFactory, OperatorQualificationFactory, UserQualificationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
INBOX = "/desk/approvals/"


def staff_of(instrument: Instrument, role: str = "lab_manager") -> Membership:
    return LabMembershipFactory(organisation=instrument.lab.organisation, role=role)


def pending(instrument: Instrument, by: Membership | None = None, **how: Any) -> Rental:
    member = by or buyer()
    rental = held(by=member, instrument=instrument, **{"period": hours(48, 50), **how})
    return rentals.submit_for_approval(rental=rental, by=member, now=MONDAY_9)


@pytest.fixture
def instrument() -> Instrument:
    return InstrumentFactory(policy__requires_approval=True)


def states() -> list[str]:
    return list(Rental.objects.order_by("pk").values_list("status", flat=True))


def test_it_says_how_much_working_time_is_left(client_as: Any, instrument: Instrument, clock: Any) -> None:
    pending(instrument)  # Monday 09:00, the lab is open until 18:00: eight working hours end at 17:00
    client = client_as(staff_of(instrument))

    looks = []
    for hour in (0, 4.5, 7.5):
        clock.move_to(MONDAY_9 + timedelta(hours=hour))
        (request,) = client.get(INBOX).context["requests"]
        looks.append((request.minutes_left, request.look))

    assert looks == [(480, "calm"), (210, "soon"), (30, "urgent")]


def test_it_tells_what_one_needs_to_know(client_as: Any, instrument: Instrument) -> None:
    member = buyer()
    earlier = confirmed(instrument=InstrumentFactory(policy__requires_approval=False), by=member)
    Rental.objects.filter(pk=earlier.pk).update(
        instrument=instrument, status="settled", checked_in_at=MONDAY_9, checked_out_at=MONDAY_9, settled_at=MONDAY_9
    )
    UserQualificationFactory(user=member.user, instrument=instrument, valid_to=date(2027, 1, 1))
    rental = pending(instrument, by=member, purpose="拉伸试验")

    page = client_as(staff_of(instrument)).get(INBOX)

    (request,) = page.context["requests"]
    assert (request.rental.number, request.used, request.missed) == (rental.number, 1, 0)
    assert request.is_qualified
    assert "拉伸试验" in page.content.decode()


def test_several_are_approved_at_once_and_each_answers_for_itself(client_as: Any, instrument: Instrument) -> None:
    first, second = pending(instrument), pending(instrument, period=hours(51, 52))
    other = pending(InstrumentFactory(policy__requires_approval=True))
    rentals.reject(rental=second, reason="x", by=staff_of(instrument), now=MONDAY_9)
    numbers = [first.number, second.number, other.number]

    answer = client_as(staff_of(instrument)).post(f"{INBOX}answer/", {"act": "approve", "number": numbers})

    assert answer.status_code == 409  # one of them could not be
    assert [(one.number, one.is_done) for one in answer.context["results"]] == [
        (first.number, True), (second.number, False),
    ]  # fmt: skip
    assert states() == ["awaiting_payment", "rejected", "pending_approval"]


def test_the_button_of_one_approves_that_one_alone(client_as: Any, instrument: Instrument) -> None:
    first, second = pending(instrument), pending(instrument, period=hours(51, 52))

    ticked = {"approve_one": first.number, "number": [second.number]}
    client_as(staff_of(instrument)).post(f"{INBOX}answer/", ticked)

    assert states() == ["awaiting_payment", "pending_approval"]


def test_a_reason_ready_made_is_read_in_the_customers_language(client_as: Any, instrument: Instrument) -> None:
    english, chinese = buyer(), buyer()
    english.user.language = "en"
    english.user.save()
    both = [pending(instrument, by=english), pending(instrument, by=chinese, period=hours(51, 52))]

    sent = {"act": "reject", "number": [one.number for one in both], "template": "staff", "reason": "11-30"}
    client_as(staff_of(instrument)).post(f"{INBOX}answer/", sent)

    for one in both:
        one.refresh_from_db()
    assert both[0].reason == "Nobody of our staff can attend at that time. Please choose another. 11-30"
    assert both[1].reason != both[0].reason


def test_none_is_declined_without_a_reason(client_as: Any, instrument: Instrument) -> None:
    rental = pending(instrument)

    answer = client_as(staff_of(instrument)).post(f"{INBOX}answer/", {"act": "reject", "number": [rental.number]})

    assert (answer.status_code, "Please give the reason." in answer.content.decode()) == (422, True)
    assert states() == ["pending_approval"]


def test_another_operator_may_be_sent(client_as: Any, instrument: Instrument) -> None:
    other = OperatorQualificationFactory(operator__lab=instrument.lab, instrument=instrument).operator
    OperatorQualificationFactory(operator__lab=instrument.lab, instrument=instrument, valid_to=date(2026, 11, 24))
    rental = pending(instrument)
    client = client_as(staff_of(instrument))
    (request,) = client.get(INBOX).context["requests"]
    assert other in [choice.operator for choice in request.operators]
    assert len(request.operators) == len(instrument.operator_qualifications.all()) - 1
    assert rental.operator != other

    client.post(f"{INBOX}answer/", {"approve_one": rental.number, f"operator-{rental.number}": other.pk})

    rental.refresh_from_db()
    assert (rental.status, rental.operator) == ("awaiting_payment", other)


def test_the_menu_counts_what_waits(client_as: Any, instrument: Instrument) -> None:
    pending(instrument)
    pending(InstrumentFactory(policy__requires_approval=True))

    page = client_as(staff_of(instrument)).get("/desk/").content.decode()

    assert 'Approvals <span class="badge bg-yellow-lt ms-1 number">1</span>' in page


def test_the_statements_do_not_grow_with_what_waits(
    client_as: Any, instrument: Instrument, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    pending(instrument)
    client = client_as(staff_of(instrument))
    client.get(INBOX)
    with django_assert_max_num_queries(18) as few:
        client.get(INBOX)
    for hour in (51, 53):
        pending(InstrumentFactory(lab=instrument.lab, policy__requires_approval=True), period=hours(hour, hour + 1))

    with django_assert_num_queries(len(few.captured_queries)):
        client.get(INBOX)


# --- Reminders -------------------------------------------------------------------------------------------------------


def reminded() -> int:
    return Notice.objects.filter(kind="approval_due_lab").count()


def test_managers_are_reminded_at_half_time_and_an_hour_before_once_each(instrument: Instrument) -> None:
    pending(instrument)  # due at 17:00
    staff_of(instrument)

    told = []
    for hour in (3.9, 4, 4.1, 6.9, 7, 7, 7.5, 8):
        remind(now=MONDAY_9 + timedelta(hours=hour))
        told.append(reminded())

    assert told == [0, 1, 1, 1, 2, 2, 2, 2]


def test_a_job_that_comes_late_reminds_once_and_never_after_the_deadline(instrument: Instrument) -> None:
    pending(instrument)
    staff_of(instrument)

    remind(now=MONDAY_9 + timedelta(hours=9))
    assert reminded() == 0
    remind(now=MONDAY_9 + timedelta(hours=7.5))
    remind(now=MONDAY_9 + timedelta(hours=7.6))
    assert reminded() == 1


def test_whoever_was_answered_is_not_reminded_of(instrument: Instrument) -> None:
    rental = pending(instrument)
    rentals.approve(rental=rental, by=staff_of(instrument), now=MONDAY_9)

    remind(now=MONDAY_9 + timedelta(hours=7.5))

    assert reminded() == 0


# --- Who may -----------------------------------------------------------------------------------------------------


def test_an_operator_reads_and_only_a_manager_answers(client_as: Any, client: Client, instrument: Instrument) -> None:
    rental = pending(instrument)
    sent = {"act": "approve", "number": [rental.number]}

    assert client_as(staff_of(instrument, "lab_operator")).get(INBOX).status_code == 200
    assert client_as(staff_of(instrument, "lab_operator")).post(f"{INBOX}answer/", sent).status_code == 403
    assert client_as(buyer()).get(INBOX).status_code == 403
    assert client.get(INBOX).headers["Location"] == f"/accounts/login/?next={INBOX}"
    client_as(staff_of(InstrumentFactory())).post(f"{INBOX}answer/", sent)
    assert states() == ["pending_approval"]
