"""Programmes for the platform's operator: drafted, opened, edited, closed; and grants given without an application."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.vouchers import operations, queries, rules
from billing.vouchers.filters import ProgrammeFilter, RedemptionFilter
from billing.vouchers.forms import IssueForm, NewProgrammeForm, ProgrammeForm
from billing.vouchers.models import Programme
from billing.vouchers.operations.granting import EDITABLE
from billing.vouchers.views.shown import add_refusal, redemption_columns, redemption_row
from kernel.money import Money
from kernel.refusals import Refusal
from web import access
from web.lists import show_list
from web.pages import show
from web.requests import MemberRequest

GRANTS_SHOWN = 50


@access.platform_operator
@require_safe
def programmes(request: MemberRequest) -> HttpResponse:
    """List the programmes with what is left of their budgets; as a page or as a file."""
    found = ProgrammeFilter(request.GET, queryset=queries.programmes(request.member))
    return show_list(
        request,
        "billing/vouchers/programmes.html",
        found,
        file=_("voucher programmes"),
        columns=_columns(),
        row=_row,
        context={"tab": "programmes"},
    )


def _columns() -> list[str]:
    return [
        _("Code"), _("Name"), _("Issuer"), _("State"), _("Valid from"), _("Valid until"), _("Share paid (%)"),
        _("At most per order (¥)"), _("At most per organisation and year (¥)"), _("Budget (¥)"),
        _("Reserved and paid (¥)"), _("Left (¥)"), _("Organisations"), _("Applications waiting"),
    ]  # fmt: skip


def _row(each: Any) -> list[Any]:
    return [
        each.code,
        each.name,
        each.issuer.name,
        str(each.get_state_display()),
        each.valid_from,
        each.valid_to,
        each.cover_bp / 100,
        each.per_order_cap_fen / 100,
        each.yearly_cap_fen / 100,
        each.budget_fen / 100,
        each.committed_fen / 100,
        each.left.fen / 100,
        each.holders,
        each.asking,
    ]


def theirs(request: MemberRequest, code: str) -> Programme:
    """Return a programme, or answer 404."""
    return get_object_or_404(queries.programmes(request.member).prefetch_related("districts", "labs"), code=code)


@access.platform_operator
@require_safe
def programme(request: MemberRequest, code: str) -> HttpResponse:
    """Show a programme: its budget, its grants, its uses; the uses as a file, too."""
    return show_programme(request, theirs(request, code))


def show_programme(request: MemberRequest, shown: Programme, *, refused: Refusal | None = None) -> HttpResponse:
    """Show a programme, with what was just refused."""
    uses = queries.redemptions_of(request.member).filter(programme=shown)
    number, amount = queries.claimable(shown)
    sums = queries.sums_by_state(shown)
    grants = shown.grants.select_related("organisation").order_by("-issued_at", "-pk")
    context = {
        "tab": "programmes",
        "programme": shown,
        "reserved": Money(sums.get(rules.RESERVED, 0)),
        "consumed": Money(sums.get(rules.CONSUMED, 0)),
        "reimbursed": Money(sums.get(rules.REIMBURSED, 0)),
        "claimable_number": number,
        "claimable": amount,
        "grants": Paginator(grants, GRANTS_SHOWN).get_page(request.GET.get("grants")),
        "refused": refused,
        "zone": rules.ZONE,
    }
    response = show_list(
        request,
        "billing/vouchers/programme.html",
        RedemptionFilter(request.GET, queryset=uses),
        file=_("uses of vouchers"),
        columns=redemption_columns(with_customer=True),
        row=partial(redemption_row, with_customer=True),
        context=context,
    )
    if refused is not None:
        response.status_code = 409
    return response


def _written(form: ProgrammeForm) -> dict[str, Any]:
    said = form.cleaned_data
    fields = {name: said[name] for name in EDITABLE}
    return {"fields": fields, "districts": said["districts"], "labs": said["labs"]}


@access.platform_operator
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: MemberRequest) -> HttpResponse:
    """Draft a programme."""
    today = rules.local_day(timezone.now())
    first = {
        "kinds": ["rental"],
        "sizes": ["micro", "small", "medium"],
        "is_stackable": True,
        "valid_from": today,
        "valid_to": today.replace(month=12, day=31),
    }
    form = NewProgrammeForm(request.POST if request.method == "POST" else None, initial=first)
    if form.is_valid():
        said = form.cleaned_data
        try:
            made = operations.add_programme(
                code=said["code"], issuer=said["issuer"], **_written(form), by=request.member, now=timezone.now()
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The programme is drafted. Nobody else sees it before you open it."))
            return HttpResponseRedirect(reverse("vouchers:programme", kwargs={"code": made.code}))
    context = {"tab": "programmes", "form": form}
    return show(request, "billing/vouchers/edit.html", context, status=422 if request.method == "POST" else 200)


@access.platform_operator
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: MemberRequest, code: str) -> HttpResponse:
    """Change a programme."""
    shown = theirs(request, code)
    initial = {name: getattr(shown, name) for name in EDITABLE}
    initial |= {"districts": shown.districts.all(), "labs": shown.labs.all()}
    form = ProgrammeForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            operations.edit_programme(programme=shown, **_written(form), by=request.member, now=timezone.now())
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The programme is changed."))
            return HttpResponseRedirect(reverse("vouchers:programme", kwargs={"code": code}))
    context = {"tab": "programmes", "form": form, "programme": shown}
    return show(request, "billing/vouchers/edit.html", context, status=422 if request.method == "POST" else 200)


@access.platform_operator
@require_POST
def set_state(request: MemberRequest, code: str) -> HttpResponse:
    """Open a programme, or close it."""
    shown, state = theirs(request, code), request.POST.get("state", "")
    try:
        operations.set_state(
            programme=shown,
            state=state if state in Programme.State else Programme.State.DRAFT,
            by=request.member,
            now=timezone.now(),
        )
    except Refusal as refusal:
        return show_programme(request, shown, refused=refusal)
    said = _("The programme is open.") if state == Programme.State.OPEN else _("The programme is closed.")
    messages.success(request, said)
    return HttpResponseRedirect(reverse("vouchers:programme", kwargs={"code": code}))


@access.platform_operator
@require_http_methods(["GET", "HEAD", "POST"])
def issue(request: MemberRequest, code: str) -> HttpResponse:
    """Give an organisation a voucher without an application."""
    shown = theirs(request, code)
    initial = {"expires_on": shown.valid_to, "face": shown.per_order_cap_fen}
    form = IssueForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        said = form.cleaned_data
        try:
            made = operations.issue_grant(
                programme=shown,
                organisation=said["organisation"],
                face=Money(said["face"]),
                expires_on=said["expires_on"],
                by=request.member,
                now=timezone.now(),
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            told = _("{organisation} has the voucher, and is told.").format(organisation=made.organisation.name)
            messages.success(request, told)
            return HttpResponseRedirect(reverse("vouchers:programme", kwargs={"code": code}))
    context = {"tab": "programmes", "form": form, "programme": shown}
    return show(request, "billing/vouchers/issue.html", context, status=422 if request.method == "POST" else 200)
