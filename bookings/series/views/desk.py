"""The lab's side of series: which there are, answering to all dates in one act, calling dates off."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from bookings.rentals import rules
from bookings.series import operations, queries, wording
from bookings.series.filters import SeriesFilter
from bookings.series.forms import AnswerForm, LabCancelForm
from bookings.series.models import Series
from bookings.series.views.answering import as_file, listed_columns, listed_row, ours, shown_as
from bookings.series.views.one import is_ahead, summary
from kernel.refusals import Refusal
from web import access, tables
from web.lists import show_list
from web.pages import show
from web.requests import MemberRequest


@access.lab_staff
@require_safe
def listed(request: MemberRequest) -> HttpResponse:
    """List the series on the lab's instruments; as a page or as a file."""
    now = timezone.now()
    found = SeriesFilter(request.GET, queryset=queries.listed(Series.objects.operated_by(request.member), now))
    return show_list(
        request,
        "bookings/series/desk_list.html",
        found,
        file=_("series"),
        columns=listed_columns(),
        row=listed_row,
        context={"now": now},
    )


@access.lab_staff
@require_safe
def one(request: MemberRequest, uuid: UUID) -> HttpResponse:
    """Show a series on one of the lab's instruments; as a page or as a file."""
    now = timezone.now()
    series = ours(request, uuid)
    fmt = request.GET.get("format", "")
    if tables.asked_for(fmt):
        return as_file(fmt, series, queries.dated(series, now))
    return show_one(request, series, now)


@access.lab_manager
@require_POST
def approve(request: MemberRequest, uuid: UUID) -> HttpResponse:
    """Agree to the chosen dates that wait for the lab."""
    now = timezone.now()
    series = ours(request, uuid)
    form = AnswerForm(request.POST, waiting=_waiting(series, now))
    if not form.is_valid() or not form.cleaned_data["numbers"]:
        return show_one(request, series, now, answer=_nothing_chosen(form))
    try:
        done = operations.approve(series=series, numbers=form.cleaned_data["numbers"], by=request.member, now=now)
    except Refusal as refusal:
        return show_one(request, series, now, refused=refusal)
    number = len(done.done)
    if number:
        told = ngettext("{number} date is approved.", "{number} dates are approved.", number).format(number=number)
        messages.success(request, told)
    for rental, against in done.refused:
        messages.warning(request, _("{number} still waits: {why}").format(number=rental.number, why=against))
    return HttpResponseRedirect(reverse("series:desk_one", args=[uuid]))


@access.lab_manager
@require_POST
def reject(request: MemberRequest, uuid: UUID) -> HttpResponse:
    """Decline the chosen dates that wait for the lab, with a reason."""
    now = timezone.now()
    series = ours(request, uuid)
    form = AnswerForm(request.POST, waiting=_waiting(series, now))
    if not form.is_valid() or not form.cleaned_data["numbers"]:
        return show_one(request, series, now, answer=_nothing_chosen(form))
    try:
        operations.reject(
            series=series,
            numbers=form.cleaned_data["numbers"],
            reason=form.cleaned_data["reason"],
            by=request.member,
            now=now,
        )
    except Refusal as refusal:
        return show_one(request, series, now, answer=form, refused=refusal)
    messages.success(request, _("Declined. The customer reads the reason; the times are free again."))
    return HttpResponseRedirect(reverse("series:desk_one", args=[uuid]))


@access.lab_manager
@require_POST
def cancel(request: MemberRequest, uuid: UUID) -> HttpResponse:
    """Call dates off as the lab, with a reason; the customer owes nothing."""
    now = timezone.now()
    series = ours(request, uuid)
    form = LabCancelForm(request.POST, dates=queries.dated(series, now))
    if not form.is_valid():
        return show_one(request, series, now, calling_off=form)
    try:
        operations.cancel_by_lab(**form.cleaned_data, series=series, by=request.member, now=now)
    except Refusal as refusal:
        return show_one(request, series, now, calling_off=form, refused=refusal)
    messages.success(request, _("Cancelled. The customer reads the reason and owes nothing; the times are free again."))
    return HttpResponseRedirect(reverse("series:desk_one", args=[uuid]))


def _waiting(series: Series, now: datetime) -> list[str]:
    dates = queries.dated(series, now)
    return [one.rental.number for one in dates if one.rental and one.state in rules.MOVES["approve"]]


def _nothing_chosen(form: AnswerForm) -> AnswerForm:
    if not form.errors:
        form.add_error("numbers", _("Please choose the dates."))
    return form


def show_one(
    request: MemberRequest,
    series: Series,
    now: datetime,
    *,
    answer: AnswerForm | None = None,
    calling_off: LabCancelForm | None = None,
    refused: Refusal | None = None,
) -> HttpResponse:
    """Show the lab's page of a series, with what was just refused."""
    dates = queries.dated(series, now)
    waiting = [one for one in dates if one.state in rules.MOVES["approve"]]
    may_manage = request.member.may_manage_lab
    context = {
        "series": series,
        "told": wording.told(series.plan),
        "dates": dates,
        "summary": summary(dates),
        "waiting": waiting,
        "may_answer": may_manage and bool(waiting),
        "may_cancel": may_manage and any(is_ahead(one, now) and one.state in rules.MOVES["cancel"] for one in dates),
        "answer": answer or AnswerForm(waiting=[one.rental.number for one in waiting if one.rental]),
        "calling_off": calling_off or LabCancelForm(dates=dates),
        "refused": refused,
        "now": now,
    }
    is_wrong = bool((answer and answer.errors) or (calling_off and calling_off.errors))
    status = shown_as(refused) if refused else 422 if is_wrong else 200
    return show(request, "bookings/series/desk_one.html", context, status=status)
