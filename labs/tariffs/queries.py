"""Which prices and terms hold at an instant."""

from datetime import datetime

from django.db.models import BigIntegerField, F, Func, IntegerField, OuterRef, Subquery

from labs.catalogue.models import Instrument, InstrumentQuerySet
from labs.tariffs.models import BookingPolicy, Tariff


class LowestRate(Func):
    """The lowest rate of hour bands, in basis points; the base rate where no band is cheaper."""

    template = (
        "(SELECT least(10000, min((band->>'rate_bp')::integer))"
        " FROM jsonb_array_elements(%(expressions)s) AS bands (band))"
    )
    output_field = IntegerField()


def tariff_in_force(instrument: Instrument, at: datetime) -> Tariff | None:
    """Return the price list that holds at an instant, or None before the first."""
    found: Tariff | None = Tariff.objects.filter(instrument=instrument).in_force(at).first()
    return found


def policy_in_force(instrument: Instrument, at: datetime) -> BookingPolicy | None:
    """Return the terms of booking that hold at an instant, or None before the first."""
    found: BookingPolicy | None = BookingPolicy.objects.filter(instrument=instrument).in_force(at).first()
    return found


def with_price_from(instruments: InstrumentQuerySet, at: datetime) -> InstrumentQuerySet:
    """Annotate `price_from`: the lowest price of an hour in fen, in the cheapest band; None without a price list."""
    lowest = (
        Tariff.objects.filter(instrument=OuterRef("pk"), valid_from__lte=at)
        .order_by("-valid_from", "-version")
        .annotate(lowest=(F("base_rate_fen_per_hour") * LowestRate(F("bands")) + 5_000) / 10_000)
        .values("lowest")[:1]
    )
    return instruments.annotate(price_from=Subquery(lowest, output_field=BigIntegerField()))
