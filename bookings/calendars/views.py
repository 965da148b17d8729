"""The page on which a person takes bookings into a calendar of their own."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from bookings.calendars import operations, queries
from kernel.refusals import Refusal
from web.access import member
from web.codes import qr_code
from web.pages import show
from web.requests import MemberRequest

PAGE = "bookings/calendars/calendars.html"


@require_safe
@member
def calendars(request: MemberRequest) -> HttpResponse:
    """Show whether there is a link, when it was last used, and how calendar programs take it."""
    return show(request, PAGE, _context(request))


@require_POST
@member
@never_cache
def issue(request: MemberRequest) -> HttpResponse:
    """Make the link, or another in its place, and show it: in this answer and never again."""
    try:
        had_one = queries.own_subscription(request.member) is not None
        _feed, token = operations.issue_feed(by=request.member, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("calendars:calendars")
    url = queries.feed_url(token)
    webcal = queries.webcal(url)
    shown = {"url": url, "webcal": webcal, "qr": qr_code(webcal), "replaces": had_one}
    return show(request, PAGE, _context(request) | {"link": shown})


@require_POST
@member
def revoke(request: MemberRequest) -> HttpResponse:
    """End the link."""
    try:
        operations.revoke_feed(by=request.member, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The calendar link was revoked. Calendars that used it get nothing any more."))
    return redirect("calendars:calendars")


def _context(request: MemberRequest) -> dict[str, Any]:
    return {"subscription": queries.own_subscription(request.member)}
