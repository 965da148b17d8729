"""Applications for vouchers, decided by the platform's operator."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from billing.vouchers import operations, queries, rules
from billing.vouchers.filters import ApplicationFilter
from billing.vouchers.forms import DecisionForm
from billing.vouchers.models import VoucherApplication
from billing.vouchers.operations.refusals import OF_OBSTACLE
from billing.vouchers.views.shown import add_refusal
from kernel.money import Money
from kernel.refusals import Refusal
from web import access
from web.lists import show_list
from web.pages import show
from web.requests import MemberRequest


@access.platform_operator
@require_safe
def applications(request: MemberRequest) -> HttpResponse:
    """List applications, those that wait first; as a page or as a file."""
    seen = VoucherApplication.objects.visible_to(request.member)
    ordered = seen.select_related("programme", "organisation__district").order_by("applied_at", "pk")
    return show_list(
        request,
        "billing/vouchers/applications.html",
        ApplicationFilter(request.GET, queryset=ordered),
        file=_("applications for vouchers"),
        columns=_columns(),
        row=_row,
        context={"tab": "applications", "zone": rules.ZONE},
    )


def _columns() -> list[str]:
    return [
        _("Organisation"), _("Credit code"), _("Size"), _("District"), _("Programme"), _("Amount (¥)"),
        _("What it is for"), _("Applied at"), _("State"), _("Decided at"), _("Reason"),
    ]  # fmt: skip


def _row(each: VoucherApplication) -> list[Any]:
    asking = each.organisation
    return [
        asking.name,
        asking.registration_number,
        str(asking.get_size_display()),
        str(asking.district or ""),
        each.programme.name,
        each.wanted_fen / 100,
        each.purpose,
        each.applied_at.astimezone(rules.ZONE),
        str(each.get_state_display()),
        each.decided_at.astimezone(rules.ZONE) if each.decided_at else "",
        each.reason,
    ]


@access.platform_operator
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: MemberRequest, pk: int) -> HttpResponse:
    """Show who asks for what, and grant it or decline."""
    seen = VoucherApplication.objects.visible_to(request.member)
    seen = seen.select_related("programme__issuer", "organisation__district", "applied_by", "decided_by", "grant")
    application = get_object_or_404(seen.prefetch_related("programme__districts", "programme__labs"), pk=pk)
    now = timezone.now()
    programme, asking = application.programme, application.organisation
    granted = queries.granted_in_year(programme, asking, rules.local_day(now).year)
    left = max(programme.yearly_cap_fen - granted, 0)
    initial = {"face": min(application.wanted_fen, left), "expires_on": programme.valid_to}
    form = DecisionForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.POST.get("decision") == "decline":
        for name in ("face", "expires_on"):
            form.fields[name].required = False
    if request.method == "POST" and form.is_valid():
        try:
            said = _decided(request, application, form)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, said)
            return HttpResponseRedirect(reverse("vouchers:applications"))
    obstacles = rules.may_hold(queries.terms_of(programme), queries.party_of(asking), today=rules.local_day(now))
    context = {
        "tab": "applications",
        "application": application,
        "form": form,
        "granted": Money(granted),
        "left": Money(left),
        "obstacles": [str(OF_OBSTACLE[each].message) for each in obstacles],
        "zone": rules.ZONE,
    }
    return show(request, "billing/vouchers/decide.html", context, status=422 if request.method == "POST" else 200)


def _decided(request: MemberRequest, application: VoucherApplication, form: DecisionForm) -> str:
    said, by, now = form.cleaned_data, request.member, timezone.now()
    name = application.organisation.name
    if request.POST.get("decision") == "decline":
        operations.decline(application=application, reason=said["reason"], by=by, now=now)
        return _("{organisation} gets no voucher and is told why.").format(organisation=name)
    operations.grant_application(
        application=application, face=Money(said["face"]), expires_on=said["expires_on"], by=by, now=now
    )
    return _("{organisation} has the voucher, and is told.").format(organisation=name)
