"""From a figure to its lines, their entries, and the orders behind them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import Organisation
from billing.ledger.chart import CHART, Account, Per
from billing.ledger.models import Entry, Line
from labs.models import Lab


@dataclass(frozen=True, slots=True)
class Party:
    """Whose a sub-ledger is: as the account knows it, and as people do."""

    key: str
    name: str
    code: str = ""


def parties(account: Account, keys: Iterable[str]) -> dict[str, Party]:
    """Return who is meant by the keys of an account's sub-ledgers; who has no other name is told by the key."""
    wanted = list(keys)
    per = CHART[account].per
    found: dict[str, Party] = {}
    if per in (Per.ORGANISATION, Per.LAB):
        table = Organisation if per == Per.ORGANISATION else Lab
        for each in table._default_manager.filter(pk__in=[int(key) for key in wanted]):
            found[str(each.pk)] = Party(str(each.pk), each.name, each.code)
    return {key: found.get(key) or Party(key, key) for key in wanted}


def named(account: Account, text: str) -> list[str]:
    """Return the keys of those whose name, code or number is like a text, where the account is kept by people's."""
    per = CHART[account].per
    if per not in (Per.ORGANISATION, Per.LAB):
        return []
    table = Organisation if per == Per.ORGANISATION else Lab
    rows = table._default_manager
    found = rows.filter(name_zh__icontains=text) | rows.filter(name_en__icontains=text) | rows.filter(code__iexact=text)
    return [str(key) for key in found.values_list("pk", flat=True)]


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
