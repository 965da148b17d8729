"""The board: the lab's instruments by time, and what has changed there since one looked."""

import json
from datetime import timedelta

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag, urlencode
from django.views.decorators.http import require_safe

from bookings.board import queries
from bookings.discovery.queries import offset
from bookings.rentals import rules
from bookings.rentals.models import Rental
from labs.models import Instrument, Lab, Outage
from web import access
from web.pages import show
from web.requests import MemberRequest

MOST_LINES = 100
"""How many bookings stand below the board as a list; all of them are in the list of bookings."""
SHOWN = (
    rules.HELD,
    rules.PENDING,
    rules.AWAITING,
    rules.CONFIRMED,
    rules.CHECKED_IN,
    rules.INTERRUPTED,
    rules.CHECKED_OUT,
    rules.SETTLED,
    rules.NO_SHOW,
)
"""The states that stand on the board, and in its legend."""


@access.lab_staff
@require_safe
def board(request: MemberRequest) -> HttpResponse:
    """Show the board of instruments by time, and the same bookings and outages as lists."""
    now = timezone.now()
    zone = request.member.organisation.tz
    today = now.astimezone(zone).date()
    first, days = queries.asked_window(request.GET, today)
    within = queries.window(first, days, zone)
    found = queries.placed(request.member, within, now, most=MOST_LINES + 1)
    lines = queries.rows(request.member, within)
    names = {one.code: one.name for one in lines.instruments}
    context = {
        "now": now,
        "zone": zone,
        "first": first,
        "last": first + timedelta(days=days - 1),
        "days": days,
        "today": today,
        "earlier": first - timedelta(days=days),
        "later": first + timedelta(days=days),
        "placed": [(one, names[one.instrument]) for one in found[:MOST_LINES]],
        "is_cut": len(found) > MOST_LINES,
        "outages": lines.outages,
        "week_of": first - timedelta(days=first.weekday()),
        "states": SHOWN,
        "offset": offset(now.astimezone(zone)),
        "shown_hours": queries.shown_hours(request.member),
        "kinds": [(kind.value, kind.label) for kind in Outage.Kind if kind != Outage.Kind.EXTERNAL],
        "words": words(),
    }
    return show(request, "bookings/board/board.html", context, fragment="lists")


@access.lab_staff
@require_safe
def events(request: MemberRequest) -> HttpResponse:
    """
    Answer what the board draws of some days, or 304 to whoever has seen just that.

    Pages ask every other second (docs/adr/0015): who has it already costs one statement of the board's own.
    """
    now = timezone.now()
    zone = request.member.organisation.tz
    first, days = queries.asked_window(request.GET, now.astimezone(zone).date())
    etag = quote_etag(queries.mark(request.member, queries.window(first, days, zone), now))
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(queries.board(request.member, first, days, now), content_type="application/json")
        response.headers["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    return response


@access.lab_manager
@require_safe
def take_out(request: MemberRequest) -> HttpResponse:
    """Lead to the form that takes an instrument of the board out, or to the choice of a lab."""
    code = request.GET.get("whose", "")
    mine = Instrument.objects.operated_by(request.member)
    instrument = mine.select_related("lab").filter(code=code).first() if code else None
    labs = [instrument.lab] if instrument else list(Lab.objects.operated_by(request.member).order_by("code")[:2])
    if len(labs) != 1:
        return HttpResponseRedirect(reverse("hours_desk:home"))
    asked = {name: request.GET[name] for name in ("whose", "kind", "start", "end") if request.GET.get(name)}
    page = reverse("foresight:outage", args=[labs[0].code])
    return HttpResponseRedirect(f"{page}?{urlencode(asked)}" if asked else page)


def words() -> str:
    """Return what the board's script says, as JSON: states and modes by their code."""
    told = {
        "states": {state: str(Rental.Status(state).label) for state in SHOWN},
        "modes": {mode.value: str(mode.label) for mode in Rental.Mode},
    }
    return json.dumps(told, ensure_ascii=False)
