"""The catalogue as a customer sees it: home and one instrument; finding is in `search`, labs in `disclosure`."""

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bookings.discovery import choosing, queries, structured
from kernel.money import Money
from kernel.periods import Period
from labs.catalogue.models import InstrumentQuerySet
from labs.hours.rules import midnight
from labs.models import Instrument
from web import access
from web.pages import asks_for_a_part, go, show
from web.requests import PageRequest

LONGEST_LOOK = 31
"""How many days of a calendar are answered at once."""


@access.anyone
@require_safe
def home(request: PageRequest) -> HttpResponse:
    """Show one search box, the three doors, the city's labs, and what there is."""
    return show(request, "bookings/discovery/home.html", queries.home())


# --- One instrument ----------------------------------------------------------------------------------------------


def to_look_at(request: Any) -> InstrumentQuerySet:
    """Return the instruments this person may look at, with what every page about one shows."""
    visible: InstrumentQuerySet = Instrument.objects.visible_to(request.member)
    return visible.select_related("lab__district", "category", "room")


@access.anyone
@require_safe
def instrument(request: PageRequest, code: str) -> HttpResponse:
    """Show an instrument, its week, its terms, and the booking card with the time the query chooses."""
    now = timezone.now()
    found = get_object_or_404(to_look_at(request), code=code)
    choice = choosing.choose(found, choosing.asked(request.GET), member=request.member, now=now)
    return show_choice(request, choice, now=now)


@access.anyone
@require_safe
def price(request: PageRequest, code: str) -> HttpResponse:
    """Answer a choice of time with its price lines, or with the reasons against it and what to do instead."""
    if not asks_for_a_part(request):
        page = reverse("discovery:instrument", args=[code])
        return HttpResponseRedirect(f"{page}?{request.GET.urlencode()}#booking")
    now = timezone.now()
    found = get_object_or_404(to_look_at(request), code=code)
    choice = choosing.choose(found, choosing.asked(request.GET), member=request.member, now=now)
    response = show_choice(request, choice, now=now)
    response.headers["HX-Replace-Url"] = f"{page_of(found)}?{choice.query}"
    return response


def show_choice(request: Any, choice: choosing.Choice, *, now: datetime, status: int = 200) -> HttpResponse:
    """Show the instrument's page with a choice of time; to htmx, only what the choice changes."""
    is_part = asks_for_a_part(request)
    context: dict[str, Any] = {
        "choice": choice,
        "instrument": choice.instrument,
        "lab": choice.instrument.lab,
        "is_part": is_part,
        "now": now,
        "purpose": request.POST.get("purpose", ""),
        "options": options(choice),
        "login_next": f"{page_of(choice.instrument)}?{choice.query}",
    }
    if not is_part:
        context |= queries.instrument_page(choice.instrument, choice.terms, member=request.member, now=now)
        context["about"] = about(choice)
    return show(request, "bookings/discovery/instrument.html", context, fragment="choice", status=status)


def about(choice: choosing.Choice) -> structured.About:
    """Return what an instrument's page says of itself to others."""
    shown = choice.instrument
    path = page_of(shown)
    rate = Money(choice.terms.rates.base_rate_fen_per_hour) if choice.terms else None
    lab_path = reverse("discovery:lab", args=[shown.lab.code])
    description = " · ".join(each for each in (shown.model, shown.lab.name) if each)
    thing = structured.instrument(shown, path=path, lab_path=lab_path, base_rate=rate)
    return structured.About(path=path, title=shown.name, description=description, things=[thing], kind="product")


def page_of(instrument: Instrument) -> str:
    """Return the address of an instrument's page."""
    return reverse("discovery:instrument", args=[instrument.code])


def options(choice: choosing.Choice) -> list[dict[str, Any]]:
    """Return the next free times of a refused choice, as the links and buttons that choose them."""
    if choice.offer is None or choice.offer.instead is None or choice.form is None:
        return []
    wish, zone = choice.offer.wish, choice.instrument.lab.tz
    found = []
    for start in choice.offer.instead.starts:
        fields = queries.local_fields(start, zone)
        query = f"{urlencode(fields)}&{choice.wanted}"
        found.append({**fields, "query": query, "period": Period.starting(start, wish.period.minutes)})
    return found


@access.anyone
@require_safe
def next_time(request: PageRequest, code: str) -> HttpResponse:
    """
    Lead to the next time that fits a length and its details, from a day on; or say that there is none.

    With `group` any of the instrument's group will do (BK-10): it leads to the one that is free first.
    """
    now = timezone.now()
    found = get_object_or_404(to_look_at(request), code=code)
    data = choosing.asked(request.GET)
    choice = choosing.choose(found, data, member=request.member, now=now)
    if choice.form is None or not choice.form.is_valid() or choice.day is None:
        return show_choice(request, choice, now=now, status=422)
    among = {one.pk: one for one in any_of(found, request.GET.get("group", ""))}
    fit = queries.next_fit(
        among.values(),
        member=request.member,
        now=now,
        since=midnight(choice.day, found.lab.tz),
        minutes=choice.form.cleaned_data["minutes"],
        mode=choice.form.cleaned_data["mode"],
        used_by=choosing.who_uses_it(data, choosing.colleagues(request.member)),
        **choice.form.details(),
    )
    if fit is None:
        messages.info(request, _("No time of this length fits from that day on, as far ahead as booking is open."))
        return go(request, f"{page_of(found)}?{choice.query}#booking")
    where = among[fit.instrument_id]
    fields = urlencode(queries.local_fields(fit.start, where.lab.tz))
    return go(request, f"{page_of(where)}?{fields}&{choice.wanted}#booking")


def any_of(found: Instrument, group_code: str) -> list[Instrument]:
    """Return the instruments of a group that this one belongs to, in the order they are tried; else this one alone."""
    group = found.groups.filter(code=group_code).first() if group_code else None
    members = group.instruments.published().select_related("lab").order_by("code") if group else []
    return list(members) or [found]


@access.anyone
@require_safe
def week(request: PageRequest, code: str) -> HttpResponse:
    """Answer the pieces of an instrument's time for the calendar: free, taken, closed and why; in the lab's clock."""
    now = timezone.now()
    found = get_object_or_404(to_look_at(request), code=code)
    first, days = window_of(request.GET, now.astimezone(found.lab.tz).date())
    pieces = queries.pieces(found, first=first, days=days, member=request.member, now=now)
    response = JsonResponse({"zone": found.lab.timezone, "from": first.isoformat(), "days": days, "pieces": pieces})
    patch_cache_control(response, private=True, no_cache=True)
    return response


def window_of(query: Any, today: date) -> tuple[date, int]:
    """Return the first day and the number of days that a calendar asks for; this week where it asks for nonsense."""
    first = queries.day_of({"date": query.get("from")}) or today - timedelta(days=today.weekday())
    asked = str(query.get("days", ""))
    days = int(asked) if asked.isdecimal() and len(asked) < 4 else 7
    return first, max(1, min(days, LONGEST_LOOK))
