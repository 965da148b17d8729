"""The operators of a lab: who they are, what they may run, what they are assigned to."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings.staffing import queries
from bookings.staffing.forms import NewOperatorForm, OperatorFilter, OperatorForm, QualifyForm, instruments_of
from kernel.refusals import Refusal
from labs.catalogue.editing import changes
from labs.desk.views.histories import show_history
from labs.hours.models import OpeningWindow
from labs.hours.views import windows_told
from labs.models import Lab, Operator, OperatorQualification
from labs.staff import operations
from labs.staff import queries as staff
from labs.staff.operations.people import FIELDS
from web import access, lists
from web.pages import show
from web.requests import MemberRequest

FIELD_OF = {"operator_login_taken": "user", "operator_code_taken": "code"}


def ours(request: MemberRequest, pk: int) -> Operator:
    """Return an operator of the member's organisation, or answer 404."""
    theirs = Operator.objects.filter(lab__organisation_id=request.member.organisation_id)
    return get_object_or_404(theirs.select_related("lab", "user"), pk=pk)


@access.lab_staff
@require_safe
def listed(request: MemberRequest) -> HttpResponse:
    """List the lab's operators, with what they may run and whether they are away; as a page or as a file."""
    now = timezone.now()
    found = OperatorFilter(request.GET, queryset=staff.operators(request.member, now))
    return lists.show_list(
        request,
        "bookings/staffing/people.html",
        found,
        file=_("operators"),
        columns=[
            _("Code"), _("Chinese name"), _("English name"), _("Lab"), _("Instruments"), _("Hours"), _("Works here"),
        ],
        row=_row,
        context={"now": now, "tab": "operators"},
    )  # fmt: skip


def _row(operator: Any) -> list[Any]:
    keeps = _("own hours") if operator.keeps_own_hours else _("the lab's hours")
    works = _("yes") if operator.is_active else _("no")
    return [operator.code, operator.name_zh, operator.name_en, operator.lab.name, operator.runs, keeps, works]


@access.lab_manager
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: MemberRequest) -> HttpResponse:
    """Add an operator to one of the labs."""
    labs = Lab.objects.operated_by(request.member).order_by("code", "pk")
    form = NewOperatorForm(request.POST or None, labs=labs)
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.add_operator(**form.cleaned_data, by=request.member, now=timezone.now())
        except Refusal as refusal:
            form.add_error(FIELD_OF.get(refusal.code), str(refusal))
        else:
            messages.success(request, _("Added. Now say what they may run."))
            return HttpResponseRedirect(reverse("people:one", args=[made.pk]))
    return show(request, "bookings/staffing/add.html", {"form": form}, status=422 if form.errors else 200)


@access.lab_staff
@require_safe
def one(request: MemberRequest, pk: int) -> HttpResponse:
    """Show an operator: hours, leaves, what they may run, what they are assigned to."""
    return show_one(request, ours(request, pk))


def show_one(request: MemberRequest, operator: Operator, form: QualifyForm | None = None) -> HttpResponse:
    """Answer with an operator's page, and with a form that was refused on it."""
    now = timezone.now()
    today = now.astimezone(operator.lab.tz).date()
    week = staff.week_of(operator)
    context = {
        "operator": operator,
        "zone": operator.lab.tz,
        "today": today,
        "week": [(str(label), windows_told(week[str(day)])) for day, label in OpeningWindow.Day.choices],
        "keeps_own_hours": any(week.values()),
        "leaves": list(staff.leaves_ahead(operator, now)),
        "qualifications": list(staff.qualifications(operator)),
        "rentals": list(queries.assigned(operator, now)[:30]),
        "form": form or QualifyForm(instruments=instruments_of(request.member), today=today),
    }
    return show(request, "bookings/staffing/person.html", context, status=422 if form else 200)


@access.lab_manager
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: MemberRequest, pk: int) -> HttpResponse:
    """Change what is said of an operator."""
    operator = ours(request, pk)
    shown = changes.mark(changes.of_row(operator, FIELDS))
    form = OperatorForm(request.POST or None, instance=operator, initial={"seen": shown})
    if request.method == "POST" and form.is_valid():
        try:
            told = {**form.said(), "seen": form.cleaned_data["seen"]}
            operations.edit_operator(operator=ours(request, pk), by=request.member, now=timezone.now(), **told)
        except Refusal as refusal:
            form.add_error(FIELD_OF.get(refusal.code), str(refusal))
            form.carry(changes.mark(changes.of_row(ours(request, pk), FIELDS)))
        else:
            messages.success(request, _("Changed."))
            return HttpResponseRedirect(reverse("people:one", args=[pk]))
    context = {"operator": ours(request, pk), "form": form}
    return show(request, "bookings/staffing/edit.html", context, status=422 if form.errors else 200)


@access.lab_staff
@require_safe
def history(request: MemberRequest, pk: int) -> HttpResponse:
    """Show who changed what of an operator."""
    operator = ours(request, pk)
    context = {"operator": operator, "tab": "history"}
    return show_history(request, f"operator:{pk}", operator.lab, "bookings/staffing/history.html", context)


@access.lab_manager
@require_POST
def qualify(request: MemberRequest, pk: int) -> HttpResponse:
    """Let an operator run an instrument, through a day."""
    operator, now = ours(request, pk), timezone.now()
    today = now.astimezone(operator.lab.tz).date()
    form = QualifyForm(request.POST, instruments=instruments_of(request.member), today=today)
    if not form.is_valid():
        return show_one(request, operator, form)
    try:
        operations.qualify_operator(operator=operator, by=request.member, now=now, **form.cleaned_data)
    except Refusal as refusal:
        form.add_error("valid_to" if refusal.code == "qualification_over" else None, str(refusal))
        return show_one(request, operator, form)
    messages.success(request, _("Qualified."))
    return HttpResponseRedirect(reverse("people:one", args=[pk]))


@access.lab_manager
@require_POST
def unqualify(request: MemberRequest, pk: int) -> HttpResponse:
    """Let an operator run an instrument no more."""
    theirs = OperatorQualification.objects.filter(operator__lab__organisation_id=request.member.organisation_id)
    qualification = get_object_or_404(theirs.select_related("operator__lab", "instrument__lab"), pk=pk)
    operator_id = qualification.operator_id
    try:
        operations.unqualify_operator(qualification=qualification, by=request.member, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Withdrawn. What they were assigned to goes to others, where there are others."))
    return HttpResponseRedirect(reverse("people:one", args=[operator_id]))
