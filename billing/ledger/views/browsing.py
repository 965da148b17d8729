"""From the trial balance to an account, to one of its sub-ledgers, to the entries, to one entry and its order."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from billing.ledger import exporting, queries
from billing.ledger.chart import CHART, REVERSAL, Account, Per
from billing.ledger.filters import EntryFilter, LineFilter, begins
from billing.ledger.forms import PartyForm, ReasonForm, UntilForm
from billing.ledger.invariants import LEDGER
from billing.ledger.models import Entry, Line, Posting
from billing.ledger.queries import Party, Sum
from billing.ledger.wording import CHECKS
from kernel.bilingual import chosen
from kernel.invariants import verified
from kernel.money import Money
from web import access, tables
from web.pages import show
from web.requests import MemberRequest

PAGE = 50


@access.platform_finance
@require_safe
def trial_balance(request: MemberRequest) -> HttpResponse:
    """Show what every account holds, now or at the end of a day, and whether the money of others is there."""
    form = UntilForm(request.GET)
    day = form.cleaned_data["until"] if form.is_valid() else None
    sums = queries.trial_balance(until=begins(day + timedelta(days=1)) if day else None)
    fmt = request.GET.get("format", "")
    if exporting.asked_for(fmt):
        return exporting.answer(fmt, name=_("trial balance"), columns=_columns(), rows=[_row(each) for each in sums])
    context = {
        "form": form,
        "day": day,
        "rows": [{"sum": each, "name": name_of(each.account)} for each in sums],
        "debit": Money(sum(each.debit_fen for each in sums)),
        "credit": Money(sum(each.credit_fen for each in sums)),
        "client": None if day else queries.client_money(),
        "waiting": Posting.objects.waiting().count(),
        "tab": "balance",
    }
    return show(request, "billing/ledger/trial_balance.html", context)


def name_of(account: Account) -> str:
    """Return an account's name in the language of the page."""
    return chosen(CHART[account].name_zh, CHART[account].name_en)


def _columns() -> dict[str, str]:
    return {
        "account": _("Ledger account"),
        "name": _("Name"),
        "party": _("Whose"),
        "party_name": _("Name of whose"),
        "debit": _("Debit (yuan)"),
        "credit": _("Credit (yuan)"),
        "balance": _("Balance (yuan)"),
    }


def _row(each: Sum, party: Party | None = None) -> list[Any]:
    whose = (party.code or party.key, party.name) if party else ("", "")
    sides = (Money(each.debit_fen), Money(each.credit_fen), each.own)
    return [each.account.value, name_of(each.account), *whose, *(side.fen / 100 for side in sides)]


def account_of(code: str) -> Account:
    """
    Return an account by its code.

    Raises:
        Http404: the chart has none such.
    """
    try:
        return Account(code)
    except ValueError as fault:
        raise Http404 from fault


@access.platform_finance
@require_safe
def account(request: MemberRequest, code: str) -> HttpResponse:
    """Show an account by its sub-ledgers; one that has none, by its lines."""
    shown = account_of(code)
    if CHART[shown].per == Per.NOTHING:
        return lines(request, code)
    form = PartyForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    sums = queries.sub_ledger(shown, open_only=not asked.get("all"))
    if text := asked.get("search", "").strip():
        keys = set(queries.named(shown, text))
        sums = [each for each in sums if each.party in keys or text.lower() in each.party.lower()]
    fmt = request.GET.get("format", "")
    if exporting.asked_for(fmt):
        wanted = sums[: tables.MOST_ROWS]
        whose = queries.parties(shown, [each.party for each in wanted])
        rows = [_row(each, whose[each.party]) for each in wanted]
        return exporting.answer(fmt, name=f"{code} {name_of(shown)}", columns=_columns(), rows=rows)
    page = Paginator(sums, PAGE).get_page(request.GET.get("page"))
    whose = queries.parties(shown, [each.party for each in page])
    context = {
        "form": form,
        "code": code,
        "kept": CHART[shown],
        "name": name_of(shown),
        "page": page,
        "rows": [{"sum": each, "party": whose[each.party]} for each in page],
        "balance": queries.balance(shown),
        "is_filtered": bool(text),
        "tab": "balance",
    }
    return show(request, "billing/ledger/account.html", context, fragment="results")


@access.platform_finance
@require_safe
def lines(request: MemberRequest, code: str) -> HttpResponse:
    """Show the lines of an account, or of one of its sub-ledgers, the newest first, each with its entry and order."""
    shown = account_of(code)
    found = LineFilter(request.GET, queryset=queries.lines_of(shown))
    fmt = request.GET.get("format", "")
    if exporting.asked_for(fmt):
        rows = _line_rows(shown, found.qs[: tables.MOST_ROWS])
        return exporting.answer(fmt, name=f"{code} {name_of(shown)}", columns=_line_columns(), rows=rows)
    page = Paginator(found.qs, PAGE).get_page(request.GET.get("page"))
    party = request.GET.get("party", "")
    about = {} if not party else queries.parties(shown, [party])
    context = {
        "filter": found,
        "code": code,
        "kept": CHART[shown],
        "name": name_of(shown),
        "party": about.get(party),
        "page": page,
        "rows": _with_parties(shown, page),
        "balance": queries.balance_of(shown, party),
        "is_filtered": any(request.GET.get(name) for name in ("order", "event", "since", "until")),
        "tab": "balance",
    }
    return show(request, "billing/ledger/lines.html", context, fragment="results")


def _with_parties(shown: Account, some: Page[Line] | Sequence[Line]) -> list[dict[str, Any]]:
    named = queries.parties(shown, {line.party for line in some if line.party})
    return [{"line": line, "party": named.get(line.party)} for line in some]


def _line_columns() -> dict[str, str]:
    return {
        "at": _("Time"),
        "entry": _("Entry"),
        "event": _("Event"),
        "event_name": _("Business event"),
        "account": _("Ledger account"),
        "party": _("Whose"),
        "party_name": _("Name of whose"),
        "order": _("Order number"),
        "debit": _("Debit (yuan)"),
        "credit": _("Credit (yuan)"),
        "reason": _("Reason"),
    }


def _line_rows(shown: Account, some: Sequence[Line]) -> list[list[Any]]:
    return [
        [
            exporting.local(row["line"].entry.at),
            row["line"].entry.event_id,
            row["line"].entry.event,
            row["line"].entry.told,
            row["line"].account,
            row["party"].code or row["party"].key if row["party"] else "",
            row["party"].name if row["party"] else "",
            row["line"].order_number or row["line"].entry.order_number,
            max(row["line"].fen, 0) / 100,
            max(-row["line"].fen, 0) / 100,
            row["line"].entry.reason,
        ]
        for row in _with_parties(shown, list(some))
    ]


@access.platform_finance
@require_safe
def entries(request: MemberRequest) -> HttpResponse:
    """Show the journal: what was posted, the newest first; of one order, or all."""
    found = EntryFilter(request.GET, queryset=queries.posted())
    fmt = request.GET.get("format", "")
    if exporting.asked_for(fmt):
        rows = [_entry_row(each) for each in found.qs[: tables.MOST_ROWS]]
        return exporting.answer(fmt, name=_("journal"), columns=_entry_columns(), rows=rows)
    page = Paginator(found.qs, PAGE).get_page(request.GET.get("page"))
    moved = queries.turnovers([each.pk for each in page])
    context = {
        "filter": found,
        "page": page,
        "rows": [{"entry": each, "amount": moved[each.pk]} for each in page],
        "is_filtered": any(request.GET.get(name) for name in ("order", "event", "since", "until")),
        "tab": "journal",
    }
    return show(request, "billing/ledger/entries.html", context, fragment="results")


def _entry_columns() -> dict[str, str]:
    return {
        "at": _("Time"),
        "entry": _("Entry"),
        "event": _("Event"),
        "event_name": _("Business event"),
        "order": _("Order number"),
        "organisation": _("Organisation"),
        "lab": _("Lab"),
        "by": _("By"),
        "reason": _("Reason"),
    }


def _entry_row(each: Entry) -> list[Any]:
    organisation = each.organisation.name if each.organisation else ""
    lab, by = (each.lab.name if each.lab else ""), (str(each.by) if each.by else "")
    when = exporting.local(each.at)
    return [when, each.event_id, each.event, each.told, each.order_number, organisation, lab, by, each.reason]


@access.platform_finance
@require_safe
def entry(request: MemberRequest, pk: int) -> HttpResponse:
    """Show one entry: its lines, who posted it, and what else was posted for its order."""
    return show_entry(request, get_object_or_404(queries.posted(), pk=pk), ReasonForm())


def show_entry(request: HttpRequest, shown: Entry, form: ReasonForm, status: int = 200) -> HttpResponse:
    """Answer with an entry's page."""
    lines_in_order = list(shown.lines.order_by("pk"))
    whose = queries.whose((Account(line.account), line.party) for line in lines_in_order)
    rows = [
        {"line": line, "name": name_of(account), "party": whose.get((account, line.party))}
        for line in lines_in_order
        for account in [Account(line.account)]
    ]
    beside = (
        queries.entries_of_order(shown.order_number).exclude(pk=shown.pk)
        if shown.order_number
        else Entry.objects.none()
    )
    back = shown.reversals.first()
    context = {
        "entry": shown,
        "rows": rows,
        "total": Money(sum(max(line.fen, 0) for line in lines_in_order)),
        "beside": beside[:PAGE],
        "back": back,
        "proposals": shown.proposed_reversals.waiting(),
        "may_reverse": shown.event != REVERSAL and back is None,
        "form": form,
        "tab": "journal",
    }
    return show(request, "billing/ledger/entry.html", context, status=status)


@access.platform_finance
@require_safe
def checks(request: MemberRequest) -> HttpResponse:
    """Check the books now, line by line, and show what was found (BL-34, BL-35)."""
    verdicts = list(verified(LEDGER, now=timezone.now()))
    context = {
        "rows": [{"verdict": verdict, "label": CHECKS[verdict.invariant.name]} for verdict in verdicts],
        "is_sound": not any(verdict.count for verdict in verdicts),
        "tab": "checks",
    }
    return show(request, "billing/ledger/checks.html", context)
