"""
Certificates of an instrument at the lab's desk.

Note [Certificates]
    That an instrument is calibrated, and until when, everybody may read. The file of the certificate carries names and
    signatures: it is sent to members of organisations that are signed in, for instruments of the catalogue, and to the
    lab; to others it does not exist.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kernel import uploads
from kernel.refusals import Refusal
from labs.calibration import operations
from labs.calibration.forms import AmendForm, RecordForm
from labs.calibration.models import CalibrationRecord
from labs.calibration.rules import Validity, calibrated_periods
from labs.catalogue.editing import changes
from labs.catalogue.models import Instrument
from web import access, files, tables
from web.pages import show
from web.requests import MemberRequest

BACK, AHEAD = timedelta(days=365), timedelta(days=730)
"""How much of the past and of what is to come the picture shows."""


def ours(request: MemberRequest, code: str) -> Instrument:
    """Return an instrument of the member's own labs, or answer 404."""
    return get_object_or_404(Instrument.objects.operated_by(request.member).select_related("lab"), code=code)


@access.lab_staff
@require_safe
def listed(request: MemberRequest, code: str) -> HttpResponse:
    """Show an instrument's certificates, and when it is calibrated; as a page or as a file."""
    found = ours(request, code)
    records = list(found.calibration_records.order_by("-valid_to", "-pk"))
    fmt = request.GET.get("format", "")
    if tables.asked_for(fmt):
        return tables.answer(fmt, name=_("certificates"), columns=_columns(), rows=[_line(each) for each in records])
    now = timezone.now()
    context = {
        "instrument": found,
        "records": records,
        "picture": drawn(records, found, now),
        "today": now.astimezone(found.lab.tz).date(),
        "tab": "calibration",
    }
    return show(request, "labs/calibration/list.html", context)


def _columns() -> list[str]:
    return [
        _("Certificate number"), _("Kind"), _("Method"), _("Issued by"), _("Calibrated on"), _("Valid from"),
        _("Valid to"), _("Result"), _("Result with its uncertainty"), _("Traceable to"),
    ]  # fmt: skip


def _line(record: CalibrationRecord) -> list[Any]:
    return [
        record.certificate_no, record.get_kind_display(), record.method, record.issued_by_zh, record.calibrated_on,
        record.valid_from, record.valid_to, record.get_result_display(), record.uncertainty, record.traceable_to_zh,
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of the picture of validity, in percent of its width."""

    look: str
    x: str
    width: str
    title: str


@dataclass(frozen=True, slots=True)
class Picture:
    """When an instrument is calibrated (CAL-1), drawn from a year ago to two years ahead; gaps are told."""

    bars: list[Bar]
    years: list[tuple[int, str]]
    today: str
    gaps: list[tuple[date, date]]
    until: date | None


def drawn(records: list[CalibrationRecord], instrument: Instrument, now: datetime) -> Picture:
    """Return the picture of an instrument's validity."""
    zone = instrument.lab.tz
    today = now.astimezone(zone).date()
    first, last = today - BACK, today + AHEAD
    whole = (last - first).days

    def place(day: date) -> float:
        return max(0.0, min(100.0, 100 * (day - first).days / whole))

    spans = [
        (period.start.astimezone(zone).date(), period.end.astimezone(zone).date())
        for period in calibrated_periods([Validity(one.valid_from, one.valid_to, one.result) for one in records], zone)
    ]
    shown = [(begin, end) for begin, end in spans if end > first and begin < last]
    bars = [
        Bar(
            "is-open",
            f"{place(begin):.2f}%",
            f"{max(0.4, place(end) - place(begin)):.2f}%",
            _("calibrated from {begin} to {end}").format(begin=begin, end=end - timedelta(days=1)),
        )
        for begin, end in shown
    ]
    gaps = [(before[1], after[0] - timedelta(days=1)) for before, after in pairwise(shown) if after[0] > before[1]]
    years = [
        (year, f"{place(date(year, 1, 1)):.2f}%")
        for year in range(first.year, last.year + 1)
        if first <= date(year, 1, 1) <= last
    ]
    holding = next((end for begin, end in spans if begin <= today < end), None)
    until = holding - timedelta(days=1) if holding else None
    return Picture(bars, years, f"{place(today):.2f}%", gaps, until)


# --- Writing ---------------------------------------------------------------------------------------------------------


@access.lab_manager
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: MemberRequest, code: str) -> HttpResponse:
    """Record a certificate, with its file; the times that can be booked follow at once (CAL-3)."""
    found = ours(request, code)
    form = RecordForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.record_calibration(
                instrument=found, by=request.member, now=timezone.now(), certificate=_content(form), **form.said()
            )
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, _("Certificate {number} is recorded.").format(number=made.certificate_no))
            return HttpResponseRedirect(reverse("calibration_desk:list", args=[code]))
    context = {"instrument": found, "form": form, "tab": "calibration"}
    return show(request, "labs/calibration/record.html", context, status=422 if request.method == "POST" else 200)


@access.lab_manager
@require_http_methods(["GET", "HEAD", "POST"])
def amend(request: MemberRequest, code: str, pk: int) -> HttpResponse:
    """Correct a certificate's validity or result, with the reason."""
    found = ours(request, code)
    kept = get_object_or_404(CalibrationRecord, instrument=found, pk=pk)
    if request.method != "POST":
        form = AmendForm(instance=kept, initial={"seen": _mark(kept)})
        return _show_amend(request, found, kept, form)
    form = AmendForm(request.POST, request.FILES, instance=get_object_or_404(CalibrationRecord, pk=pk))
    if form.is_valid():
        try:
            operations.amend_calibration(
                record=kept,
                seen=form.cleaned_data["seen"],
                by=request.member,
                now=timezone.now(),
                certificate=_content(form),
                **form.said(),
            )
        except changes.EditedMeanwhile as refusal:
            form.data = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict
            form.data["seen"] = _mark(kept)  # type: ignore[index]  # likewise
            form.add_error(None, str(refusal))
            return _show_amend(request, found, kept, form, is_clash=True, status=422)
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, _("The certificate is corrected; the times that can be booked follow it."))
            return HttpResponseRedirect(reverse("calibration_desk:list", args=[code]))
    return _show_amend(request, found, kept, form, status=422)


def _show_amend(
    request: MemberRequest,
    found: Instrument,
    kept: CalibrationRecord,
    form: AmendForm,
    *,
    is_clash: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {"instrument": found, "record": kept, "form": form, "is_clash": is_clash, "tab": "calibration"}
    return show(request, "labs/calibration/amend.html", context, status=status)


def _mark(record: CalibrationRecord) -> str:
    return changes.mark(changes.of_row(record, operations.AMENDED))


def _content(form: Any) -> bytes | None:
    file = form.cleaned_data["certificate"]
    return file.read(uploads.LARGEST_DOCUMENT + 1) if hasattr(file, "read") and file else None


def _refuse(form: Any, refusal: Refusal) -> None:
    """Say a refusal beside the field it speaks of."""
    fields = {
        "certificate_known": "certificate_no",
        "calibration_dates_impossible": str(refusal.facts.get("field", "")),
    }
    field = fields.get(refusal.code, "certificate" if refusal.code.startswith(("file_", "picture_")) else None)
    form.add_error(field if field in form.fields else None, str(refusal))


@access.member
@require_safe
def certificate(request: MemberRequest, code: str, pk: int) -> HttpResponse:
    """Send the file of a certificate to members and to the lab: see Note [Certificates]."""
    visible = Instrument.objects.visible_to(request.member).filter(code=code)
    kept = get_object_or_404(CalibrationRecord, instrument__in=visible, pk=pk)
    return files.sent(kept.certificate, name=f"{code}-certificate-{pk}")
