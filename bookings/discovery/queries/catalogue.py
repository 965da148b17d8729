"""The catalogue's list: what is offered, and the same as the lines of a file."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import batched
from typing import Any

from django.db.models import QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _

from bookings.discovery.queries.cards import calibrated_until, lowest_rates
from labs.models import Instrument, Offering
from web.tables import MOST_ROWS

ON_CARDS = (
    "code", "kind", "name_zh", "name_en", "parameter_zh", "parameter_en", "unit_price_fen", "price_unit_zh",
    "turnaround_workdays", "cma_in_scope", "cnas_in_scope",
    "lab__code", "lab__name_zh", "lab__name_en", "lab__timezone", "lab__lat", "lab__lon",
    "lab__district__name_zh", "lab__district__name_en",
    "instrument__code", "instrument__name_zh", "instrument__name_en", "instrument__model", "instrument__status",
    "instrument__expected_back_at", "instrument__rental_mode", "instrument__training_required",
    "instrument__requires_calibration", "instrument__category__name_zh", "instrument__category__name_en",
)  # fmt: skip
"""What is read of an offering in a list, which is a tenth of what there is."""
AT_ONCE = 500
"""How many rows of a file are looked up together."""


def offered() -> QuerySet[Offering]:
    """Return all that is offered to everybody, with what a card shows of it."""
    published: QuerySet[Offering] = Offering.objects.published().exclude(instrument__status=Instrument.Status.RETIRED)
    return published.select_related("lab__district", "instrument__category").only(*ON_CARDS)


def export_columns() -> list[str]:
    """Return the headings of the exported catalogue."""
    return [
        _("Kind"), _("Name"), _("Code"), _("Model"), _("Category"), _("Lab"), _("District"), _("Price from (¥)"),
        _("Unit"), _("Calibrated until"), _("Standards"), _("Workdays"),
    ]  # fmt: skip


def exported(offerings: Sequence[Offering] | QuerySet[Offering], *, now: datetime) -> Iterator[list[Any]]:
    """Yield the offerings as lines of a file."""
    for some in batched(offerings[:MOST_ROWS], AT_ONCE):
        ids = [one.instrument_id for one in some if one.instrument_id is not None]
        prices, valid = lowest_rates(ids, now), calibrated_until(ids, now)
        prefetch_related_objects(some, "standards")
        for one in some:
            instrument = one.instrument
            price = prices.get(instrument.pk) if instrument else None
            yield [
                str(one.get_kind_display()),
                one.name,
                instrument.code if instrument else one.code,
                instrument.model if instrument else "",
                instrument.category.name if instrument else "",
                one.lab.name,
                one.lab.district.name if one.lab.district else "",
                (price.fen / 100 if price else "") if instrument else one.unit_price_fen / 100,
                _("hour") if instrument else one.price_unit_zh,
                (valid.get(instrument.pk) or "") if instrument else "",
                ", ".join(standard.number for standard in one.standards.all()),
                one.turnaround_workdays or "",
            ]
