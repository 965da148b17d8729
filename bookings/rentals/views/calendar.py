"""The organisation's rentals on a calendar of the platform: day, week, month, and the same as a list."""

from datetime import date
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from bookings.discovery.queries import day_of, offset
from bookings.rentals import diaries
from web import access
from web.pages import show
from web.requests import MemberRequest


@access.member
@require_safe
def calendar(request: MemberRequest) -> HttpResponse:
    """Show the organisation's rentals in a day, a week or a month, and below the same as a list."""
    now = timezone.now()
    zone = request.member.organisation.tz
    today = now.astimezone(zone).date()
    shown = asked(request.GET, today)
    context = {
        "now": now,
        "zone": zone,
        "today": today,
        "shown": shown,
        "offset": offset(now.astimezone(zone)),
        "rentals": diaries.between(request.member, shown.within(zone), now),
    }
    return show(request, "bookings/rentals/calendar.html", context)


@access.member
@require_safe
def events(request: MemberRequest) -> HttpResponse:
    """Answer the rentals of a stretch as the calendar draws them."""
    now = timezone.now()
    zone = request.member.organisation.tz
    shown = asked(request.GET, now.astimezone(zone).date())
    response = JsonResponse({"events": diaries.events(request.member, shown.within(zone), zone, now)})
    patch_cache_control(response, private=True, no_cache=True)
    return response


def asked(query: Any, today: date) -> diaries.Stretch:
    """Return the stretch that a query asks for: this week, where it asks for nothing."""
    return diaries.stretch(query.get("view", ""), day_of({"date": query.get("from")}) or today)
