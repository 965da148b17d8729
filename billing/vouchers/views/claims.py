"""Claims to the issuers: prepared, submitted with their files, answered; and spot-checks before that."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from billing.vouchers import evidence, listing, operations, queries, rules
from billing.vouchers.filters import ClaimFilter
from billing.vouchers.forms import ReasonForm, ReimbursedForm
from billing.vouchers.models import ClaimBatch
from billing.vouchers.views.programmes import show_programme, theirs
from billing.vouchers.views.shown import add_refusal
from kernel.refusals import Refusal
from web import access, tables
from web.lists import show_list
from web.pages import show
from web.requests import MemberRequest

State = ClaimBatch.State


@access.platform_operator
@require_safe
def claims(request: MemberRequest) -> HttpResponse:
    """List the claims; as a page or as a file."""
    return show_list(
        request,
        "billing/vouchers/claims.html",
        ClaimFilter(request.GET, queryset=queries.claims(request.member)),
        file=_("claims"),
        columns=_columns(),
        row=_row,
        context={"tab": "claims", "zone": rules.ZONE},
    )


def _columns() -> list[str]:
    return [
        _("Number"), _("Programme"), _("Issuer"), _("State"), _("Uses"), _("Claimed (¥)"), _("Reimbursed (¥)"),
        _("Prepared at"), _("Submitted at"), _("Decided at"), _("Reference of the payment"), _("Reason"),
    ]  # fmt: skip


def _row(each: Any) -> list[Any]:
    times = [at.astimezone(rules.ZONE) if at else "" for at in (each.prepared_at, each.submitted_at, each.decided_at)]
    return [
        each.number,
        each.programme.name,
        each.programme.issuer.name,
        str(each.get_state_display()),
        each.uses,
        each.total_fen / 100,
        each.paid_fen / 100,
        *times,
        each.reference,
        each.reason,
    ]


@access.platform_operator
@require_POST
def prepare(request: MemberRequest, code: str) -> HttpResponse:
    """Put together what was used of a programme."""
    shown = theirs(request, code)
    try:
        made = operations.claim_batch(programme=shown, by=request.member, now=timezone.now())
    except Refusal as refusal:
        return show_programme(request, shown, refused=refusal)
    messages.success(request, _("The claim is prepared. Look it through, then hand it to the issuer."))
    return HttpResponseRedirect(reverse("vouchers:claim", kwargs={"number": made.number}))


def _batch(request: MemberRequest, number: str) -> ClaimBatch:
    seen = ClaimBatch.objects.visible_to(request.member).select_related("programme__issuer", "prepared_by")
    return get_object_or_404(seen, number=number)


@access.platform_operator
@require_safe
def claim(request: MemberRequest, number: str) -> HttpResponse:
    """Show a claim with its uses; as a page or as the batch file."""
    batch = _batch(request, number)
    fmt = request.GET.get("format", "")
    if tables.asked_for(fmt):
        rows = (listing.row(at, item) for at, item in enumerate(operations.items_of(batch), start=1))
        return tables.answer(fmt, name=batch.number, columns=listing.columns(), rows=rows)
    return _show(request, batch)


def _show(
    request: MemberRequest,
    batch: ClaimBatch,
    *,
    form: ReimbursedForm | None = None,
    refusing: ReasonForm | None = None,
    refused: Refusal | None = None,
) -> HttpResponse:
    items = operations.items_of(batch)
    is_prepared = batch.state == State.PREPARED
    form = form or ReimbursedForm(items=items)
    context = {
        "tab": "claims",
        "claim": batch,
        "rows": [
            {"item": item, "refused": form[f"refused_{item.pk}"], "reason": form[f"reason_{item.pk}"]}
            if f"refused_{item.pk}" in form.fields
            else {"item": item}
            for item in items
        ],
        "missing": evidence.missing(items) if is_prepared else {},
        "form": form,
        "refusing": refusing or ReasonForm(),
        "refused": refused,
        "zone": rules.ZONE,
    }
    is_wrong = form.is_bound or bool(refusing) or bool(refused)
    status = (409 if refused else 422) if is_wrong else 200
    return show(request, "billing/vouchers/claim.html", context, status=status)


@access.platform_operator
@require_POST
def submit(request: MemberRequest, number: str) -> HttpResponse:
    """Say that a claim was handed to its issuer."""
    batch = _batch(request, number)
    try:
        operations.submitted(batch=batch, by=request.member, now=timezone.now())
    except Refusal as refusal:
        return _show(request, batch, refused=refusal)
    messages.success(request, _("The claim counts as submitted; its evidence is kept as it is now."))
    return HttpResponseRedirect(reverse("vouchers:claim", kwargs={"number": number}))


@access.platform_operator
@require_POST
def drop(request: MemberRequest, number: str) -> HttpResponse:
    """Do not make a prepared claim."""
    batch = _batch(request, number)
    try:
        operations.drop(batch=batch, by=request.member, now=timezone.now())
    except Refusal as refusal:
        return _show(request, batch, refused=refusal)
    messages.success(request, _("The claim is dropped; its uses can be claimed again."))
    return HttpResponseRedirect(reverse("vouchers:claims"))


@access.platform_operator
@require_POST
def reimburse(request: MemberRequest, number: str) -> HttpResponse:
    """Say what the issuer has paid."""
    batch = _batch(request, number)
    form = ReimbursedForm(request.POST, items=operations.items_of(batch))
    if not form.is_valid():
        return _show(request, batch, form=form)
    try:
        operations.reimbursed(
            batch=batch,
            reference=form.cleaned_data["reference"],
            refused=form.refused(),
            by=request.member,
            now=timezone.now(),
        )
    except Refusal as refusal:
        return _show(request, batch, form=form, refused=refusal)
    messages.success(request, _("The payment is in the books."))
    return HttpResponseRedirect(reverse("vouchers:claim", kwargs={"number": number}))


@access.platform_operator
@require_POST
def refuse(request: MemberRequest, number: str) -> HttpResponse:
    """Say that the issuer pays nothing."""
    batch, form = _batch(request, number), ReasonForm(request.POST)
    if not form.is_valid():
        return _show(request, batch, refusing=form)
    try:
        reason = form.cleaned_data["reason"]
        operations.refused(batch=batch, reason=reason, by=request.member, now=timezone.now())
    except Refusal as refusal:
        add_refusal(form, refusal)
        return _show(request, batch, refusing=form)
    messages.success(request, _("The claim is refused; its uses can be claimed again."))
    return HttpResponseRedirect(reverse("vouchers:claim", kwargs={"number": number}))


@access.platform_operator
@never_cache
@require_safe
def pack(request: MemberRequest, number: str) -> HttpResponse:
    """
    Send the evidence: as it was submitted, or as it would be handed over now.

    Raises:
        Http404: the file that was kept is not there any more.
    """
    batch = _batch(request, number)
    if batch.evidence:
        try:
            with batch.evidence.open("rb") as file:
                content = file.read()
        except FileNotFoundError as error:
            raise Http404 from error
    else:
        content = evidence.pack(batch, operations.items_of(batch))
    response = HttpResponse(content, content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{batch.number}.zip"'
    return response
