"""By what a rental is paid, for programs: from the balance, and with a voucher."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from accounts.models import Membership
from api.acting import acting
from billing.vouchers.models import Programme
from bookings.rentals import operations
from bookings.rentals.api import examples, fields
from bookings.rentals.api.answering import PROBLEM, READ, CustomerAct, act
from bookings.rentals.models import Rental


class PayFromBalance(CustomerAct):
    """Paying from the prepaid balance."""

    post = act(
        operations.confirm_from_balance,
        "Confirm a held or approved rental, paid from the organisation's prepaid balance (预存款).",
    )


def _use(*, programme: str, by: Membership, **asked: Any) -> Rental:
    chosen = get_object_or_404(Programme.objects.visible_to(by), code=programme)
    return operations.use_voucher(programme=chosen, by=by, **asked)


class UseVoucher(CustomerAct):
    """Paying a part with a voucher."""

    post = act(
        _use,
        """
        Let a voucher pay its part of a rental that is not confirmed yet (BL-14 to BL-16).

        It is reserved until then. Where the programme pays no discounted prices, the discount is dropped if that makes
        the own payment smaller; otherwise `discount_saves_more` refuses.
        """,
        examples.USE_VOUCHER,
        asks=fields.ProgrammeField,
    )


class DoWithoutVoucher(CustomerAct):
    """Giving the voucher back."""

    post = act(
        operations.do_without_voucher,
        "Give the voucher back before the rental is confirmed; a discount it excluded applies again.",
    )


class Vouchers(APIView):
    """What vouchers would pay."""

    access = {"GET": access.BUYER}
    scope: ClassVar[dict[str, str]] = {"GET": READ}

    @extend_schema(responses={200: fields.VoucherOfferFields(many=True), 404: PROBLEM})
    def get(self, request: Request, number: str) -> Response:
        """List the organisation's vouchers and what each would pay of a rental, the most first."""
        mine = Rental.objects.visible_to(acting(request)).with_places()
        rental = get_object_or_404(mine, number=number)
        offers = operations.offers(rental, now=timezone.now())
        return Response(
            [
                {
                    "programme": offer.programme.code,
                    "name": offer.programme.name,
                    "left_fen": offer.grant.left_fen,
                    "expires_on": offer.grant.expires_on.isoformat(),
                    "amount_fen": offer.amount.fen,
                    "own_fen": offer.own.fen,
                    "why_not": [each.value for each in offer.obstacles],
                }
                for offer in offers
            ]
        )
