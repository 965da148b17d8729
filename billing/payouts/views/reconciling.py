"""Where the books do not agree with the bank or the bills, with age; compared each night, and when asked (BL-37)."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing.payouts import operations, wording
from billing.payouts.filters import STANDING, DifferenceFilter
from billing.payouts.models import Difference, ReconciliationRun
from billing.vouchers.rules import ZONE, local_day
from web import access, tables
from web.lists import PAGE
from web.pages import show
from web.requests import MemberRequest


@access.platform_finance
@require_safe
def differences(request: MemberRequest) -> HttpResponse:
    """Show the differences that stand, the oldest first, or those that are gone; as a file, too."""
    asked = QueryDict(mutable=True)
    asked.update({"shown": STANDING, **request.GET.dict()})
    found = DifferenceFilter(asked, queryset=Difference.objects.order_by("on", "pk"))
    today = local_day(timezone.now())
    fmt = request.GET.get("format", "")
    if tables.asked_for(fmt):
        rows = (wording.difference_row(one, today=today) for one in found.qs[: tables.MOST_ROWS])
        return tables.answer(fmt, name=_("differences"), columns=wording.difference_columns(), rows=rows)
    page = Paginator(found.qs, PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": found,
        "page": page,
        "rows": [{"one": one, "days": wording.age(one, today=today)} for one in page],
        "run": ReconciliationRun.objects.select_related("by").first(),
        "standing": Difference.objects.standing().count(),
        "is_filtered": any(request.GET.get(name) for name in found.filters),
        "zone": ZONE,
        "tab": "differences",
    }
    return show(request, "billing/payouts/differences.html", context, fragment="results")


@access.platform_finance
@require_POST
def run(request: MemberRequest) -> HttpResponse:
    """Compare now."""
    done = operations.reconcile(by=request.member, now=timezone.now())
    if done.standing:
        messages.warning(request, _("Compared: {number} differences stand.").format(number=done.standing))
    else:
        messages.success(request, _("Compared: everything agrees, to the fen."))
    return HttpResponseRedirect(reverse("payouts:differences"))
