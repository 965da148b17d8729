"""An organisation's money and bills, as its people, strangers, the lab and the platform's finance see them."""

from datetime import timedelta

import pytest
from django.urls import reverse

from billing.bills.models import Bill, RefundRequest
from bookings.rentals import operations as rentals
from tests.factories.accounts import LabMembershipFactory, MembershipFactory, OrganisationFactory
from tests.factories.bookings import MONDAY_9, buyer, checked_out, confirmed, hours, top_up

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def settled(member) -> Bill:
    rental = rentals.settle(rental=checked_out(by=member), by=None, now=MONDAY_9 + timedelta(days=7))
    return Bill.objects.get(order_number=rental.number)


def finance():
    return MembershipFactory(role="finance", organisation=OrganisationFactory(roles=["platform_operator"]))


def test_my_money_says_what_is_there_owed_and_spent(client_as):
    member = buyer()
    top_up(member, 12_345)
    confirmed(by=member)

    page = client_as(member).get(reverse("bills:money")).content.decode()

    assert "¥123.45" in page
    assert page.count("¥600.00") >= 2  # owed on account, and the bill


def test_a_bill_shows_its_lines_its_payments_and_is_nobody_elses(client_as):
    member = buyer()
    bill = settled(member)
    address = reverse("bills:bill", args=[bill.order_number])

    mine = client_as(member).get(address)
    colleague = client_as(MembershipFactory(role="viewer", organisation=member.organisation)).get(address)
    stranger = client_as(buyer()).get(address)

    assert "¥600.00" in mine.content.decode()
    assert (mine.status_code, colleague.status_code, stranger.status_code) == (200, 200, 404)


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_of_bills_asks_as_often_for_three_as_for_one(client_as, django_assert_num_queries, many):
    member = buyer()
    for place in range(many):
        confirmed(by=member, period=hours(place, place + 1))
    client = client_as(member)
    client.get(reverse("bills:bills"))

    with django_assert_num_queries(6):
        page = client.get(reverse("bills:bills"))

    assert page.content.decode().count("R202611") >= many


def test_a_refund_is_asked_for_at_the_desk_and_decided_by_a_second_person_of_the_platform(client_as):
    bill = settled(buyer())
    manager = LabMembershipFactory(organisation=bill.lab.organisation, role="lab_manager")
    sent = {"amount": "100.00", "reason": "数据缺失"}

    asked = client_as(manager).post(reverse("bills:at_lab", args=[bill.order_number]), sent)
    other_lab = client_as(LabMembershipFactory(role="lab_manager")).post(
        reverse("bills:at_lab", args=[bill.order_number]), sent
    )
    request = RefundRequest.objects.get()
    by_lab = client_as(manager).post(reverse("bills:decide", args=[request.pk]), {"approved": "yes"})
    by_finance = client_as(finance()).post(reverse("bills:decide", args=[request.pk]), {"approved": "yes"})

    bill.refresh_from_db()
    assert (asked.status_code, other_lab.status_code, by_lab.status_code) == (302, 404, 403)
    assert (by_finance.status_code, bill.refunded_fen) == (302, 10_000)


def test_too_much_is_refused_with_what_is_left_and_the_list_shows_what_waits(client_as):
    bill = settled(buyer())
    client = client_as(finance())
    address = reverse("bills:at_platform", args=[bill.order_number])

    refused = client.post(address, {"amount": "600.01", "reason": "误收"})
    client.post(address, {"amount": "6.00", "reason": "误收"})
    listed = client.get(reverse("bills:requests")).content.decode()

    assert (refused.status_code, "¥600.00" in refused.content.decode()) == (422, True)
    assert "误收" in listed
    assert "¥6.00" in listed


def test_programs_read_bills_of_their_own_organisation(api_as):
    member = buyer()
    bill = settled(member)

    listed = api_as(member).get("/api/v1/bills/").json()["results"]
    one = api_as(member).get(f"/api/v1/bills/{bill.order_number}/").json()
    stranger = api_as(buyer()).get(f"/api/v1/bills/{bill.order_number}/")

    assert [row["order_number"] for row in listed] == [bill.order_number]
    assert (one["state"], one["own_fen"], one["tenders"][0]["way"]) == ("settled", 60_000, "account")
    assert "told_zh" in one["lines"][0]
    assert stranger.status_code == 404
