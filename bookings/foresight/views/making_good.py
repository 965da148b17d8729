"""The bookings that need another time: who, when, what instead; offers to all of them, and taking those back."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from bookings.foresight import operations
from bookings.foresight.queries import alternatives as instead
from bookings.foresight.queries import conflicts as queries
from bookings.rentals.models import Rental
from web import access
from web.fields import MOMENT
from web.pages import show
from web.requests import MemberRequest

AT_ONCE = 10
"""How many customers one request offers other times to; the page goes on by itself until none is left."""


@access.lab_staff
@require_safe
def conflicts(request: MemberRequest) -> HttpResponse:
    """List the bookings that cannot take place as booked, by the outage that took their time."""
    return show(request, "bookings/foresight/conflicts.html", _told(request), fragment="groups")


@access.lab_manager
@require_POST
def offer(request: MemberRequest) -> HttpResponse:
    """Offer other times to the customers chosen, a few at a time; each is told, and a time is held for each."""
    now = timezone.now()
    chosen = list(queries.in_conflict(request.member, now).filter(number__in=request.POST.getlist("number")))
    done = set(request.POST.getlist("done"))
    due = [rental for rental in chosen if rental.number not in done]
    results = operations.offer_other_times(displaced=due[:AT_ONCE], now=now)
    done |= {result.number for result in results}
    left = [rental.number for rental in chosen if rental.number not in done]
    if left or request.htmx:
        progress = {
            "done": sorted(done),
            "left": left,
            "of": len(chosen),
            "percent": 100 * len(done) // len(chosen or [1]),
        }
        context = _told(request) | {"results": results, "progress": progress if left else None}
        return show(request, "bookings/foresight/conflicts.html", context, fragment="groups")
    offered = sum(result.is_offered for result in results)
    said = ngettext(
        "{number} customer is offered another time.", "{number} customers are offered another time.", offered
    )
    messages.success(request, said.format(number=offered))
    return HttpResponseRedirect(reverse("foresight:conflicts"))


@access.lab_manager
@require_POST
def withdraw(request: MemberRequest) -> HttpResponse:
    """Take back the offers to the customers chosen: what was held for them is free again."""
    now = timezone.now()
    chosen = queries.in_conflict(request.member, now).filter(number__in=request.POST.getlist("number"))
    results = operations.withdraw_offers(displaced=list(chosen), by=request.member, now=now)
    if request.htmx:
        context = _told(request) | {"results": results}
        return show(request, "bookings/foresight/conflicts.html", context, fragment="groups")
    messages.success(request, _("Taken back. Nothing is held for them any more."))
    return HttpResponseRedirect(reverse("foresight:conflicts"))


@access.lab_staff
@require_safe
def alternatives(request: MemberRequest, number: str) -> HttpResponse:
    """Show what a booking's customer could have instead."""
    now = timezone.now()
    mine = Rental.objects.operated_by(request.member).with_places().select_related("instrument__category", "policy")
    rental = get_object_or_404(mine, number=number)
    found = instead.alternatives(rental, now)
    context = {
        "rental": rental,
        "starts": [(start, _moving(rental, start)) for start in found.starts],
        "instruments": found.instruments,
        "may_move": request.member.may_manage_lab,
    }
    return show(request, "bookings/foresight/alternatives.html", context, fragment="found")


def _moving(rental: Rental, start: datetime) -> str:
    """Return the page that moves a booking to a start, with its fields filled."""
    zone = rental.instrument.lab.tz
    until = start + (rental.time.end - rental.time.start)
    asked = {"start": f"{start.astimezone(zone):{MOMENT}}", "end": f"{until.astimezone(zone):{MOMENT}}"}
    return f"{reverse('board:move', args=[rental.number])}?{urlencode(asked)}"


def _told(request: MemberRequest) -> dict[str, object]:
    now = timezone.now()
    return {"groups": queries.groups(request.member, now), "now": now, "zone": request.member.organisation.tz}
