"""A rental in use, as its customer sees it: going on longer, the choices after a breakdown, and settling."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from bookings.rentals import operations
from bookings.rentals.forms import AbandonForm, UntilForm
from bookings.rentals.models import Rental
from bookings.rentals.views.answering import theirs
from bookings.rentals.views.one import show_rental
from kernel.refusals import Refusal
from web import access
from web.pages import go
from web.requests import MemberRequest


@access.buyer
@require_POST
def extend(request: MemberRequest, number: str) -> HttpResponse:
    """Go on longer than booked."""
    now = timezone.now()
    mine = theirs(request, number)
    form = UntilForm(request.POST, zone=mine.instrument.lab.tz)
    if not form.is_valid():
        return show_rental(request, mine, now, extension=form, status=422)
    until = form.cleaned_data["until"]
    return step(
        request,
        number,
        lambda: operations.extend(rental=mine, until=until, by=request.member, now=now),
        done=_("Extended. What it adds stands among the price lines."),
    )


@access.buyer
@require_POST
def abandon(request: MemberRequest, number: str) -> HttpResponse:
    """End an interrupted use where it stopped."""
    now = timezone.now()
    mine = theirs(request, number)
    form = AbandonForm(request.POST)
    unusable = form.is_valid() and form.cleaned_data["unusable"]
    return step(
        request,
        number,
        lambda: operations.abandon(rental=mine, unusable=unusable, by=request.member, now=now),
        done=_("Ended where it stopped. The rest is given back."),
    )


def _doing(do: Callable[..., Rental], done: str | Promise) -> Callable[..., HttpResponse]:
    """Return the view of a step that nothing is asked for."""

    @access.buyer
    @require_POST
    def view(request: MemberRequest, number: str) -> HttpResponse:
        now = timezone.now()
        mine = theirs(request, number)
        return step(request, number, lambda: do(rental=mine, by=request.member, now=now), done=str(done))

    return view


resume = _doing(operations.resume, gettext_lazy("The use goes on."))
unusable = _doing(
    operations.declare_unusable,
    gettext_lazy("The lab has been told. Without its objection within two working days nothing is owed."),
)
settle = _doing(operations.settle, gettext_lazy("Settled."))


def step(request: MemberRequest, number: str, do: Callable[[], Rental], *, done: str) -> HttpResponse:
    """Do a step and show the rental; a refusal is shown with it."""
    try:
        do()
    except Refusal as refusal:
        return show_rental(request, theirs(request, number), timezone.now(), refused=refusal)
    messages.success(request, done)
    return go(request, reverse("rentals:rental", args=[number]))
