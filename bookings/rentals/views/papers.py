"""The papers of a rental: its pro-forma, while its price is agreed."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_POST

from billing.invoices import operations as invoices
from billing.invoices.papers import Quoted
from bookings.rentals import operations, rules
from bookings.rentals.views.answering import theirs
from bookings.rentals.views.one import show_rental
from web import access, moments
from web.requests import MemberRequest


@access.member
@require_POST
def quote(request: MemberRequest, number: str) -> HttpResponse:
    """Give out the pro-forma (报价单) of a rental that is not confirmed yet, and lead to it."""
    rental, now = theirs(request, number), timezone.now()
    if rental.status_at(now) not in rules.LAPSING:
        refused = operations.NotPossibleNow(number=number, status=str(rental.get_status_display()))
        return show_rental(request, rental, now, refused=refused)
    with translation.override("zh-hans"):
        time = moments.period(rental.time, rental.instrument.lab.tz)
    order = Quoted(
        order_number=rental.number,
        organisation=rental.organisation,
        lab=rental.instrument.lab,
        lines=rental.price_lines,
        total_fen=rental.total_fen,
        holds_until=rental.held_until,
        facts=[("仪器", rental.instrument.name_zh), ("时段", time)],
    )
    made = invoices.quote(order=order, by=request.member, now=now)
    return HttpResponseRedirect(reverse("invoices:document", args=[made.number]))
