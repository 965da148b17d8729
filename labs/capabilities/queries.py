"""Which instruments fit what is asked, and why."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    DecimalField,
    Expression,
    ExpressionWrapper,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Sqrt
from django.db.models.lookups import LessThanOrEqual
from psycopg.types.range import Range

from labs.capabilities import rules
from labs.capabilities.models import Capability

LINE: Any = DecimalField()


def matching(wish: rules.Wish) -> QuerySet[Capability]:
    """Return the capabilities that fit, by the range's index; exactly those that `rules.fit` says fit."""
    asked = Range(wish.low, wish.high, "[]")
    found = Capability.objects.filter(quantity=wish.quantity, si_range__contains=asked)
    if wish.uncertainty is None:
        return found
    near, far = wish.near_and_far
    largest = max(rules.allowed(wish.uncertainty.at(each)) for each in (near, far))
    found = found.filter(best_uncertainty_si__lte=largest)
    for each in (near, far) if near != far else (far,):
        limit = rules.allowed(wish.uncertainty.at(each))
        found = found.filter(
            Q(LessThanOrEqual(_line(each), limit), uncertainty_is_root=False)
            | Q(LessThanOrEqual(_squares(each), limit * limit), uncertainty_is_root=True)
        )
    return found


def _line(at: Decimal) -> Expression:
    return ExpressionWrapper(F("uncertainty_fixed_si") + F("uncertainty_share") * at, output_field=LINE)


def _squares(at: Decimal) -> Expression:
    fixed, grown = F("uncertainty_fixed_si"), F("uncertainty_share") * at
    return ExpressionWrapper(fixed * fixed + grown * grown, output_field=LINE)


def _offered(at: Decimal) -> Expression:
    root = Sqrt(_squares(at), output_field=LINE)
    return Case(When(uncertainty_is_root=True, then=root), default=_line(at), output_field=LINE)


def instruments_for(wish: rules.Wish) -> QuerySet[Capability, int]:
    """Return the keys of the instruments that fit, for `pk__in`; exact, with nothing left to be judged elsewhere."""
    return matching(wish).order_by().values_list("instrument_id", flat=True)


def uncertainty_for(wish: rules.Wish, *, instrument: str = "pk") -> Subquery:
    """Return the smallest uncertainty (SI, k = 2) with which an instrument measures what is asked, to sort by."""
    its = matching(wish).filter(instrument_id=OuterRef(instrument)).order_by().values("instrument_id")
    far = wish.near_and_far[1]
    return Subquery(its.annotate(surest=Min(_offered(far))).values("surest"), output_field=LINE)


def fits(instrument_ids: Collection[int], wish: rules.Wish) -> dict[int, rules.Fit]:
    """Return, in one statement, why each of the instruments that fit does, by its capability that fits best."""
    found: dict[int, rules.Fit] = {}
    if not instrument_ids:
        return found
    rows = matching(wish).filter(instrument_id__in=instrument_ids).select_related("parameter").order_by("pk")
    for row in rows:
        fit = rules.fit(row.capable, wish)
        if isinstance(fit, rules.Fit):
            known = found.get(row.instrument_id)
            if known is None or rules.better(fit, known):
                found[row.instrument_id] = fit
    return found
