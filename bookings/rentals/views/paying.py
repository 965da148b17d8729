"""Price and payment of a rental that is not confirmed yet: by what it is paid, and what a voucher pays of it."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from billing.vouchers.models import Programme
from bookings.rentals import operations
from bookings.rentals.models import Rental
from bookings.rentals.views.answering import theirs
from bookings.rentals.views.one import show_rental
from kernel.refusals import Refusal
from web import access
from web.pages import go
from web.requests import MemberRequest


@access.buyer
@require_POST
def from_balance(request: MemberRequest, number: str) -> HttpResponse:
    """Confirm a held or approved rental, paid from the prepaid balance."""

    def pay(mine: Rental, now: datetime) -> str:
        operations.confirm_from_balance(rental=mine, by=request.member, now=now)
        return _("Paid from your balance and confirmed: the lab expects you.")

    return _done(request, number, pay)


@access.buyer
@require_POST
def use_voucher(request: MemberRequest, number: str) -> HttpResponse:
    """Let the voucher that was chosen pay its part."""
    seen = Programme.objects.visible_to(request.member)

    def use(mine: Rental, now: datetime) -> str:
        programme = seen.filter(code=request.POST.get("programme", "")).first()
        if programme is None:
            raise operations.NoVoucherChosen
        used = operations.use_voucher(rental=mine, programme=programme, by=request.member, now=now)
        return _("The voucher pays {voucher}; you pay {own}.").format(voucher=used.voucher, own=used.own)

    return _done(request, number, use)


@access.buyer
@require_POST
def without_voucher(request: MemberRequest, number: str) -> HttpResponse:
    """Do without the voucher."""

    def do_without(mine: Rental, now: datetime) -> str:
        operations.do_without_voucher(rental=mine, by=request.member, now=now)
        return _("The voucher is yours again, for another order.")

    return _done(request, number, do_without)


def _done(request: MemberRequest, number: str, act: Callable[[Rental, datetime], str]) -> HttpResponse:
    """Do one thing with a rental and lead back to it, or show it with the refusal."""
    now = timezone.now()
    try:
        told = act(theirs(request, number), now)
    except Refusal as refusal:
        return show_rental(request, theirs(request, number), now, refused=refusal)
    messages.success(request, told)
    return go(request, reverse("rentals:rental", args=[number]))
