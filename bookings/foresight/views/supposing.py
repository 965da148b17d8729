"""What closing an instrument or a lab for a while would mean: who is concerned, what is at stake, what instead."""

from datetime import timedelta

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from bookings.foresight.forms import WhatIfForm
from bookings.foresight.views.outages import displaced
from kernel.money import Money
from kernel.periods import Period
from labs.hours.rules import midnight
from labs.models import Instrument, Lab, Outage
from web import access
from web.fields import MOMENT
from web.pages import show
from web.requests import MemberRequest

MOST_SHOWN = 50


@access.lab_manager
@require_safe
def what_if(request: MemberRequest) -> HttpResponse:
    """Show whom a closure would concern, and change nothing; next week's, where nothing is asked."""
    now = timezone.now()
    zone = request.member.organisation.tz
    today = now.astimezone(zone).date()
    monday = today + timedelta(days=7 - today.weekday())
    first = {
        "start": midnight(monday, zone).astimezone(zone),
        "end": midnight(monday + timedelta(days=7), zone).astimezone(zone),
    }
    form = WhatIfForm(request.GET if "whose" in request.GET else None, member=request.member, initial=first)
    context: dict[str, object] = {"form": form, "zone": zone}
    if form.is_bound and form.is_valid():
        of, period = form.of(), form.period()
        planned = Outage(
            lab=of if isinstance(of, Lab) else None,
            instrument=of if isinstance(of, Instrument) else None,
            period=period.as_range(),
        )
        rentals = displaced(of, now, planned=planned)
        context |= {
            "of": of,
            "period": period,
            "rentals": rentals[:MOST_SHOWN],
            "number": len(rentals),
            "customers": len({rental.organisation_id for rental in rentals}),
            "at_stake": Money(sum(rental.total_fen for rental in rentals)),
            "announce": _announcing(of, period),
        }
    status = 422 if form.is_bound and form.errors else 200
    return show(request, "bookings/foresight/what_if.html", context, fragment="answer", status=status)


def _announcing(of: Lab | Instrument, period: Period) -> str:
    """Return the page that announces just this closure, with its fields filled."""
    lab = of if isinstance(of, Lab) else of.lab
    asked = {
        "whose": "" if isinstance(of, Lab) else of.code,
        "kind": Outage.Kind.CLOSURE.value,
        "start": f"{period.start.astimezone(lab.tz):{MOMENT}}",
        "end": f"{period.end.astimezone(lab.tz):{MOMENT}}",
    }
    return f"{reverse('foresight:outage', args=[lab.code])}?{urlencode(asked)}"
