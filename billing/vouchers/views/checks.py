"""Against abuse: spot-checks, and organisations that belong together."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from billing.vouchers import operations, rules
from billing.vouchers.filters import CheckFilter
from billing.vouchers.forms import DrawForm, FoundAffiliateForm, ReasonForm
from billing.vouchers.models import Affiliation, Controller, SpotCheck
from billing.vouchers.views.shown import add_refusal
from kernel.refusals import Refusal
from web import access
from web.lists import show_list
from web.pages import show
from web.requests import MemberRequest


@access.platform_operator
@require_http_methods(["GET", "HEAD", "POST"])
def checks(request: MemberRequest) -> HttpResponse:
    """List the spot-checks, as a page or as a file; draw new ones."""
    form = DrawForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        said = form.cleaned_data
        try:
            drawn = operations.draw_checks(
                programme=said["programme"], share_bp=said["share"], by=request.member, now=timezone.now()
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            told = ngettext("{number} use was drawn.", "{number} uses were drawn.", len(drawn))
            messages.success(request, told.format(number=len(drawn)))
            return HttpResponseRedirect(reverse("vouchers:checks"))
    return _show(request, form=form)


def _show(
    request: MemberRequest,
    *,
    form: DrawForm | None = None,
    refused: Refusal | None = None,
    refused_on: int | None = None,
) -> HttpResponse:
    seen = SpotCheck.objects.visible_to(request.member).select_related(
        "redemption__programme", "redemption__organisation", "redemption__lab", "checked_by"
    )
    response = show_list(
        request,
        "billing/vouchers/checks.html",
        CheckFilter(request.GET, queryset=seen.order_by("-drawn_at", "pk")),
        file=_("spot-checks"),
        columns=_columns(),
        row=_row,
        context={
            "tab": "checks",
            "form": form or DrawForm(),
            "refused": refused,
            "refused_on": refused_on,
            "zone": rules.ZONE,
        },
    )
    if request.method == "POST":
        response.status_code = 422
    return response


def _columns() -> list[str]:
    return [
        _("Order number"), _("Programme"), _("Organisation"), _("Laboratory"), _("Paid by voucher (¥)"), _("Outcome"),
        _("What was found"), _("Drawn at"), _("Draw"), _("Checked at"), _("Checked by"),
    ]  # fmt: skip


def _row(each: SpotCheck) -> list[Any]:
    used = each.redemption
    return [
        used.order_number,
        used.programme.name,
        used.organisation.name,
        used.lab.name,
        used.held.fen / 100,
        str(each.get_outcome_display()),
        each.note,
        each.drawn_at.astimezone(rules.ZONE),
        each.seed,
        each.checked_at.astimezone(rules.ZONE) if each.checked_at else "",
        str(each.checked_by or ""),
    ]


@access.platform_operator
@require_POST
def decide(request: MemberRequest, pk: int) -> HttpResponse:
    """Say what was found about a used voucher."""
    check = get_object_or_404(SpotCheck.objects.visible_to(request.member), pk=pk)
    form = ReasonForm(request.POST)
    note = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        operations.decide_check(
            check=check,
            passed=request.POST.get("decision") == "pass",
            note=note,
            by=request.member,
            now=timezone.now(),
        )
    except Refusal as refusal:
        return _show(request, refused=refusal, refused_on=check.pk)
    messages.success(request, _("The spot-check is decided."))
    return HttpResponseRedirect(reverse("vouchers:checks"))


@access.platform_operator
@require_http_methods(["GET", "HEAD", "POST"])
def affiliations(request: MemberRequest) -> HttpResponse:
    """Show which organisations belong together, and note those that the platform has found."""
    form = FoundAffiliateForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            operations.declare_affiliate(**form.cleaned_data, by=request.member, now=timezone.now())
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The two count as affiliates from now on."))
            return HttpResponseRedirect(reverse("vouchers:affiliations"))
    context = {
        "tab": "affiliations",
        "form": form,
        "affiliations": Affiliation.objects.visible_to(request.member).select_related("one", "other"),
        "controllers": Controller.objects.select_related("organisation").order_by("number", "organisation__code"),
        "zone": rules.ZONE,
    }
    status = 422 if request.method == "POST" else 200
    return show(request, "billing/vouchers/affiliations.html", context, status=status)


@access.platform_operator
@require_POST
def part(request: MemberRequest, pk: int) -> HttpResponse:
    """Take an affiliation away."""
    affiliation = get_object_or_404(Affiliation.objects.visible_to(request.member), pk=pk)
    operations.end_affiliation(affiliation=affiliation, by=request.member, now=timezone.now())
    messages.success(request, _("The affiliation is taken away."))
    return HttpResponseRedirect(reverse("vouchers:affiliations"))
