"""The lab's services: the list, a new one, what is said of one, whether its method is in scope, its state."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel.money import Money
from kernel.refusals import Refusal
from labs.catalogue.editing import changes
from labs.catalogue.editing import offerings as editing
from labs.catalogue.models import Lab, Offering
from labs.desk import queries, wording
from labs.desk.forms import offerings as forms
from labs.desk.forms.editing import both, with_a_row_more
from labs.desk.views.instruments import facts, moved, our_labs
from web import access, tables
from web.pages import show
from web.requests import MemberRequest

PAGE = 30
TIERS, URGENT = "tiers", "urgent"


def ours(request: MemberRequest, code: str) -> Offering:
    """Return a service of the member's own labs, or answer 404."""
    mine = Offering.objects.operated_by(request.member).services().select_related("lab", "provider", "instrument")
    return get_object_or_404(mine, code=code)


@access.lab_staff
@require_safe
def listed(request: MemberRequest) -> HttpResponse:
    """List the lab's services: kind, state, price, turnaround; as a page or as a file."""
    labs = our_labs(request)
    form = forms.ServiceFilter(request.GET, labs=[(lab.code, lab.name) for lab in labs])
    found = Offering.objects.operated_by(request.member).services()
    if form.is_valid():
        asked = form.cleaned_data
        if words := asked["q"].strip():
            named = ("name_zh", "name_en", "code", "parameter_zh", "parameter_en")
            condition = Q()
            for name in named:
                condition |= Q(**{f"{name}__icontains": words})
            found = found.filter(condition)
        found = found.filter(lab__code=asked["lab"]) if asked["lab"] else found
        found = found.filter(kind=asked["kind"]) if asked["kind"] else found
        found = found.filter(state=asked["state"]) if asked["state"] else found
    ordered = found.select_related("lab").order_by("lab__code", "code", "pk")
    fmt = request.GET.get("format", "")
    if tables.asked_for(fmt):
        return tables.answer(
            fmt,
            name=_("services"),
            columns=[
                _("Service"), _("Code"), _("Lab"), _("Kind of service"), _("State"), _("Unit price (¥)"),
                _("Price unit"), _("Turnaround (workdays)"),
            ],
            rows=[
                [it.name, it.code, it.lab.name, it.get_kind_display(), it.get_state_display(), it.unit_price_fen / 100,
                 it.price_unit_zh, it.turnaround_workdays if it.turnaround_workdays is not None else ""]
                for it in ordered[: tables.MOST_ROWS]
            ],
        )  # fmt: skip
    page = Paginator(ordered, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "labs": labs,
        "page": page,
        "is_filtered": any(request.GET.get(name) for name in form.fields),
    }
    return show(request, "labs/desk/services.html", context, fragment="results")


@access.lab_manager
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: MemberRequest) -> HttpResponse:
    """Add a service; it is a draft until the lab publishes it."""
    labs = Lab.objects.operated_by(request.member).order_by("code", "pk")
    form = forms.NewServiceForm(request.POST or None, labs=labs)
    if request.method == "POST" and form.is_valid():
        try:
            made = editing.add_service(by=request.member, now=timezone.now(), **form.cleaned_data)
        except Refusal as refusal:
            form.add_error("code" if isinstance(refusal, editing.OfferingCodeTaken) else None, str(refusal))
        else:
            messages.success(request, _("{offering} is added, as a draft.").format(offering=made.name))
            return HttpResponseRedirect(reverse("catalogue_desk:service", args=[made.code]))
    status = 422 if request.method == "POST" else 200
    return show(request, "labs/desk/new_service.html", {"form": form, "has_lab": labs.exists()}, status=status)


# --- What is said of one ---------------------------------------------------------------------------------------------


@access.lab_staff
@require_safe
def service(request: MemberRequest, code: str) -> HttpResponse:
    """Show what is said of a service, as a form to whoever may change it."""
    found = ours(request, code)
    form = forms.ServiceForm(
        instance=ours(request, code), lab=found.lab, initial=forms.initial(found, changes.mark(editing.said(found)))
    )
    tiers = forms.TierRows(initial=found.tiers, prefix=TIERS)
    urgent = forms.UrgentRows(initial=found.urgent_options, prefix=URGENT)
    standards, parameters = list(found.standards.order_by("number")), [found.parameter_zh, found.parameter_en]
    return _show(request, found, form, tiers, urgent, standards=standards, parameters=parameters)


@access.lab_manager
@require_POST
def edit(request: MemberRequest, code: str) -> HttpResponse:
    """Change what is said of a service; a published one is kept as a new version."""
    found = ours(request, code)
    for prefix in (TIERS, URGENT):
        if request.POST.get("another") == prefix:
            data = with_a_row_more(request.POST, prefix, forms.MOST_ROWS)
            return _show(request, found, *_sent(request, found, data))
    form, tiers, urgent = _sent(request, found, request.POST)
    clash: list[Any] = []
    if form.is_valid() and tiers.is_valid() and urgent.is_valid():
        values = {
            **form.said(),
            "tiers": forms.listed(tiers, "min_qty"),
            "urgent_options": forms.listed(urgent, "workdays"),
        }
        if not any(row.errors for row in (*tiers, *urgent)):
            try:
                editing.edit_offering(
                    offering=found, seen=form.cleaned_data["seen"], by=request.member, now=timezone.now(), **values
                )
            except changes.EditedMeanwhile as refusal:
                now_there = editing.said(ours(request, code))
                clash = both(form, Offering, now_there)
                form.carry(changes.mark(now_there))
                form.add_error(None, str(refusal))
            except Refusal as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Saved."))
                return HttpResponseRedirect(reverse("catalogue_desk:service", args=[code]))
    return _show(request, found, form, tiers, urgent, clash=clash, status=422)


def _sent(request: MemberRequest, found: Offering, data: Any) -> tuple[Any, Any, Any]:
    return (
        forms.ServiceForm(data, instance=ours(request, found.code), lab=found.lab),
        forms.TierRows(data, prefix=TIERS),
        forms.UrgentRows(data, prefix=URGENT),
    )


@access.lab_manager
@require_POST
def scope(request: MemberRequest, code: str) -> HttpResponse:
    """Say whether the method as written so far is in the lab's scope today (LAB-1); nothing is kept."""
    found = ours(request, code)
    form, tiers, urgent = _sent(request, found, request.POST)
    return _show(request, found, form, tiers, urgent, fragment="scope")


def _show(
    request: MemberRequest,
    found: Offering,
    form: Any,
    tiers: Any,
    urgent: Any,
    *,
    standards: list[Any] | None = None,
    parameters: list[str] | None = None,
    clash: Any = (),
    fragment: str = "writing",
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    today = now.astimezone(found.lab.tz).date()
    if standards is None:
        form.is_valid()
        standards = form.cleaned_data.get("standards", [])
        parameters = [form.cleaned_data.get(name, "") for name in ("parameter_zh", "parameter_en")]
    readiness = queries.service_readiness(found, today)
    context = {
        "offering": found,
        "form": form,
        "tiers": tiers,
        "urgent": urgent,
        "clash": clash,
        "covered": queries.covered(lab=found.lab, standards=standards, parameters=parameters or [], on=today),
        "has_parameter": any(parameters or []),
        "today": today,
        "facts": _facts(found),
        "moves": editing.MOVES[found.state],
        "readiness": readiness,
        "missing": [wording.missing(each) for each in readiness.missing],
        "advised": [wording.missing(each) for each in readiness.advised],
        "versions": found.versions.select_related("published_by").order_by("-version")[:5],
        "zone": found.lab.tz,
        "tab": "service",
    }
    return show(request, "labs/desk/service.html", context, fragment=fragment, status=status)


def _facts(found: Offering) -> list[tuple[str, str]]:
    linked = editing.said(found)
    told = [
        (wording.label(Offering, name), wording.value(Offering, name, linked[name]))
        for name in ("standards", "instruments")
    ]
    return [*facts(found, editing.FIELDS[found.kind]), *told]


@access.lab_manager
@require_http_methods(["GET", "HEAD", "POST"])
def set_state(request: MemberRequest, code: str) -> HttpResponse:
    """Publish, suspend or retire a service; what hurts others is asked twice."""
    back = reverse("catalogue_desk:service", args=[code])
    context = {"tab": "service", "back": back}
    return moved(request, ours(request, code), template="labs/desk/state_of_service.html", context=context, back=back)


# --- Its versions ----------------------------------------------------------------------------------------------------


@access.lab_staff
@require_safe
def versions(request: MemberRequest, code: str) -> HttpResponse:
    """Show how a service was worded in each of its versions, and what changed from one to the next."""
    found = ours(request, code)
    rows = list(found.versions.select_related("published_by").order_by("version"))
    told: list[dict[str, Any]] = []
    before: dict[str, Any] = {}
    for row in rows:
        differ = changes.between(before, row.snapshot) if before else []
        told.append(
            {
                "version": row,
                "price": Money(int(row.snapshot.get("unit_price_fen") or 0)),
                "changes": [
                    (
                        wording.label(Offering, each["field"]),
                        wording.value(Offering, each["field"], each["before"]),
                        wording.value(Offering, each["field"], each["after"]),
                    )
                    for each in differ
                ],
            }
        )
        before = row.snapshot
    context = {"offering": found, "versions": told[::-1], "zone": found.lab.tz, "tab": "versions"}
    return show(request, "labs/desk/versions_of_service.html", context)
