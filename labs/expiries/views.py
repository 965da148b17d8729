"""What runs out, as a list of the lab's desk."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from labs.expiries import queries, rules
from labs.expiries.forms import ExpiryFilter
from labs.expiries.queries import Expiring
from web import access, tables
from web.pages import show
from web.requests import MemberRequest

PAGE = 50


@access.lab_staff
@require_safe
def listed(request: MemberRequest) -> HttpResponse:
    """List what of the lab runs out within ninety days or has run out lately; as a page or as a file."""
    everything = queries.ending(
        now=timezone.now(), organisation_id=request.member.organisation_id, behind=rules.LONG_OVER
    )
    form = ExpiryFilter(request.GET)
    found = form.chosen(everything)
    fmt = request.GET.get("format", "")
    if tables.asked_for(fmt):
        return tables.answer(fmt, name=_("expiries"), columns=columns(), rows=map(row, found[: tables.MOST_ROWS]))
    context = {
        "form": form,
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "counted": queries.counted(everything),
        "is_filtered": form.is_used,
    }
    return show(request, "labs/expiries/list.html", context, fragment="results")


def columns() -> list[str]:
    """Return the headings of the exported list."""
    return [_("Kind"), _("Name"), _("Certificate"), _("Code"), _("Lab"), _("Valid until"), _("Days left")]


def row(thing: Expiring) -> list[Any]:
    """Return a thing as a line of the exported list."""
    return [thing.kind_told, thing.name, thing.detail, thing.code, thing.lab, thing.ends_on, thing.days_left]
