"""Which prices and terms hold at an instant."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import BigIntegerField, F, Func, IntegerField, Min, OuterRef, Subquery

from labs.catalogue.models import Instrument, InstrumentQuerySet
from labs.tariffs import rules
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


@dataclass(frozen=True, slots=True)
class Version[Terms: (Tariff, BookingPolicy)]:
    """A version of a price list or of terms of booking, and how it stands now."""

    terms: Terms
    standing: rules.Standing


def versions[Terms: (Tariff, BookingPolicy)](
    model: type[Terms], instrument: Instrument, now: datetime
) -> list[Version[Terms]]:
    """Return all versions of an instrument's price list, or of its terms of booking, the newest first."""
    rows: list[Terms] = list(model.objects.filter(instrument=instrument).order_by("-version"))
    standing = rules.standings([(row.version, row.valid_from) for row in rows], now)
    return [Version(row, standing[row.version]) for row in rows]


@dataclass(frozen=True, slots=True)
class PriceList:
    """An instrument with the price list in force, and when the next takes over; None: there is none."""

    instrument: Instrument
    tariff: Tariff | None
    next_from: datetime | None


def price_lists(instruments: list[Instrument], now: datetime) -> list[PriceList]:
    """Return what instruments cost now, in their order; two statements for all."""
    of_these = Tariff.objects.filter(instrument__in=instruments)
    in_force = {tariff.instrument_id: tariff for tariff in of_these.in_force(now)}
    ahead = dict(
        of_these.filter(valid_from__gt=now)
        .order_by()
        .values_list("instrument_id")
        .annotate(next_from=Min("valid_from"))
    )
    return [PriceList(one, in_force.get(one.pk), ahead.get(one.pk)) for one in instruments]
