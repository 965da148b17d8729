"""The inbox: who asks for what and until when, with what one needs to know to answer; one by one or several at once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bookings.board import queries
from bookings.board.forms import AnswerForm
from bookings.board.reasons import reason_for
from bookings.rentals import operations
from bookings.rentals.models import Rental
from kernel.refusals import Refusal
from labs.models import Operator
from web import access
from web.pages import show
from web.requests import MemberRequest

MOST_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of one answer."""

    number: str
    is_done: bool
    said: str


@access.lab_staff
@require_http_methods(["GET", "HEAD"])
def approvals(request: MemberRequest) -> HttpResponse:
    """Show what waits for the lab's answer, the most urgent first."""
    return _shown(request, AnswerForm(), [])


@access.lab_manager
@require_http_methods(["POST"])
def answer(request: MemberRequest) -> HttpResponse:
    """Approve or decline the bookings chosen, each by itself: one that is refused leaves the others answered."""
    now = timezone.now()
    form = AnswerForm(_sent(request))
    if not form.is_valid():
        return _shown(request, form, [], status=422)
    chosen = form.cleaned_data["number"][:MOST_AT_ONCE]
    mine = Rental.objects.operated_by(request.member).with_places().select_related("policy").filter(number__in=chosen)
    results = [_answered(request, rental, form, now) for rental in mine.order_by("held_until", "pk")]
    status = 200 if all(one.is_done for one in results) else 409
    return _shown(request, AnswerForm() if status == 200 else form, results, status=status)


def _sent(request: MemberRequest) -> QueryDict:
    """Return what was sent; the button of one booking means that one alone."""
    sent = request.POST.copy()
    if one := sent.get("approve_one"):
        sent["act"] = AnswerForm.APPROVE
        sent.setlist("number", [one])
    return sent


def _answered(request: MemberRequest, rental: Rental, form: AnswerForm, now: datetime) -> Answered:
    told = form.cleaned_data
    try:
        if told["act"] == AnswerForm.APPROVE:
            operator = _operator(request, rental)
            operations.approve(rental=rental, operator=operator, by=request.member, now=now)
            return Answered(rental.number, is_done=True, said=_("Approved. The customer can confirm it now."))
        reason = reason_for(rental.placed_by, template=told["template"], more=told["reason"])
        operations.reject(rental=rental, reason=reason, by=request.member, now=now)
    except Refusal as refusal:
        return Answered(rental.number, is_done=False, said=f"{refusal} {refusal.remedy}".strip())
    return Answered(
        rental.number, is_done=True, said=_("Declined. The customer reads the reason; the time is free again.")
    )


def _operator(request: MemberRequest, rental: Rental) -> Operator | None:
    """Return the operator chosen for a booking; None leaves it to the rules."""
    key = request.POST.get(f"operator-{rental.number}", "")
    if not key.isdecimal():
        return None
    theirs = Operator.objects.filter(lab__organisation_id=request.member.organisation_id, is_active=True)
    return theirs.filter(pk=key).first()


def _shown(request: MemberRequest, form: AnswerForm, results: list[Answered], status: int = 200) -> HttpResponse:
    now = timezone.now()
    context: dict[str, Any] = {
        "requests": queries.inbox(request.member, now),
        "form": form,
        "ticked": form.data.getlist("number") if isinstance(form.data, QueryDict) else [],
        "results": results,
        "now": now,
    }
    return show(request, "bookings/board/approvals.html", context, fragment="inbox", status=status)
