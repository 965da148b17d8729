"""What a lab must see to, as a list; closing one says what was done."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bookings.tasks import operations, queries, wording
from bookings.tasks.filters import OPEN, TaskFilter
from bookings.tasks.forms import CloseForm
from bookings.tasks.models import Task
from kernel.refusals import Refusal
from web import access, tables
from web.pages import show
from web.requests import MemberRequest

PAGE = 30


@access.lab_staff
@require_safe
def listed(request: MemberRequest) -> HttpResponse:
    """List the lab's tasks, filtered as the query says; as a page or as a file."""
    found = TaskFilter(request.GET, queryset=queries.listed(request.member))
    fmt = request.GET.get("format", "")
    if tables.asked_for(fmt):
        return tables.answer(fmt, name=_("tasks"), columns=columns(), rows=map(row, found.qs[: tables.MOST_ROWS]))
    return show_list(request, found)


@access.lab_staff
@require_POST
def close(request: MemberRequest, pk: int) -> HttpResponse:
    """Close a task with what was done."""
    task = get_object_or_404(Task.objects.visible_to(request.member), pk=pk)
    form = CloseForm(request.POST)
    found = TaskFilter({}, queryset=queries.listed(request.member))
    if not form.is_valid():
        return show_list(request, found, form=form, refused_on=task.pk, status=422)
    try:
        operations.close(task=task, note=form.cleaned_data["note"], by=request.member, now=timezone.now())
    except Refusal as refusal:
        return show_list(request, found, refused=refusal, status=refusal.status)
    messages.success(request, _("Closed. What was done stays with the task."))
    return HttpResponseRedirect(reverse("tasks:list"))


def show_list(
    request: MemberRequest,
    found: TaskFilter,
    *,
    form: CloseForm | None = None,
    refused_on: int | None = None,
    refused: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the list, with what was just refused."""
    chosen = found.data.get("state", OPEN)
    page = Paginator(found.qs, PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": found,
        "page": page,
        "told": [(task, wording.matter(task), wording.advice(task)) for task in page],
        "state": chosen,
        "is_filtered": chosen != OPEN or any(found.data.get(name) for name in ("kind", "instrument")),
        "form": form,
        "refused_on": refused_on,
        "refused": refused,
    }
    return show(request, "bookings/tasks/list.html", context, fragment="results", status=status)


def columns() -> list[str]:
    """Return the headings of the exported list."""
    return [
        _("Kind"), _("Booking"), _("Instrument"), _("Code"), _("Customer"), _("Start"), _("End"), _("Time zone"),
        _("What is the matter"), _("Opened at"), _("Closed at"), _("By"), _("How it was seen to"),
    ]  # fmt: skip


def row(task: Any) -> list[Any]:
    """Return a task as a line of the exported list, in the lab's time."""
    lab, rental = task.lab, task.rental
    closed_by = (task.closed_by.name or task.closed_by.email) if task.closed_by else ""
    return [
        str(task.get_kind_display()),
        rental.number if rental else "",
        rental.instrument.name if rental else "",
        rental.instrument.code if rental else "",
        rental.organisation.name if rental else "",
        rental.time.start.astimezone(lab.tz) if rental else "",
        rental.time.end.astimezone(lab.tz) if rental else "",
        lab.timezone,
        wording.matter(task),
        task.opened_at.astimezone(lab.tz),
        task.closed_at.astimezone(lab.tz) if task.closed_at else "",
        closed_by,
        task.note,
    ]
