"""The lab's price lists and terms of booking: what holds, what will hold, and writing the next version."""

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
from labs.catalogue.models import Instrument, Lab
from labs.tariffs import forms, operations, queries, rules, wording
from labs.tariffs.models import BookingPolicy, Tariff
from labs.tariffs.picture import Picture, drawn
from web import access, tables
from web.pages import show
from web.requests import MemberRequest

PAGE = 30
BANDS, STEPS = "bands", "steps"
"""The prefixes of the rows in the forms."""


def ours(request: MemberRequest, code: str) -> Instrument:
    """Return an instrument of the member's own labs, or answer 404."""
    mine = Instrument.objects.operated_by(request.member).select_related("lab")
    return get_object_or_404(mine, code=code)


@access.lab_staff
@require_safe
def listed(request: MemberRequest) -> HttpResponse:
    """List what the lab's instruments cost now, and when that changes; as a page or as a file."""
    now = timezone.now()
    labs = list(Lab.objects.operated_by(request.member).order_by("code", "pk"))
    found = Instrument.objects.operated_by(request.member).exclude(status=Instrument.Status.RETIRED)
    form = forms.PriceListFilter(request.GET, labs=[(lab.code, lab.name) for lab in labs])
    if form.is_valid():
        asked = form.cleaned_data
        words = Q(name_zh__icontains=asked["q"]) | Q(name_en__icontains=asked["q"]) | Q(code__icontains=asked["q"])
        found = found.filter(words) if asked["q"] else found
        found = found.filter(lab__code=asked["lab"]) if asked["lab"] else found
        found = found.exclude(tariffs__valid_from__lte=now) if asked["missing"] else found
    ordered = found.select_related("lab").order_by("lab__code", "code", "pk")
    fmt = request.GET.get("format", "")
    if tables.asked_for(fmt):
        lines = map(_line, queries.price_lists(list(ordered[: tables.MOST_ROWS]), now))
        return tables.answer(fmt, name=_("price lists"), columns=_columns(), rows=lines)
    page = Paginator(ordered, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "labs": labs,
        "lines": queries.price_lists(list(page.object_list), now),
        "is_filtered": any(request.GET.get(name) for name in form.fields),
    }
    return show(request, "labs/tariffs/list.html", context, fragment="results")


def _columns() -> list[str]:
    return [
        _("Instrument"), _("Code"), _("Lab"), _("Version"), _("Holds from"), _("Time zone"), _("Base rate (¥ an hour)"),
        _("Set-up (¥, once a booking)"), _("Operator (¥ an hour)"), _("Minimum charge (¥)"), _("Bands"),
        _("Discount for small and medium enterprises (%)"), _("Next price list from"),
    ]  # fmt: skip


def _line(line: queries.PriceList) -> list[Any]:
    tariff, lab = line.tariff, line.instrument.lab
    then = line.next_from.astimezone(lab.tz) if line.next_from else ""
    named = [line.instrument.name, line.instrument.code, lab.name]
    if tariff is None:
        return [*named, "", "", lab.timezone, "", "", "", "", "", "", then]
    return [
        *named,
        tariff.version,
        tariff.valid_from.astimezone(lab.tz),
        lab.timezone,
        tariff.base_rate_fen_per_hour / 100,
        tariff.setup_fee_fen / 100,
        tariff.operator_fee_fen_per_hour / 100,
        tariff.min_charge_fen / 100,
        len(tariff.bands),
        tariff.sme_discount_bp / 100,
        then,
    ]


@access.lab_staff
@require_safe
def terms(request: MemberRequest, code: str) -> HttpResponse:
    """Show all price lists and terms of booking of an instrument, with a picture of each price list."""
    instrument = ours(request, code)
    now = timezone.now()
    tariffs = [
        {
            "version": version,
            "picture": drawn(version.terms.bands, version.terms.base_rate_fen_per_hour),
            "discount": wording.percent(version.terms.sme_discount_bp) if version.terms.sme_discount_bp else "",
        }
        for version in queries.versions(Tariff, instrument, now)
    ]
    policies = [
        {
            "version": version,
            "ladder": wording.ladder(version.terms.cancellation),
            "reserve": wording.percent(version.terms.sme_reserve_bp) if version.terms.sme_reserve_bp else "",
        }
        for version in queries.versions(BookingPolicy, instrument, now)
    ]
    context = {
        "instrument": instrument,
        "zone": instrument.lab.tz,
        "tariffs": tariffs,
        "policies": policies,
        "tab": "tariff",
    }
    return show(request, "labs/tariffs/terms.html", context)


# --- Writing the next price list ---------------------------------------------------------------------------------


@access.lab_manager
@require_http_methods(["GET", "HEAD", "POST"])
def new_tariff(request: MemberRequest, code: str) -> HttpResponse:
    """Write and publish the next price list of an instrument."""
    instrument = ours(request, code)
    if request.method != "POST":
        last = Tariff.objects.filter(instrument=instrument).order_by("-version").first()
        initial, bands = forms.tariff_initial(last)
        form = forms.TariffForm(initial=initial, zone=instrument.lab.tz)
        rows = forms.BandFormSet(initial=bands, prefix=BANDS)
        picture = drawn(last.bands if last else [], last.base_rate_fen_per_hour if last else 0)
        return show_tariff(request, instrument, form, rows, picture)
    if "paint" in request.POST:
        return _painted(request, instrument)
    if "another" in request.POST:
        data = forms.with_a_row_more(request.POST, BANDS, forms.MOST_BANDS)
        form, rows = forms.TariffForm(data, zone=instrument.lab.tz), forms.BandFormSet(data, prefix=BANDS)
        return show_tariff(request, instrument, form, rows, sketch(form, rows))
    form = forms.TariffForm(request.POST, zone=instrument.lab.tz)
    rows = forms.BandFormSet(request.POST, prefix=BANDS)
    if form.is_valid() and rows.is_valid():
        now = timezone.now()
        try:
            made = operations.publish_tariff(
                instrument=instrument,
                valid_from=form.valid_from(now),
                by=request.member,
                now=now,
                after=form.cleaned_data["after"],
                **form.terms(),
                bands=rows.bands(),
            )
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, _("Price list {version} is published.").format(version=made.version))
            return HttpResponseRedirect(reverse("tariffs_desk:terms", args=[instrument.code]))
    return show_tariff(request, instrument, form, rows, sketch(form, rows), status=422)


def _painted(request: MemberRequest, instrument: Instrument) -> HttpResponse:
    """Paint some hours of the grid, and show the bands that make it so; nothing is published."""
    form = forms.TariffForm(request.POST, zone=instrument.lab.tz)
    rows = forms.BandFormSet(request.POST, prefix=BANDS)
    paint = forms.PaintForm(request.POST, bands=rows.bands())
    if not (rows.is_valid() and paint.is_valid()):
        return show_tariff(request, instrument, form, rows, sketch(form, rows), paint=paint, status=422)
    bands = paint.painted()
    base = forms.draft(form, rows).get("base_rate_fen_per_hour") or 0
    return show_tariff(
        request,
        instrument,
        forms.TariffForm(initial=_as_written(form), zone=instrument.lab.tz),
        forms.BandFormSet(initial=forms.in_order(bands), prefix=BANDS),
        drawn(bands, base),
        paint=forms.next_paint(paint.chosen(), bands),
    )


@access.lab_manager
@require_POST
def picture(request: MemberRequest, code: str) -> HttpResponse:
    """Draw the bands as they are written so far; what is not right yet is left out of the picture."""
    instrument = ours(request, code)
    form = forms.TariffForm(request.POST, zone=instrument.lab.tz)
    rows = forms.BandFormSet(request.POST, prefix=BANDS)
    return show_tariff(request, instrument, form, rows, sketch(form, rows), fragment="sketch")


def sketch(form: forms.TariffForm, rows: forms.BandRows) -> Picture:
    """Return the picture of a price list as it is written so far."""
    draft = forms.draft(form, rows)
    return drawn(draft["bands"], draft.get("base_rate_fen_per_hour") or 0)


def _as_written(form: forms.TariffForm) -> dict[str, Any]:
    """Return what stands in the fields, right or not, to be written on."""
    return {name: form[name].value() for name in form.fields}


def next_paint(rows: forms.BandRows) -> forms.PaintForm:
    """Return an empty form of painting with the first of the bands that are written so far."""
    bands = rows.bands() if rows.is_bound else [dict(band) for band in rows.initial or [] if "rate_bp" in band]
    known = rules.brushes(bands)
    return forms.next_paint(known[0] if known else ("", "", 0), bands)


def show_tariff(
    request: MemberRequest,
    instrument: Instrument,
    form: forms.TariffForm,
    rows: forms.BandRows,
    picture: Picture,
    *,
    paint: forms.PaintForm | None = None,
    status: int = 200,
    fragment: str = "writing",
) -> HttpResponse:
    """Show the form of a price list, or the part of it that htmx asked for."""
    context = {
        "instrument": instrument,
        "zone": instrument.lab.tz,
        "form": form,
        "rows": rows,
        "picture": picture,
        "paint": paint or next_paint(rows),
        "tab": "tariff",
    }
    return show(request, "labs/tariffs/new_tariff.html", context, fragment=fragment, status=status)


# --- Writing the next terms of booking ---------------------------------------------------------------------------


@access.lab_manager
@require_http_methods(["GET", "HEAD", "POST"])
def new_policy(request: MemberRequest, code: str) -> HttpResponse:
    """Write and publish the next terms of booking of an instrument."""
    instrument = ours(request, code)
    if request.method != "POST":
        last = BookingPolicy.objects.filter(instrument=instrument).order_by("-version").first()
        initial, steps = forms.policy_initial(last)
        form = forms.PolicyForm(initial=initial, zone=instrument.lab.tz)
        return _show_policy(request, instrument, form, forms.StepFormSet(initial=steps, prefix=STEPS))
    if "another" in request.POST:
        data = forms.with_a_row_more(request.POST, STEPS, forms.MOST_STEPS)
        form = forms.PolicyForm(data, zone=instrument.lab.tz)
        return _show_policy(request, instrument, form, forms.StepFormSet(data, prefix=STEPS))
    form = forms.PolicyForm(request.POST, zone=instrument.lab.tz)
    rows = forms.StepFormSet(request.POST, prefix=STEPS)
    if form.is_valid() and rows.is_valid():
        now = timezone.now()
        try:
            made = operations.publish_policy(
                instrument=instrument,
                valid_from=form.valid_from(now),
                by=request.member,
                now=now,
                after=form.cleaned_data["after"],
                **form.terms(),
                cancellation=rows.ladder(),
            )
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, _("Terms of booking {version} are published.").format(version=made.version))
            return HttpResponseRedirect(reverse("tariffs_desk:terms", args=[instrument.code]))
    return _show_policy(request, instrument, form, rows, status=422)


def _show_policy(
    request: MemberRequest,
    instrument: Instrument,
    form: forms.PolicyForm,
    rows: forms.StepRows,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {"instrument": instrument, "zone": instrument.lab.tz, "form": form, "rows": rows, "tab": "tariff"}
    return show(request, "labs/tariffs/new_policy.html", context, fragment="writing", status=status)


def _refuse(form: forms.VersionForm, refusal: Refusal) -> None:
    """Say a refusal beside the field it speaks of; the next attempt follows the version that was pointed out."""
    field = str(refusal.facts.get("field", ""))
    if isinstance(refusal, operations.TermsInPast):
        field = "starts"
    if isinstance(refusal, operations.PublishedMeanwhile):
        form.data = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        form.data["after"] = str(refusal.facts["version"])  # type: ignore[index]  # likewise
    form.add_error(field if field in form.fields else None, str(refusal))
