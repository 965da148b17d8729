"""A bank's file: handed in, shown with what would become of each line, and imported."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from billing.payments import operations, queries
from billing.payments.forms import UploadForm
from billing.payments.models import BankLine, BankStatement
from billing.payments.views.wording import faults_of, told
from kernel.refusals import Refusal
from web import access
from web.lists import PAGE
from web.pages import show
from web.requests import MemberRequest

AT_ONCE = 200
"""So many lines are matched before the page answers; the job does the rest."""


@access.platform_finance
@require_http_methods(["GET", "HEAD", "POST"])
def statements(request: MemberRequest) -> HttpResponse:
    """Take a bank's file, and show those that were handed in."""
    form = UploadForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                statement = operations.upload_statement(
                    name=file.name, content=file.read(), by=request.member, now=timezone.now()
                )
            except Refusal as refusal:
                form.add_error("file", told(refusal))
            else:
                return HttpResponseRedirect(reverse("transfers:preview", args=[statement.pk]))
    found = BankStatement.objects.select_related("uploaded_by", "imported_by").defer("rows")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return show(
        request, "billing/payments/statements.html", {"form": form, "page": page, "tab": "import"}, status=status
    )


@access.platform_finance
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: MemberRequest, pk: int) -> HttpResponse:
    """Show what would become of each line of a file, and import it."""
    statement = get_object_or_404(BankStatement, pk=pk)
    refused = ""
    if request.method == "POST":
        now = timezone.now()
        try:
            statement = operations.import_statement(statement=statement, by=request.member, now=now)
        except Refusal as refusal:
            refused = told(refusal)
        else:
            operations.match_all(BankLine.objects.waiting().filter(statement=statement)[:AT_ONCE], now=now)
            _say(request, statement)
            return HttpResponseRedirect(reverse("transfers:preview", args=[pk]))
    return _show(request, statement, refused)


def _say(request: MemberRequest, statement: BankStatement) -> None:
    lines = statement.lines.all()
    matched = lines.filter(state=BankLine.State.MATCHED).count()
    taken = ngettext("{number} line was imported.", "{number} lines were imported.", statement.taken)
    said = ngettext("{number} transfer was matched.", "{number} transfers were matched.", matched)
    messages.success(request, f"{taken.format(number=statement.taken)} {said.format(number=matched)}")


def _show(request: MemberRequest, statement: BankStatement, refused: str) -> HttpResponse:
    context = {"statement": statement, "refused": refused, "tab": "import"}
    if statement.state == BankStatement.State.IMPORTED:
        found = queries.lines().filter(statement=statement)
        context["page"] = Paginator(found, PAGE).get_page(request.GET.get("page"))
        return show(request, "billing/payments/imported.html", context, status=409 if refused else 200)
    rows = queries.previewed(statement)
    new = [one for one in rows if one.fate == queries.NEW]
    context |= {
        "rows": rows[:500],
        "more": max(0, len(rows) - 500),
        "faults": faults_of(statement),
        "matched": sum(1 for one in new if one.verdict and not one.verdict.why),
        "waits": sum(1 for one in new if one.verdict and one.verdict.why),
        "known": sum(1 for one in rows if one.fate == queries.KNOWN),
        "out": sum(1 for one in rows if one.fate == queries.OUT),
        "differs": sum(1 for one in rows if one.fate == queries.DIFFERS),
    }
    return show(request, "billing/payments/preview.html", context, status=409 if refused else 200)
