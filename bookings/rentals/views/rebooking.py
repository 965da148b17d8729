"""The rest of an interrupted rental, used another time."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bookings.rentals import moves, operations
from bookings.rentals.forms import MoveForm
from bookings.rentals.models import Rental
from bookings.rentals.views.answering import once, shown_as, theirs
from bookings.rentals.views.moving import instrument_named, show_move
from bookings.rentals.views.one import show_rental
from kernel.refusals import Refusal
from web import access
from web.pages import go
from web.requests import MemberRequest


@access.buyer
@require_http_methods(["GET", "HEAD", "POST"])
def rebook(request: MemberRequest, number: str) -> HttpResponse:
    """Show what the rest costs at another time and what is counted; book it when that is agreed to."""
    now = timezone.now()
    mine = theirs(request, number)
    interruption = mine.interruptions.filter(ended_at__isnull=True).first()
    if interruption is None:
        refusal = operations.NotPossibleNow(number=mine.number, status=str(mine.get_status_display()))
        return show_rental(request, mine, now, refused=refusal)
    data = request.POST if request.method == "POST" else request.GET
    where = instrument_named(request, data.get("instrument", ""))
    try:
        chosen = moves.rest_to(mine, interruption, data, member=request.member, now=now, instrument=where)
    except Refusal as refusal:  # nothing is offered there any more
        return show_rental(request, mine, now, refused=refusal)
    if request.method != "POST":
        return show_move(request, chosen, now, is_rest=True)
    form = MoveForm(request.POST)
    if not form.is_valid() or chosen.offer is None:
        return show_move(request, chosen, now, is_rest=True, status=422)
    wish = chosen.offer.wish

    def rebooked() -> Rental:
        return operations.rebook(
            rental=mine,
            instrument=where or mine.instrument,
            period=wish.period,
            agreed=form.cleaned_data["consents"],
            by=request.member,
            now=now,
        )

    said = [number, wish.period.start, wish.period.minutes, where.code if where else "", form.cleaned_data]
    try:
        new = once(request, key=form.cleaned_data["key"], said=said, do=rebooked)
    except Refusal as refusal:
        again = moves.rest_to(
            mine, interruption, data, member=request.member, now=now, instrument=where, refused=refusal
        )
        return show_move(request, again, now, is_rest=True, status=shown_as(refusal))
    messages.success(request, _("Booked: the rest is used then."))
    return go(request, reverse("rentals:rental", args=[new]))
