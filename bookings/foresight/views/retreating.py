"""What a retreat from the catalogue would leave behind."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from bookings.foresight.queries import closing
from labs.models import Instrument
from web import access
from web.pages import asks_for_a_part, show
from web.requests import MemberRequest

AHEAD_SHOWN = 10


@access.lab_staff
@require_safe
def ahead(request: MemberRequest, code: str) -> HttpResponse:
    """Show what is booked ahead on an instrument: before it leaves the catalogue, the lab sees whom that concerns."""
    mine = Instrument.objects.operated_by(request.member).select_related("lab")
    instrument = get_object_or_404(mine, code=code)
    rentals = closing.ahead(instrument, timezone.now())
    context = {"instrument": instrument, "rentals": rentals[:AHEAD_SHOWN], "number": len(rentals), "tab": "rental"}
    if asks_for_a_part(request):
        return show(request, "bookings/foresight/ahead.html", context)
    return show(request, "bookings/foresight/ahead_page.html", context)
