"""What the pages of rentals share: whose rental it is, how a refusal is shown, where one is led."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django_htmx.http import HttpResponseClientRedirect

from bookings.rentals.models import Rental
from kernel.refusals import Refusal
from web.pages import asks_for_a_part
from web.requests import MemberRequest


def theirs(request: MemberRequest, number: str) -> Rental:
    """Return the organisation's rental of that number, or answer 404."""
    mine = Rental.objects.visible_to(request.member).with_places().select_related("policy", "instrument__lab__district")
    return get_object_or_404(mine, number=number)


def shown_as(refusal: Refusal) -> int:
    """Return the status of a page that tells a refusal: one that htmx swaps in, whatever the API answers."""
    return refusal.status if refusal.status in (403, 409, 422) else 409


def go(request: MemberRequest, path: str) -> HttpResponse:
    """Lead to a page: by a redirect, which htmx is told to follow as a whole page."""
    return HttpResponseClientRedirect(path) if asks_for_a_part(request) else HttpResponseRedirect(path)
