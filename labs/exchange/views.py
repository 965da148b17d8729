"""A lab takes its things away as a workbook, and brings them back: send, look, confirm."""

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel.refusals import Refusal
from labs.catalogue.models import Lab
from labs.exchange import book, operations, queries, telling
from labs.exchange.forms import MarkForm, WorkbookForm
from labs.exchange.models import WaitingWorkbook
from labs.exchange.sheets import sheets
from web import access
from web.pages import asks_for_a_part, go, show
from web.requests import MemberRequest
from web.tables import XLSX_TYPE


def our_lab(request: MemberRequest, code: str) -> Lab:
    """Return a lab of the member's organisation, or answer 404."""
    return get_object_or_404(Lab.objects.operated_by(request.member), code=code)


@access.lab_staff
@require_safe
def home(request: MemberRequest) -> HttpResponse:
    """Lead to the exchange of the organisation's lab, or list its labs where there are several."""
    labs = list(Lab.objects.operated_by(request.member).order_by("code", "pk"))
    if len(labs) == 1:
        return HttpResponseRedirect(reverse("exchange:lab", args=[labs[0].code]))
    return show(request, "labs/exchange/labs.html", {"labs": labs})


@access.lab_staff
@require_safe
def lab(request: MemberRequest, code: str) -> HttpResponse:
    """Offer the workbook of a lab, and the place to send it back to."""
    return _show_lab(request, our_lab(request, code), WorkbookForm())


def _show_lab(request: MemberRequest, found: Lab, form: WorkbookForm, *, status: int = 200) -> HttpResponse:
    waiting = WaitingWorkbook.objects.filter(lab=found).waiting_for(request.member, timezone.now()).defer("content")
    context = {
        "tab": "exchange",
        "lab": found,
        "form": form,
        "sheets": sheets(),
        "waiting": list(waiting.order_by("-sent_at", "-pk")),
    }
    return show(request, "labs/exchange/lab.html", context, status=status)


@access.lab_staff
@require_safe
def export(request: MemberRequest, code: str) -> HttpResponse:
    """Answer with everything of a lab as one workbook."""
    found = our_lab(request, code)
    content = book.written(sheets(), queries.rows(found))
    name = f"{found.code}-{timezone.now().astimezone(found.tz):%Y%m%d-%H%M}"
    response = HttpResponse(content, content_type=XLSX_TYPE)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.xlsx"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@access.lab_manager
@require_POST
def send(request: MemberRequest, code: str) -> HttpResponse:
    """Take a workbook in, to be looked at; nothing changes yet."""
    found = our_lab(request, code)
    form = WorkbookForm(request.POST, request.FILES)
    if form.is_valid():
        sent = form.cleaned_data["workbook"]
        try:
            kept = operations.keep_workbook(
                lab=found,
                content=sent.read(),
                file_name=sent.name,
                by=request.member,
                now=timezone.now(),
                language=get_language() or "zh-hans",
            )
        except Refusal as refusal:
            form.add_error("workbook", str(refusal))
        else:
            return HttpResponseRedirect(reverse("exchange:workbook", args=[kept.pk]))
    return _show_lab(request, found, form, status=422)


def _mine(request: MemberRequest, pk: int) -> WaitingWorkbook:
    waiting = WaitingWorkbook.objects.waiting_for(request.member, timezone.now()).select_related("lab")
    return get_object_or_404(waiting, pk=pk)


@access.lab_manager
@require_http_methods(["GET", "HEAD", "POST"])
def workbook(request: MemberRequest, pk: int) -> HttpResponse:
    """Show all that stands in a workbook's way, or what it would change; and bring it in when its sender says so."""
    kept = _mine(request, pk)
    now = timezone.now()
    is_large = kept.stage != WaitingWorkbook.Stage.LOOKED_AT
    refused: Refusal | None = None
    if request.method == "POST":
        form = MarkForm(request.POST)
        mark = form.cleaned_data["mark"] if form.is_valid() else ""
        try:
            if is_large:
                kept.language = get_language() or "zh-hans"
                operations.ask_to_bring_in(workbook=kept, mark=mark, by=request.member, now=now)
                return HttpResponseRedirect(reverse("exchange:workbook", args=[kept.pk]))
            report = operations.bring_in(workbook=kept, mark=mark, by=request.member, now=now)
        except Refusal as refusal:
            refused = refusal
        else:
            said = ngettext("Brought in: {number} thing.", "Brought in: {number} things.", len(report.entries))
            messages.success(request, said.format(number=len(report.entries)))
            return HttpResponseRedirect(reverse("exchange:lab", args=[kept.lab.code]))
    if request.method == "GET" and asks_for_a_part(request) and not kept.is_at_work:  # the work is done since
        return go(request, reverse("exchange:workbook", args=[kept.pk]))
    context: dict[str, Any] = {"workbook": kept, "lab": kept.lab, "zone": kept.lab.tz, "refused": refused}
    told: telling.Told | None = None
    if not is_large:
        try:
            told = telling.told(*operations.try_out(workbook=kept, by=request.member, now=now))
        except Refusal as refusal:
            return show(request, "labs/exchange/workbook.html", {**context, "refused": refusal}, status=refusal.status)
    elif kept.told is not None and not kept.is_at_work:
        told, said = telling.read(kept.told)
        context["refused"] = refused or said
    titles = {sheet.key: sheet.title for sheet in sheets()}
    context |= {
        "report": told,
        "is_brought": kept.stage == WaitingWorkbook.Stage.BROUGHT,
        "unchanged": [(titles[key], number) for key, number in told.unchanged] if told else [],
    }
    status = refused.status if refused else 200
    return show(request, "labs/exchange/workbook.html", context, fragment="progress", status=status)


@access.lab_manager
@require_POST
def discard(request: MemberRequest, pk: int) -> HttpResponse:
    """Forget a workbook that was sent."""
    kept = _mine(request, pk)
    try:
        operations.discard(workbook=kept)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("exchange:workbook", args=[kept.pk]))
    if kept.stage != WaitingWorkbook.Stage.BROUGHT:
        messages.success(request, _("The file is forgotten; nothing was changed."))
    return HttpResponseRedirect(reverse("exchange:lab", args=[kept.lab.code]))
