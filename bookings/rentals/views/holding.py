"""Holding a time from the instrument's page."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.models import User
from bookings.discovery import choosing
from bookings.discovery import views as discovery
from bookings.rentals import operations
from bookings.rentals.forms import HoldForm
from bookings.rentals.models import Rental
from bookings.rentals.views.answering import once, shown_as
from kernel.refusals import Refusal
from web import access
from web.pages import go
from web.requests import MemberRequest


@access.buyer
@require_POST
def hold(request: MemberRequest, code: str) -> HttpResponse:
    """Keep the chosen time for the organisation, or say why not and what to do instead."""
    now = timezone.now()
    instrument = get_object_or_404(discovery.to_look_at(request), code=code)
    data = choosing.asked(request.POST)
    choice = choosing.choose(instrument, data, member=request.member, now=now, is_exact=True)
    form = HoldForm(request.POST)
    wish = choice.offer.wish if choice.offer else None
    if wish is None or not form.is_valid():
        return discovery.show_choice(request, choice, now=now, status=422)

    def place() -> Rental:
        return operations.place_hold(
            instrument=instrument,
            period=wish.period,
            mode=wish.mode,
            units=wish.units,
            profile=wish.profile,
            materials=wish.materials,
            used_by=colleague(request, choice),
            purpose=form.cleaned_data["purpose"],
            expected=form.expected_total(),
            agreed=form.cleaned_data["consents"],
            by=request.member,
            now=now,
        )

    try:
        number = once(request, key=form.cleaned_data["key"], said=[code, choice.fields, form.cleaned_data], do=place)
    except Refusal as refusal:
        choice = choosing.choose(instrument, data, member=request.member, now=now, refused=refusal)
        return discovery.show_choice(request, choice, now=now, status=shown_as(refusal))
    return go(request, reverse("rentals:rental", args=[number]))


def colleague(request: MemberRequest, choice: choosing.Choice) -> User | None:
    """Return who will use it, where that is not who books; the form has seen to it that they belong here."""
    named = choice.form.cleaned_data.get("used_by") if choice.form else None
    return None if named in (None, request.member.user_id) else User.objects.get(pk=named)
