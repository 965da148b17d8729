"""What is ahead of a customer: the home of their bookings, and the list of their rentals."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bookings.rentals import queries
from bookings.rentals.filters import RentalFilter
from bookings.rentals.models import Rental
from bookings.rentals.needs import needs_now
from web import access
from web.lists import show_list
from web.pages import show
from web.requests import MemberRequest


@access.member
@require_safe
def my(request: MemberRequest) -> HttpResponse:
    """Show what needs the organisation now, what is next, and how its monthly account stands."""
    now = timezone.now()
    member = request.member
    sees_money = member.may_see_money or member.may_book
    context = {
        "now": now,
        "needs": needs_now(member, now),
        "upcoming": queries.upcoming(member, now),
        "account": queries.account_of(member.organisation) if sees_money else None,
        "sees_money": sees_money,
    }
    return show(request, "bookings/rentals/my.html", context)


@access.member
@require_safe
def rentals(request: MemberRequest) -> HttpResponse:
    """List the organisation's rentals, filtered as the query says; as a page or as a file."""
    now = timezone.now()
    found = RentalFilter(request.GET, queryset=queries.listed(request.member, now))
    return show_list(
        request,
        "bookings/rentals/list.html",
        found,
        file=_("rentals"),
        columns=columns(),
        row=row,
        context={"now": now},
    )


def columns() -> list[str]:
    """Return the headings of the exported list."""
    return [
        _("Number"), _("State"), _("Instrument"), _("Code"), _("Lab"), _("Start"), _("End"), _("Time zone"),
        _("Mode"), _("Booked by"), _("Price (¥)"), _("Cancellation fee (¥)"),
    ]  # fmt: skip


def row(rental: Any) -> list[Any]:
    """Return a rental as a line of the exported list, in the lab's time."""
    lab = rental.instrument.lab
    return [
        rental.number,
        str(Rental.Status(rental.state).label),
        rental.instrument.name,
        rental.instrument.code,
        lab.name,
        rental.time.start.astimezone(lab.tz),
        rental.time.end.astimezone(lab.tz),
        lab.timezone,
        str(rental.get_mode_display()),
        rental.placed_by.name or rental.placed_by.email,
        rental.total_fen / 100,
        rental.fee_fen / 100,
    ]
