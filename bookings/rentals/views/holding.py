"""Holding a time from the instrument's page."""

import json

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from audit.requests import operations as requests
from audit.requests.rules import fingerprint
from bookings.discovery import choosing
from bookings.discovery import views as discovery
from bookings.rentals import operations
from bookings.rentals.forms import HoldForm
from bookings.rentals.views.answering import go, shown_as
from kernel.refusals import Refusal
from web import access
from web.requests import MemberRequest


@access.buyer
@require_POST
def hold(request: MemberRequest, code: str) -> HttpResponse:
    """Keep the chosen time for the organisation, or say why not and what to do instead."""
    now = timezone.now()
    instrument = get_object_or_404(discovery.to_look_at(request), code=code)
    choice = choosing.choose(instrument, request.POST.dict(), member=request.member, now=now, is_exact=True)
    form = HoldForm(request.POST)
    wish = choice.offer.wish if choice.offer else None
    if wish is None or not form.is_valid():
        return discovery.show_choice(request, choice, now=now, status=422)
    said = json.dumps([code, wish.period.start.isoformat(), wish.period.minutes, wish.mode, form.cleaned_data])
    once = fingerprint(method="POST", path=request.path, body=said.encode())
    key = form.cleaned_data["key"]
    try:
        with transaction.atomic():
            answered = requests.begin(member=request.member, key=key, fingerprint=once)
            if answered is None:
                rental = operations.place_hold(
                    instrument=instrument,
                    period=wish.period,
                    mode=wish.mode,
                    purpose=form.cleaned_data["purpose"],
                    expected=form.expected_total(),
                    agreed=form.cleaned_data["consents"],
                    by=request.member,
                    now=now,
                )
                number = rental.number
                requests.finish(member=request.member, key=key, status=201, answer={"number": number})
            else:
                number = dict(answered.answer or {})["number"]
    except Refusal as refusal:
        data = request.POST.dict()
        choice = choosing.choose(instrument, data, member=request.member, now=now, refused=refusal)
        return discovery.show_choice(request, choice, now=now, status=shown_as(refusal))
    return go(request, reverse("rentals:rental", args=[number]))
