"""Who changed what, when, from what to what."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit.trail import queries as trail
from labs.catalogue.models import Lab, Offering
from labs.desk import history
from labs.desk.views.instruments import ours
from web import access, tables
from web.pages import show
from web.requests import MemberRequest

PAGE = 30


@access.lab_staff
@require_safe
def instrument(request: MemberRequest, code: str) -> HttpResponse:
    """Show the history of an instrument."""
    found = ours(request, code)
    context = {"instrument": found, "tab": "history"}
    return show_history(request, f"instrument:{found.pk}", found.lab, "labs/desk/history_of_instrument.html", context)


@access.lab_staff
@require_safe
def offering(request: MemberRequest, code: str) -> HttpResponse:
    """Show the history of an offering."""
    mine = Offering.objects.operated_by(request.member).services().select_related("lab")
    found = get_object_or_404(mine, code=code)
    context = {"offering": found, "tab": "history"}
    return show_history(request, f"offering:{found.pk}", found.lab, "labs/desk/history_of_offering.html", context)


@access.lab_staff
@require_safe
def lab(request: MemberRequest, code: str) -> HttpResponse:
    """Show the history of a lab."""
    found = get_object_or_404(Lab.objects.operated_by(request.member), code=code)
    context = {"lab": found, "tab": "history"}
    return show_history(request, f"lab:{found.pk}", found, "labs/desk/history_of_lab.html", context)


def show_history(
    request: MemberRequest, about: str, its_lab: Lab, template: str, context: dict[str, Any]
) -> HttpResponse:
    """Answer with the history of a thing (`about`: "lab:12"), in its lab's time; as a page or as a file."""
    found = trail.history(about)
    fmt = request.GET.get("format", "")
    if tables.asked_for(fmt):
        return tables.answer(
            fmt,
            name=_("history"),
            columns=[_("When"), _("Time zone"), _("Who"), _("What"), _("Field"), _("Before"), _("After"), _("Reason")],
            rows=_lines(history.told(found[: tables.MOST_ROWS]), its_lab),
        )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    told = history.told(page.object_list)
    return show(request, template, {**context, "page": page, "entries": told, "zone": its_lab.tz})


def _lines(entries: list[history.Entry], its_lab: Lab) -> Any:
    for entry in entries:
        start = [entry.at.astimezone(its_lab.tz), its_lab.timezone, entry.who, entry.what]
        if not entry.changes:
            yield [*start, "", "", "", entry.reason]
        for change in entry.changes:
            before = change.before or "\n".join(change.gone)
            after = change.after or "\n".join(change.come)
            yield [*start, change.label, before, after, entry.reason]
