"""The life of a rental through REST: every example of the description is sent, and answers what it says."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from drf_spectacular.utils import OpenApiExample
from rest_framework.test import APIClient

from audit.models import AuditEvent
from billing.models import ReferenceCode
from bookings.models import Rental
from bookings.rentals import operations as rentals
from bookings.rentals import rules
from bookings.rentals.api import examples
from tests.factories.accounts import LabMembershipFactory, MembershipFactory
from tests.factories.bookings import TUESDAY_9, buyer, confirmed, held, hours, interrupted, top_up
from tests.factories.labs import InstrumentFactory, OperatorFactory, OperatorQualificationFactory
from tests.factories.vouchers import GrantFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
HOUR = timedelta(hours=1)


class Story:
    """A customer and a lab around one instrument, each with a token, and what they ask for."""

    def __init__(self, api_as: Any, **policy: Any) -> None:
        self.member = buyer()
        self.instrument = InstrumentFactory(code="TH-001", **policy)
        owner = self.instrument.lab.organisation
        self.manager = LabMembershipFactory(organisation=owner, role="lab_manager")
        self.desk = LabMembershipFactory(organisation=owner, role="lab_operator")
        self.customer_: APIClient = api_as(self.member)
        self.manager_: APIClient = api_as(self.manager)
        self.desk_: APIClient = api_as(self.desk)
        self.keys = 0

    def rental(self, make: Any = confirmed, **how: Any) -> Rental:
        made: Rental = make(by=self.member, instrument=self.instrument, **{"period": hours(0, 2), **how})
        return made

    def ask(self, client: APIClient, path: str, example: Any = None, *, key: str = "") -> Any:
        self.keys += 1
        body = example.value if example else {}
        key = key or f"key-{self.keys}"
        return client.post(f"/api/v1/{path}/", body, format="json", HTTP_IDEMPOTENCY_KEY=key)

    def customer(self, rental: Rental, act: str, example: Any = None, **how: Any) -> Any:
        return self.ask(self.customer_, f"rentals/{rental.number}/{act}", example, **how)

    def lab(self, rental: Rental, act: str, example: Any = None, **how: Any) -> Any:
        return self.ask(self.manager_, f"desk/rentals/{rental.number}/{act}", example, **how)


@pytest.fixture
def story(api_as):
    return Story(api_as)


def test_a_hold_by_example_awaits_its_transfer(story):
    held_ = story.ask(story.customer_, "rentals", examples.HOLD)
    rental = Rental.objects.get()
    far = story.rental(held, period=hours(7 * 24, 7 * 24 + 2))
    transfer = story.customer(far, "await-payment", examples.TRANSFER).json()
    till = story.customer(far, "checkout").json()

    assert (held_.status_code, held_.json()["number"], held_.json()["profile"]) == (201, rental.number, "")
    assert (transfer["status"], transfer["pays_by"], till["pays_by"]) == ("awaiting_payment", "transfer", "online")
    assert set(transfer["may"]) == {"start_checkout", "confirm", "cancel", "hand_over"}
    assert transfer["held_until"] == till["held_until"] == "2026-11-27T00:00:00+08:00"
    code = ReferenceCode.objects.get(number=far.number).code
    assert transfer["pay_to"] == {**settings.BANK_ACCOUNT, "reference": code, "amount_fen": far.total_fen}
    assert till["pay_to"] is None


def test_a_use_written_down_late_is_corrected_by_example(story, clock):
    rental = story.rental(confirmed, period=hours(0, 2))
    clock.move_to(TUESDAY_9)
    story.ask(story.desk_, f"desk/rentals/{rental.number}/check-in")
    clock.move_to(TUESDAY_9 + 2 * HOUR)

    told = story.ask(story.desk_, f"desk/rentals/{rental.number}/check-out", examples.CHECK_OUT_LATE).json()

    assert (told["status"], told["usage"]["ended_at"]) == ("checked_out", "2026-11-24T10:45:00+08:00")
    assert told["usage"]["correction"] == examples.CHECK_OUT_LATE.value["correction"]


def test_a_colleague_may_be_named_and_a_stranger_not(story):
    colleague = MembershipFactory(organisation=story.member.organisation, user__email="li.na@example.com")
    hold = examples.HOLD.value
    stranger = story.customer_.post(
        "/api/v1/rentals/", {**hold, "used_by": buyer().user.email}, format="json", HTTP_IDEMPOTENCY_KEY="a"
    )
    named = story.customer_.post(
        "/api/v1/rentals/", {**hold, "used_by": "li.na@example.com"}, format="json", HTTP_IDEMPOTENCY_KEY="b"
    )

    assert (stranger.status_code, stranger.json()["errors"][0]["field"]) == (400, "used_by")
    assert (named.status_code, Rental.objects.get().used_by) == (201, colleague.user)


def test_approval_by_example_sends_the_operator_that_was_named(api_as):
    story = Story(api_as, policy__requires_approval=True)
    operator = OperatorFactory(code="OP-01", lab=story.instrument.lab)
    OperatorQualificationFactory(operator=operator, instrument=story.instrument)
    rental, other = (story.rental(held, period=hours(24 + 3 * n, 26 + 3 * n)) for n in range(2))

    for one in (rental, other):
        assert story.customer(one, "submit").json()["may"] == ["cancel", "hand_over"]
    approved = story.lab(rental, "approve", examples.APPROVE).json()
    unknown = story.manager_.post(
        f"/api/v1/desk/rentals/{other.number}/approve/",
        {"operator": "OP-99"},
        format="json",
        HTTP_IDEMPOTENCY_KEY="x",
    )
    rejected = story.lab(other, "reject", examples.REASON).json()

    assert (approved["status"], approved["operator"]) == ("awaiting_payment", operator.name)
    assert (unknown.status_code, rejected["status"], rejected["reason"]) == (404, "rejected", "夹具不合适")


def test_moving_handing_over_and_cancelling_by_example(story):
    MembershipFactory(organisation=story.member.organisation, user__email="li.na@example.com")
    rental = story.rental()

    moved = story.customer(rental, "reschedule", examples.MOVE).json()
    handed = story.customer(rental, "hand-over", examples.HAND_OVER).json()
    asked = story.lab(rental, "reschedule", examples.MOVE_BY_LAB).json()
    declined = story.customer(rental, "decline-move").json()
    gone = story.customer(rental, "accept-move")
    story.lab(rental, "reschedule", examples.MOVE_BY_LAB)
    accepted = story.customer(rental, "accept-move").json()
    fee = story.customer(rental, "cancel", examples.CANCEL)

    assert (moved["start"], moved["moves"], handed["used_by"]) == (
        "2026-11-25T09:00:00+08:00",
        1,
        "li.na@example.com",
    )
    assert asked["move_offer"] == {
        "start": "2026-11-26T09:00:00+08:00",
        "end": "2026-11-26T11:00:00+08:00",
        "reason": "设备校准",
        "answer_by": "2026-11-25T09:00:00+08:00",
    }
    assert (declined["move_offer"], declined["start"], gone.status_code) == (None, moved["start"], 404)
    assert (accepted["start"], accepted["reason"]) == ("2026-11-26T09:00:00+08:00", "设备校准")
    assert (fee.status_code, fee.json()["code"]) == (409, "PRICE_CHANGED")  # three days of notice: nothing


def test_a_use_by_example_from_the_door_to_the_settled_price(story, clock):
    rental = story.rental()
    clock.move_to(TUESDAY_9 - 5 * timedelta(minutes=1))
    inside = story.ask(story.desk_, f"desk/rentals/{rental.number}/check-in", examples.CHECK_IN).json()
    clock.move_to(TUESDAY_9 + HOUR)
    longer = story.customer(rental, "extend", examples.EXTEND).json()
    clock.move_to(TUESDAY_9 + 3 * HOUR)
    late = {**examples.CHECK_OUT_LATE.value, "counter_end": "1523.5", "correction": ""}
    unexplained = story.desk_.post(
        f"/api/v1/desk/rentals/{rental.number}/check-out/", late, format="json", HTTP_IDEMPOTENCY_KEY="late"
    )
    outside = story.ask(story.desk_, f"desk/rentals/{rental.number}/check-out", examples.CHECK_OUT).json()
    settled = story.customer(rental, "settle").json()
    seen = story.desk_.get(f"/api/v1/desk/rentals/{rental.number}/").json()

    assert (inside["status"], inside["usage"]["positions"], inside["usage"]["counter_start"]) == (
        "checked_in",
        [1],
        "1520.50",
    )
    assert inside["may"] == ["check_out", "extend", "interrupt"]
    assert (unexplained.status_code, unexplained.json()["code"]) == (422, "CORRECTION_UNEXPLAINED")
    assert (longer["end"], longer["total_fen"]) == ("2026-11-24T12:00:00+08:00", 90_000)
    assert [line["kind"] for line in outside["lines"]] == ["usage", "usage", "consumable"]
    assert (outside["total_fen"], outside["usage"]["condition"], outside["usage"]["samples"]) == (91_000, "good", 6)
    assert (settled["status"], settled["total_fen"], settled["may"], seen["may"]) == ("settled", 91_000, [], [])


def test_a_breakdown_by_example_and_the_three_choices(story, clock):
    broken = [story.rental(period=hours(3 * n, 3 * n + 2)) for n in range(3)]
    told = []
    for n, rental in enumerate(broken):
        clock.move_to(TUESDAY_9 + 3 * n * HOUR)
        story.lab(rental, "check-in")
        clock.move_to(TUESDAY_9 + (3 * n + 0.5) * HOUR)
        fault = {"fault": "主轴异响", "expected_back_at": (TUESDAY_9 + (3 * n + 1) * HOUR).isoformat()}
        path = f"/api/v1/desk/rentals/{rental.number}/interrupt/"
        story.desk_.post(path, fault, format="json", HTTP_IDEMPOTENCY_KEY=f"fault-{n}")
        clock.move_to(TUESDAY_9 + (3 * n + 1) * HOUR)
        told.append(story.customer_.get(f"/api/v1/rentals/{rental.number}/").json())
        if n == 0:
            resumed = story.customer(rental, "resume").json()
            story.lab(rental, "check-out", OpenApiExample("", {"condition": "good"}))
        elif n == 1:
            new = story.customer(rental, "rebook", examples.REBOOK)
        else:
            ended = story.customer(rental, "abandon", examples.ABANDON).json()
    contested = story.lab(broken[2], "object", examples.OBJECTION).json()

    assert told[0]["may"] == ["abandon", "rebook", "resume"]
    assert (told[0]["interruption"]["fault"], told[0]["interruption"]["choice"]) == ("主轴异响", "")
    assert (resumed["status"], resumed["end"]) == ("checked_in", "2026-11-24T11:30:00+08:00")
    assert (new.status_code, new.json()["rebooks"], new.json()["status"]) == (201, broken[1].number, "confirmed")
    assert new["Location"] == f"/api/v1/rentals/{new.json()['number']}/"
    assert (ended["status"], ended["total_fen"], ended["may"]) == ("checked_out", 15_000, ["settle"])
    assert ended["interruption"]["unusable_at"] is not None
    assert contested["interruption"]["objection"] == "故障前的数据完整"


def test_the_fault_example_and_the_labs_resume_and_extension(story, clock):
    rental = story.rental()
    clock.move_to(TUESDAY_9)
    story.lab(rental, "check-in")
    clock.move_to(TUESDAY_9 + HOUR)
    longer = story.lab(rental, "extend", examples.EXTEND).json()
    broken = story.lab(rental, "interrupt", examples.FAULT).json()
    refused = story.customer(rental, "resume")
    resumed = story.lab(rental, "resume").json()
    path = f"/api/v1/rentals/{rental.number}/comparable/"

    assert (longer["end"], broken["status"]) == ("2026-11-24T12:00:00+08:00", "interrupted")
    assert (refused.status_code, refused.json()["code"], resumed["status"]) == (
        409,
        "STILL_OUT_OF_SERVICE",
        "checked_in",
    )
    assert story.customer_.get(path).json() == []


def test_declaring_a_run_of_no_use_and_cancelling_by_the_lab(story, clock):
    rental = story.rental(interrupted)
    clock.move_to(TUESDAY_9 + HOUR)
    story.customer(rental, "abandon")

    declared = story.customer(rental, "declare-unusable").json()
    other = story.rental(period=hours(240, 241))
    cancelled = story.lab(other, "cancel", examples.REASON).json()

    assert declared["interruption"]["unusable_at"] == "2026-11-24T10:00:00+08:00"
    assert (cancelled["status"], cancelled["fee_fen"]) == ("cancelled", 0)


CUSTOMERS = {
    "confirm": "confirm",
    "submit": "submit",
    "await-payment": "await_payment",
    "checkout": "start_checkout",
    "cancel": "cancel",
    "reschedule": "reschedule",
    "hand-over": "hand_over",
    "extend": "extend",
    "resume": "resume",
    "rebook": "rebook",
    "abandon": "abandon",
    "declare-unusable": "declare_unusable",
    "settle": "settle",
}


def test_every_transition_that_a_person_brings_about_has_its_endpoint():
    theirs = {event for event, by in rules.BY.items() if rules.CUSTOMER in by}

    assert set(CUSTOMERS.values()) == theirs


@pytest.mark.parametrize("act", ["cancel", "hand-over", "reschedule"])
def test_each_transition_with_the_same_key_happens_once(story, act):
    MembershipFactory(organisation=story.member.organisation, user__email="li.na@example.com")
    rental = story.rental()
    example = {"hand-over": examples.HAND_OVER, "reschedule": examples.MOVE}.get(act)
    before = AuditEvent.objects.count()

    first, again = (story.customer(rental, act, example, key="once") for _ in range(2))

    assert (first.status_code, again.status_code, again["Idempotent-Replayed"]) == (200, 200, "true")
    assert first.json() == again.json()
    assert AuditEvent.objects.count() == before + 1


def test_check_in_with_the_same_key_lets_in_once_and_settles_once(story, clock):
    rental = story.rental()
    clock.move_to(TUESDAY_9)
    told = [story.lab(rental, "check-in", key="in") for _ in range(2)]
    clock.move_to(TUESDAY_9 + HOUR)
    body = OpenApiExample("", {"condition": "good"})
    told += [story.lab(rental, "check-out", body, key="out") for _ in range(2)]
    told += [story.customer(rental, "settle", key="settle") for _ in range(2)]

    assert {answer.status_code for answer in told} == {200}
    for name in ("rental_checked_in", "rental_checked_out", "rental_settled"):
        assert AuditEvent.objects.filter(name=name).count() == 1


def test_who_works_at_the_desk_lets_in_but_does_not_decide(story, api_as):
    rental = story.rental()
    viewer = api_as(MembershipFactory(organisation=story.member.organisation, role="viewer"))

    decided = story.ask(story.desk_, f"desk/rentals/{rental.number}/cancel", examples.REASON)
    looked = viewer.get(f"/api/v1/rentals/{rental.number}/").json()
    moved = story.ask(viewer, f"rentals/{rental.number}/reschedule", examples.MOVE)

    assert (decided.status_code, looked["may"], moved.status_code) == (403, [], 403)


def test_bad_input_names_its_field(story):
    rental = story.rental()
    path = f"/api/v1/rentals/{rental.number}/reschedule/"
    backwards = {"start": "2026-11-25T11:00:00+08:00", "end": "2026-11-25T09:00:00+08:00"}

    answer = story.customer_.post(path, backwards, format="json", HTTP_IDEMPOTENCY_KEY="k")

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "end")


def test_a_refused_move_tells_every_rule_and_what_would_make_it_pass(story):
    rental = story.rental()
    night = {"start": "2026-11-25T20:00:00+08:00", "end": "2026-11-25T20:15:00+08:00"}

    answer = story.customer_.post(
        f"/api/v1/rentals/{rental.number}/reschedule/", night, format="json", HTTP_IDEMPOTENCY_KEY="k"
    )

    assert answer.status_code in (409, 422)
    assert {"DURATION_TOO_SHORT", "OUTSIDE_OPENING_HOURS"} <= {one["code"] for one in answer.json()["refusals"]}
    assert all("remedy" in one for one in answer.json()["refusals"])


def test_one_rental_is_told_in_as_many_statements_however_long_its_life(story, django_assert_max_num_queries):
    rental = rentals.abandon(rental=story.rental(interrupted), by=story.member, now=TUESDAY_9 + HOUR)
    story.customer_.get(f"/api/v1/rentals/{rental.number}/")

    with django_assert_max_num_queries(6):
        story.customer_.get(f"/api/v1/rentals/{rental.number}/")


def test_a_rental_is_paid_by_example_with_a_voucher_and_the_rest_from_the_balance(story):
    grant = GrantFactory(organisation=story.member.organisation, programme__code="VP-CX-2026")
    top_up(story.member, 60_000)
    rental = story.rental(held)

    offered = story.customer_.get(f"/api/v1/rentals/{rental.number}/vouchers/").json()
    used = story.customer(rental, "use-voucher", examples.USE_VOUCHER).json()
    without = story.customer(rental, "do-without-voucher").json()
    story.customer(rental, "use-voucher", examples.USE_VOUCHER)
    paid = story.customer(rental, "pay-from-balance").json()

    assert [(one["programme"], one["amount_fen"], one["own_fen"]) for one in offered] == [
        (grant.programme.code, 24_000, 36_000)
    ]
    assert (used["voucher_fen"], without["voucher_fen"]) == (24_000, 0)
    assert (paid["status"], paid["pays_by"], paid["voucher_fen"]) == ("confirmed", "balance", 24_000)
