"""An organisation's vouchers: what is left, until when, where it was used; applying for one, and naming affiliates."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.vouchers import operations, queries, rules
from billing.vouchers.filters import RedemptionFilter
from billing.vouchers.forms import AffiliateForm, ApplyForm, ControllerForm
from billing.vouchers.models import Affiliation, Controller, Programme, VoucherApplication
from billing.vouchers.operations.refusals import OF_OBSTACLE
from billing.vouchers.views.shown import add_refusal, redemption_columns, redemption_row
from kernel.money import Money
from kernel.refusals import Refusal
from web import access
from web.lists import show_list
from web.pages import show
from web.requests import MemberRequest

RECENT_APPLICATIONS = 5


@access.member
@require_safe
def mine(request: MemberRequest) -> HttpResponse:
    """Show the organisation's vouchers, what can be applied for, and where they were used; uses as a file, too."""
    now = timezone.now()
    member, today = request.member, rules.local_day(now)
    found = RedemptionFilter(request.GET, queryset=queries.redemptions_of(member))
    grants = list(queries.grants_of(member))
    applications = VoucherApplication.objects.visible_to(member).filter(organisation=member.organisation_id)
    programmes = [
        {"programme": programme, "why_not": [str(OF_OBSTACLE[each].message) for each in obstacles]}
        for programme, obstacles in queries.may_be_applied_for(member.organisation, now=now)
    ]
    own = [each for each in grants if each.organisation_id == member.organisation_id]
    context = {
        "usable": [each for each in own if each.left_fen and each.expires_on >= today],
        "over": [each for each in own if not (each.left_fen and each.expires_on >= today)],
        "left": Money(sum(each.left_fen for each in own if each.expires_on >= today)),
        "programmes": programmes,
        "applications": applications.select_related("programme")[:RECENT_APPLICATIONS],
        "waiting": {each.programme_id for each in applications if each.state == VoucherApplication.State.SUBMITTED},
        "today": today,
        "zone": rules.ZONE,
    }
    return show_list(
        request,
        "billing/vouchers/mine.html",
        found,
        file=_("uses of vouchers"),
        columns=redemption_columns(with_customer=False),
        row=partial(redemption_row, with_customer=False),
        context=context,
    )


@access.buyer
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: MemberRequest, code: str) -> HttpResponse:
    """Ask for a voucher of a programme."""
    now = timezone.now()
    found = Programme.objects.visible_to(request.member).select_related("issuer")
    programme = get_object_or_404(found.prefetch_related("districts", "labs"), code=code)
    left = programme.yearly_cap_fen - queries.granted_in_year(
        programme, request.member.organisation, rules.local_day(now).year
    )
    form = ApplyForm(request.POST if request.method == "POST" else None, initial={"face": max(left, 0)})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                operations.apply(
                    programme=programme,
                    wanted=Money(form.cleaned_data["face"]),
                    purpose=form.cleaned_data["purpose"],
                    by=request.member,
                    now=now,
                )
            except Refusal as refusal:
                add_refusal(form, refusal)
            else:
                messages.success(request, _("Thank you. You are told as soon as it is decided."))
                return HttpResponseRedirect(reverse("vouchers:mine"))
    context = {"programme": programme, "form": form, "left": Money(max(left, 0))}
    return show(request, "billing/vouchers/apply.html", context, status=status)


@access.buyer
@require_POST
def withdraw(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask no longer."""
    own = VoucherApplication.objects.filter(organisation=request.member.organisation_id)
    application = get_object_or_404(own, pk=pk)
    try:
        operations.withdraw(application=application, by=request.member, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The application is withdrawn."))
    return HttpResponseRedirect(reverse("vouchers:mine"))


@access.organisation_owner
@require_http_methods(["GET", "HEAD", "POST"])
def affiliates(request: MemberRequest) -> HttpResponse:
    """Show who belongs together with the organisation, and take what it declares: an affiliate, or its controller."""
    says = request.POST.get("says", "")
    affiliate = AffiliateForm(request.POST if says == "affiliate" else None)
    own = Controller.objects.filter(organisation=request.member.organisation_id).first()
    controller = ControllerForm(
        request.POST if says == "controller" else None, initial={"name": own.name} if own else None
    )
    form = {"affiliate": affiliate, "controller": controller}.get(says)
    if form is not None and form.is_valid():
        act = operations.declare_affiliate if form is affiliate else operations.declare_controller
        by = request.member
        try:
            act(organisation=by.organisation, **form.cleaned_data, by=by, now=timezone.now())
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Thank you: it is noted."))
            return HttpResponseRedirect(reverse("vouchers:affiliates"))
    known = Affiliation.objects.of(request.member.organisation_id).select_related("one", "other")
    context = {
        "affiliate_form": affiliate,
        "controller_form": controller,
        "controller": own,
        "affiliations": [
            {"affiliation": each, "other": each.counterpart_of(request.member.organisation_id)} for each in known
        ],
    }
    status = 422 if request.method == "POST" else 200
    return show(request, "billing/vouchers/affiliates.html", context, status=status)


@access.organisation_owner
@require_POST
def end_affiliation(request: MemberRequest, pk: int) -> HttpResponse:
    """Take an affiliation away that is over."""
    own = Affiliation.objects.of(request.member.organisation_id)
    affiliation = get_object_or_404(own, pk=pk)
    try:
        operations.end_affiliation(affiliation=affiliation, by=request.member, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The affiliation is taken away."))
    return HttpResponseRedirect(reverse("vouchers:affiliates"))
