"""Price and payment as a customer sees them: account, balance, voucher."""

import pytest
from django.urls import reverse

from bookings.models import Rental
from tests.factories.accounts import MembershipFactory
from tests.factories.bookings import MONDAY_9, buyer, held, top_up
from tests.factories.vouchers import GrantFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def page(client, act: str, rental: Rental, **sent):
    return client.post(reverse(f"rentals:{act}", args=[rental.number]), sent, follow=True)


def test_a_voucher_pays_its_part_and_the_balance_the_rest(client_as):
    member = buyer()
    programme = GrantFactory(organisation=member.organisation).programme
    top_up(member, 50_000)
    rental = held(by=member)
    client = client_as(member)

    offered = client.get(reverse("rentals:rental", args=[rental.number])).content.decode()
    used = page(client, "use_voucher", rental, programme=programme.code).content.decode()
    paid = page(client, "from_balance", rental).content.decode()

    assert "¥240.00" in offered
    assert "¥360.00" in used
    rental.refresh_from_db()
    assert (rental.status, rental.pays_by, rental.own.fen) == ("confirmed", "balance", 36_000)
    assert "−¥240.00" in paid


def test_a_balance_that_is_too_small_is_refused_with_what_it_holds(client_as):
    member = buyer()
    top_up(member, 50_000)
    rental = held(by=member)

    answer = page(client_as(member), "from_balance", rental)

    rental.refresh_from_db()
    assert (answer.status_code, rental.status) == (409, "held")
    assert "¥500.00" in answer.content.decode()


def test_who_may_not_book_sees_no_way_to_pay_and_strangers_see_nothing(client_as):
    member = buyer()
    rental = held(by=member)
    viewer = MembershipFactory(role="viewer", organisation=member.organisation)

    by_viewer = page(client_as(viewer), "from_balance", rental)
    by_stranger = page(client_as(buyer()), "from_balance", rental)

    assert (by_viewer.status_code, by_stranger.status_code) == (403, 404)
    assert Rental.objects.get(created_at=MONDAY_9).status == "held"
