"""Saying what an instrument can."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import override

from accounts.models import Membership
from kernel.events import announce
from kernel.locks import lock
from kernel.refusals import Refusal
from labs.capabilities import wording
from labs.capabilities.events import CapabilitiesStated
from labs.capabilities.models import Capability
from labs.catalogue.models import Instrument


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """One capability as a lab writes it; numbers in `unit`, an end that is None is open."""

    quantity: str
    low: Decimal | None
    high: Decimal | None
    unit: str
    uncertainty: str = ""
    kind: str = ""
    coverage_factor: Decimal | None = None
    note: str = ""
    parameter_id: int | None = None

    def row(self, instrument: Instrument) -> Capability:
        """
        Return it as a row of an instrument, worked out, not yet written.

        Raises:
            Refusal: those of `rules.capable`; each names its `field`.
        """
        row = Capability(
            instrument=instrument,
            parameter_id=self.parameter_id,
            quantity=self.quantity,
            stated_low=self.low,
            stated_high=self.high,
            unit=self.unit,
            uncertainty=self.uncertainty,
            uncertainty_kind=self.kind,
            coverage_factor=self.coverage_factor,
            note=self.note,
        )
        row.work_out()
        return row


@transaction.atomic
def state_capabilities(
    *, instrument: Instrument, stated: Sequence[Stated], by: Membership | None, now: datetime
) -> list[Capability]:
    """
    Say all that an instrument can, in place of what was said before; what stays as it was keeps its row.

    Raises:
        QuantityUnknown, UnitUnknown, UnitOfAnotherQuantity, ValueUnreadable, RangeUpsideDown: one of them cannot be
            compared; the refusal's fact `position` says which, counted from 0, and `field` says where.
    """
    lock(Instrument.objects.filter(pk=instrument.pk))
    rows = []
    for position, each in enumerate(stated):
        try:
            rows.append(each.row(instrument))
        except Refusal as refusal:
            refusal.facts["position"] = position
            raise
    known = {_said(row): row for row in instrument.capabilities.select_related("parameter").order_by("pk")}
    before = [_told(row) for row in known.values()]
    kept = [known.pop(_said(row)) for row in rows if _said(row) in known]
    made = [row for row in rows if _said(row) not in {_said(each) for each in kept}]
    Capability.objects.filter(pk__in=[row.pk for row in known.values()]).delete()
    Capability.objects.bulk_create(made)
    if made or known:
        after = [_told(row) for row in instrument.capabilities.select_related("parameter").order_by("pk")]
        announce(
            CapabilitiesStated(
                instrument_id=instrument.pk,
                before=before,
                after=after,
                occurred_at=now,
                actor_id=by.user_id if by else None,
                organisation_id=by.organisation_id if by else None,
            )
        )
    return sorted([*kept, *made], key=lambda row: row.pk)


def _said(row: Capability) -> tuple[object, ...]:
    return (
        row.quantity,
        row.stated_low,
        row.stated_high,
        row.unit,
        row.uncertainty,
        row.uncertainty_kind,
        row.coverage_factor,
        row.note,
        row.parameter_id,
    )


def _told(row: Capability) -> str:
    with override("zh-hans"):
        return wording.stated(row.capable)
