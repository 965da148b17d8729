"""From a figure to its lines, their entries, and the orders behind them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet, Sum

from accounts.models import Organisation
from billing.ledger.chart import CHART, Account, Per
from billing.ledger.models import Entry, Line
from kernel.money import Money
from labs.models import Lab

NAMED_IN: dict[Per, type[Organisation] | type[Lab]] = {Per.ORGANISATION: Organisation, Per.LAB: Lab}
"""Where those are whose names people know."""


@dataclass(frozen=True, slots=True)
class Party:
    """Whose a sub-ledger is: as the account knows it, and as people do."""

    key: str
    name: str
    code: str = ""


def whose(some: Iterable[tuple[Account, str]]) -> dict[tuple[Account, str], Party]:
    """Return who is meant by keys of accounts' sub-ledgers; who has no other name is told by the key."""
    pairs = {(account, key) for account, key in some if key}
    found: dict[tuple[Per, str], Party] = {}
    for per, table in NAMED_IN.items():
        keys = {int(key) for account, key in pairs if CHART[account].per == per}
        for each in table._default_manager.filter(pk__in=keys) if keys else ():
            found[per, str(each.pk)] = Party(str(each.pk), each.name, each.code)
    return {(account, key): found.get((CHART[account].per, key)) or Party(key, key) for account, key in pairs}


def parties(account: Account, keys: Iterable[str]) -> dict[str, Party]:
    """Return who is meant by the keys of one account's sub-ledgers."""
    return {key: party for (_, key), party in whose((account, key) for key in keys).items()}


def named(account: Account, text: str) -> list[str]:
    """Return the keys of those whose name, code or number is like a text, where the account is kept by people's."""
    table = NAMED_IN.get(CHART[account].per)
    if table is None:
        return []
    like = Q(name_zh__icontains=text) | Q(name_en__icontains=text) | Q(code__iexact=text)
    return [str(key) for key in table._default_manager.filter(like).values_list("pk", flat=True)]


def lines_of(account: Account, party: str | None = None) -> QuerySet[Line]:
    """Return the lines of an account, or of one of its sub-ledgers, the newest first, each with its entry."""
    found = Line.objects.filter(account=account.value)
    if party is not None:
        found = found.filter(party=party)
    return found.select_related("entry").order_by("-posted_in", "-pk")


def posted() -> QuerySet[Entry]:
    """Return all entries, the newest first."""
    return Entry.objects.select_related("organisation", "lab", "by").order_by("-pk")


def entries_of_order(order_number: str) -> QuerySet[Entry]:
    """Return what was posted for an order, in order, each with its lines."""
    return Entry.objects.of_order(order_number).prefetch_related("lines")


def turnovers(entry_ids: Iterable[int]) -> dict[int, Money]:
    """Return how much each of these entries moves: the sum of its debits."""
    debits = Line.objects.filter(entry_id__in=list(entry_ids), fen__gt=0).order_by()
    return {row["entry_id"]: Money(row["total"]) for row in debits.values("entry_id").annotate(total=Sum("fen"))}
