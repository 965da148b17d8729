"""The lab's instruments: the list, a new one, what is said of one."""

from datetime import datetime
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

from kernel.refusals import Refusal
from labs.catalogue.editing import changes
from labs.catalogue.editing import instruments as editing
from labs.catalogue.editing import offerings as rentals
from labs.catalogue.models import Instrument, Lab, Offering
from labs.desk import operations, queries, wording
from labs.desk.forms.editing import EditForm, both
from labs.desk.forms.instruments import InstrumentFilter, InstrumentForm, NewInstrumentForm, RentalForm, StatusForm
from labs.hours import operations as hours
from web import access, tables
from web.pages import show
from web.requests import MemberRequest

PAGE = 30


def ours(request: MemberRequest, code: str) -> Instrument:
    """Return an instrument of the member's own labs, or answer 404."""
    mine = Instrument.objects.operated_by(request.member).select_related("lab", "category", "room")
    return get_object_or_404(mine, code=code)


def our_labs(request: MemberRequest) -> list[Lab]:
    """Return the labs of the member's organisation."""
    return list(Lab.objects.operated_by(request.member).order_by("code", "pk"))


# --- The list --------------------------------------------------------------------------------------------------------


@access.lab_staff
@require_safe
def listed(request: MemberRequest) -> HttpResponse:
    """List the lab's instruments: status, rental, calibration, price; as a page or as a file."""
    now = timezone.now()
    labs = our_labs(request)
    form = InstrumentFilter(request.GET, labs=[(lab.code, lab.name) for lab in labs])
    found = queries.instruments(_asked(request, form, now), now)
    fmt = request.GET.get("format", "")
    if tables.asked_for(fmt):
        lines = [queries.line(each, now) for each in found[: tables.MOST_ROWS]]
        return tables.answer(fmt, name=_("instruments"), columns=_columns(), rows=map(_line, lines))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "labs": labs,
        "page": page,
        "lines": [queries.line(each, now) for each in page.object_list],
        "is_filtered": any(request.GET.get(name) for name in form.fields),
    }
    return show(request, "labs/desk/instruments.html", context, fragment="results")


def _asked(request: MemberRequest, form: InstrumentFilter, now: datetime) -> Any:
    found = Instrument.objects.operated_by(request.member)
    if not form.is_valid():
        return found
    asked = form.cleaned_data
    if words := asked["q"].strip():
        named = ("name_zh", "name_en", "code", "model", "asset_no", "serial_no")
        condition = Q()
        for name in named:
            condition |= Q(**{f"{name}__icontains": words})
        found = found.filter(condition)
    found = found.filter(lab__code=asked["lab"]) if asked["lab"] else found
    found = found.filter(rental_offering__state=asked["state"]) if asked["state"] else found
    found = found.filter(status=asked["status"]) if asked["status"] else found
    if asked["calibration"]:
        found = queries.by_calibration(found, asked["calibration"], timezone.localdate(now))
    return found


def _columns() -> list[str]:
    return [
        _("Instrument"), _("Code"), _("Lab"), _("Category"), _("Model"), _("Serial number"), _("Asset number"),
        _("Status"), _("Rental"), _("Calibrated until"), _("Price from (¥ an hour)"),
    ]  # fmt: skip


def _line(line: queries.Line) -> list[Any]:
    it = line.instrument
    return [
        it.name, it.code, it.lab.name, it.category.name, it.model, it.serial_no, it.asset_no, it.get_status_display(),
        line.rental.get_state_display() if line.rental else "",
        line.calibrated_until or (_("not calibrated") if it.requires_calibration else _("not needed")),
        line.price_from / 100 if line.price_from is not None else "",
    ]  # fmt: skip


# --- A new one -------------------------------------------------------------------------------------------------------


@access.lab_manager
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: MemberRequest) -> HttpResponse:
    """Add an instrument; it is a draft until the lab publishes it."""
    labs = Lab.objects.operated_by(request.member).order_by("code", "pk")
    form = NewInstrumentForm(request.POST or None, labs=labs)
    if request.method == "POST" and form.is_valid():
        try:
            made = editing.add_instrument(by=request.member, now=timezone.now(), **form.cleaned_data)
        except Refusal as refusal:
            form.add_error("code" if isinstance(refusal, editing.InstrumentCodeTaken) else None, str(refusal))
        else:
            messages.success(request, _("{instrument} is added, as a draft.").format(instrument=made.name))
            return HttpResponseRedirect(reverse("catalogue_desk:instrument", args=[made.code]))
    status = 422 if request.method == "POST" else 200
    return show(request, "labs/desk/new_instrument.html", {"form": form, "has_lab": labs.exists()}, status=status)


# --- What is said of one ---------------------------------------------------------------------------------------------


@access.lab_staff
@require_safe
def instrument(request: MemberRequest, code: str) -> HttpResponse:
    """Show what is said of an instrument, as a form to whoever may change it."""
    return _show_instrument(request, ours(request, code))


@access.lab_manager
@require_POST
def edit(request: MemberRequest, code: str) -> HttpResponse:
    """Change what is said of an instrument."""
    found = ours(request, code)
    form = InstrumentForm(request.POST, instance=ours(request, code), lab=found.lab, today=timezone.localdate())
    clash: list[Any] = []
    if form.is_valid():
        try:
            editing.edit_instrument(
                instrument=found,
                seen=form.cleaned_data["seen"],
                by=request.member,
                now=timezone.now(),
                **form.said(),
            )
        except changes.EditedMeanwhile as refusal:
            now_there = changes.of_row(ours(request, code), editing.FIELDS)
            clash = clashing(form, refusal, Instrument, now_there)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("catalogue_desk:instrument", args=[code]))
    return _show_instrument(request, found, form=form, clash=clash, status=422)


def clashing(form: EditForm, refusal: Refusal, model: Any, now_there: dict[str, Any]) -> list[Any]:
    """Say on the form that somebody else wrote meanwhile, and return both versions of what differs."""
    compared = both(form, model, now_there)
    form.carry(changes.mark(now_there))
    form.add_error(None, str(refusal))
    return compared


def _show_instrument(
    request: MemberRequest,
    found: Instrument,
    *,
    form: Any = None,
    status_form: Any = None,
    clash: Any = (),
    status: int = 200,
) -> HttpResponse:
    zone = found.lab.tz
    if form is None:
        seen = changes.mark(changes.of_row(found, editing.FIELDS))
        form = InstrumentForm(
            instance=ours(request, found.code), initial={"seen": seen}, lab=found.lab, today=timezone.localdate()
        )
    context = {
        "instrument": found,
        "form": form,
        "clash": clash,
        "zone": zone,
        "facts": facts(found, editing.FIELDS),
        "status_form": status_form or StatusForm(initial=StatusForm.of(found), zone=zone),
        "tab": "instrument",
    }
    return show(request, "labs/desk/instrument.html", context, status=status)


def facts(row: Any, fields: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return what a row says, in words, for those who only read."""
    said = changes.of_row(row, fields)
    return [(wording.label(type(row), name), wording.value(type(row), name, said[name])) for name in fields]


@access.lab_manager
@require_POST
def status(request: MemberRequest, code: str) -> HttpResponse:
    """Say what state an instrument is in today."""
    found = ours(request, code)
    form = StatusForm(request.POST, zone=found.lab.tz)
    if form.is_valid():
        try:
            hours.set_status(
                instrument=found,
                status=form.cleaned_data["status"],
                expected_back_at=form.cleaned_data["expected_back_at"],
                reason=form.cleaned_data["reason"],
                by=request.member,
                now=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error("expected_back_at", str(refusal))
        else:
            messages.success(request, _("The status is set; the times that can be booked follow it."))
            return HttpResponseRedirect(reverse("catalogue_desk:instrument", args=[code]))
    return _show_instrument(request, ours(request, code), status_form=form, status=422)


# --- Its rental: whether others see it, what they read ---------------------------------------------------------------


def rental_of(found: Instrument) -> Offering:
    """Return the rental of an instrument, or answer 404."""
    return get_object_or_404(Offering.objects.select_related("lab", "instrument__lab"), instrument=found)


@access.lab_staff
@require_safe
def rental(request: MemberRequest, code: str) -> HttpResponse:
    """Show whether an instrument is in the catalogue, what is missing, and what its customers read."""
    return _show_rental(request, ours(request, code))


@access.lab_manager
@require_POST
def edit_rental(request: MemberRequest, code: str) -> HttpResponse:
    """Change what customers of a rental read before they come."""
    found = ours(request, code)
    offering = rental_of(found)
    form = RentalForm(request.POST, instance=rental_of(found))
    clash: list[Any] = []
    if form.is_valid():
        try:
            rentals.edit_offering(
                offering=offering, seen=form.cleaned_data["seen"], by=request.member, now=timezone.now(), **form.said()
            )
        except changes.EditedMeanwhile as refusal:
            clash = clashing(form, refusal, Offering, rentals.said(rental_of(found)))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("catalogue_desk:rental", args=[code]))
    return _show_rental(request, found, form=form, clash=clash, status=422)


def _show_rental(
    request: MemberRequest, found: Instrument, *, form: Any = None, clash: Any = (), status: int = 200
) -> HttpResponse:
    offering = rental_of(found)
    readiness = queries.instrument_readiness(found, timezone.now())
    if form is None:
        form = RentalForm(instance=offering, initial={"seen": changes.mark(rentals.said(offering))})
    context = {
        "instrument": found,
        "offering": offering,
        "form": form,
        "clash": clash,
        "facts": facts(offering, rentals.RENTAL_FIELDS),
        "zone": found.lab.tz,
        "moves": rentals.MOVES[offering.state],
        "readiness": readiness,
        "missing": [wording.missing(each) for each in readiness.missing],
        "advised": [wording.missing(each) for each in readiness.advised],
        "versions": offering.versions.select_related("published_by").order_by("-version")[:5],
        "tab": "rental",
    }
    return show(request, "labs/desk/rental.html", context, status=status)


@access.lab_manager
@require_http_methods(["GET", "HEAD", "POST"])
def set_state(request: MemberRequest, code: str) -> HttpResponse:
    """Publish, suspend or retire an instrument's rental; what hurts others is asked twice."""
    found = ours(request, code)
    offering = rental_of(found)
    back = reverse("catalogue_desk:rental", args=[code])
    context = {"instrument": found, "tab": "rental", "back": back}
    return moved(request, offering, template="labs/desk/state_of_rental.html", context=context, back=back)


def moved(request: MemberRequest, offering: Offering, *, template: str, context: Any, back: str) -> HttpResponse:
    """Ask whether an offering shall really change its state, or change it."""
    wanted = request.POST.get("to") or request.GET.get("to") or ""
    if wanted not in rentals.MOVES[offering.state]:
        messages.warning(request, _("It cannot go there from where it is now."))
        return HttpResponseRedirect(back)
    if request.method == "POST":
        try:
            operations.set_state(offering=offering, state=wanted, by=request.member, now=timezone.now())
        except Refusal as refusal:
            messages.error(request, str(refusal))
        else:
            state = str(Offering.State(wanted).label)
            messages.success(request, _("{offering} is now: {state}.").format(offering=offering.name, state=state))
        return HttpResponseRedirect(back)
    asked = {**context, "offering": offering, "wanted": wanted}
    return show(request, template, asked)
