"""Taking a lab or an instrument out, changing when, and bringing it back: with the bookings it displaces (BK-8)."""

from datetime import datetime

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bookings.foresight.forms import ChangeOutageForm
from bookings.foresight.queries import closing
from bookings.foresight.views.closing import Change, answered
from bookings.rentals.models import Rental
from kernel.periods import Period
from labs.hours import forms, operations
from labs.hours.views import instruments_of, month_link, our_lab
from labs.models import Instrument, Lab, Outage
from web import access
from web.requests import MemberRequest

FIELDS = {"outage_takes_too_many": "units", "outage_ends_before_it_begins": "end"}


@access.lab_manager
@require_http_methods(["GET", "HEAD", "POST"])
def outage(request: MemberRequest, code: str) -> HttpResponse:
    """Take a lab or one of its instruments out for a time."""
    lab = our_lab(request, code)
    now = timezone.now()
    first: dict[str, object] = {name: request.GET.get(name, "") for name in ("whose", "kind")}
    first |= {name: _asked(request, name, lab) for name in ("start", "end")}
    form = forms.OutageForm(request.POST or None, lab=lab, instruments=instruments_of(lab), now=now, initial=first)

    def change() -> Change:
        told = form.cleaned_data
        of = form.of()
        planned = Outage(
            lab=of if isinstance(of, Lab) else None,
            instrument=of if isinstance(of, Instrument) else None,
            period=Period(told["start"], told["end"]).as_range(),
            units=told["units"],
        )
        return Change(
            concerned=lambda: displaced(of, now, planned=planned),
            make=lambda: operations.announce_outage(
                of=of,
                kind=told["kind"],
                start=told["start"],
                end=told["end"],
                units=told["units"],
                reason_zh=told["reason_zh"],
                reason_en=told["reason_en"],
                by=request.member,
                now=now,
            ),
            done=_("Announced. The time can no longer be booked."),
            back=month_link(lab, told["start"].astimezone(lab.tz).date()),
            fields=FIELDS,
        )

    return answered(request, lab, form, change, now, template="bookings/foresight/outage.html", fragment="closing")


@access.lab_manager
@require_http_methods(["GET", "HEAD", "POST"])
def change_outage(request: MemberRequest, pk: int) -> HttpResponse:
    """Let an outage begin or end at another time, or take another number of units."""
    mine = Q(lab__organisation_id=request.member.organisation_id)
    theirs = Q(instrument__lab__organisation_id=request.member.organisation_id)
    rows = Outage.objects.filter(mine | theirs).select_related("lab", "instrument__lab")
    found = get_object_or_404(rows, pk=pk)
    of = found.instrument or found.lab
    assert of is not None  # noqa: S101 -- the constraint outage_is_of_a_lab_or_an_instrument
    lab = of if isinstance(of, Lab) else of.lab
    now = timezone.now()
    form = ChangeOutageForm(request.POST or None, lab=lab, outage=found)

    def change() -> Change:
        told = form.cleaned_data
        planned = Outage(lab=found.lab, instrument=found.instrument, units=told["units"])
        planned.period = Period(told["start"], told["end"]).as_range()
        return Change(
            concerned=lambda: displaced(of, now, planned=planned, without=found),
            make=lambda: operations.change_outage(
                outage=found, start=told["start"], end=told["end"], units=told["units"], by=request.member, now=now
            ),
            done=_("Changed. Bookings that can take place again are as they were."),
            back=reverse("hours_desk:lab", args=[lab.code]),
            fields=FIELDS,
        )

    template = "bookings/foresight/change_outage.html"
    return answered(request, lab, form, change, now, template=template, fragment="closing", outage=found, of=of)


def displaced(of: Lab | Instrument, now: datetime, *, planned: Outage, without: Outage | None = None) -> list[Rental]:
    """Return the bookings that would have no place any more, and have one now."""
    touched = [of.pk] if isinstance(of, Instrument) else list(of.instruments.values_list("pk", flat=True))
    return closing.newly_without_place(touched, now, planned=[planned], without=without)


def _asked(request: MemberRequest, name: str, lab: Lab) -> datetime | None:
    """Return the moment that the page's address asks for, on the lab's clock."""
    try:
        asked = parse_datetime(request.GET.get(name, ""))
    except ValueError:
        return None
    return asked and asked.replace(tzinfo=asked.tzinfo or lab.tz)
