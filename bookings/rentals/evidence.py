"""What a rental shows an issuer of vouchers: what was agreed at which price, and the record of the use (使用记录)."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from billing.pricing.wording import lines_told
from billing.vouchers.evidence import Document, Kind, text
from bookings.rentals.models import Rental, UsageRecord
from web import moments


def of_orders(order_numbers: Sequence[str]) -> Iterator[Document]:
    """Yield quote and usage record of those orders that are rentals; two statements, however many."""
    rentals = Rental.objects.filter(number__in=order_numbers).select_related(
        "instrument__lab__organisation", "organisation", "placed_by", "operator", "tariff"
    )
    for rental in rentals:
        yield _agreed(rental)
    records = UsageRecord.objects.filter(rental__number__in=order_numbers).select_related(
        "rental__instrument__lab", "rental__organisation", "operator", "recorded_by"
    )
    for record in records:
        yield _used(record)


def _agreed(rental: Rental) -> Document:
    lab = rental.instrument.lab
    facts = [
        (_("Order number"), rental.number),
        (_("Customer"), f"{rental.organisation.name_zh} {rental.organisation.registration_number}"),
        (_("Laboratory"), f"{lab.name} ({lab.organisation.name_zh})"),
        (_("Instrument"), f"{rental.instrument.name} {rental.instrument.code}"),
        (_("Time"), moments.period(rental.time, lab.tz)),
        (_("Mode"), rental.get_mode_display()),
        (_("Units"), rental.units),
        (_("What it is for"), rental.purpose),
        (_("Price list"), _("version {number}").format(number=rental.tariff.version)),
        (_("Held at"), moments.instant(rental.created_at, lab.tz)),
        (_("Confirmed at"), moments.instant(rental.confirmed_at, lab.tz) if rental.confirmed_at else ""),
        (_("Total, tax included"), rental.total),
    ]
    lines = [f"{line.name}  {line.how}  {line.discount}  {line.amount}" for line in lines_told(rental.price_lines)]
    return Document(rental.number, Kind.CONTRACT, text(_("Quote, as agreed"), facts, lines))


def _used(record: UsageRecord) -> Document:
    rental = record.rental
    tz = rental.instrument.lab.tz
    facts = [
        (_("Order number"), rental.number),
        (_("Instrument"), f"{rental.instrument.name} {rental.instrument.code}"),
        (_("Used by"), rental.organisation.name_zh),
        (_("Began at"), moments.instant(record.started_at, tz)),
        (_("Ended at"), moments.instant(record.ended_at, tz) if record.ended_at else ""),
        (_("Operated by"), record.operator.name_zh if record.operator else ""),
        (_("Samples"), "" if record.samples is None else record.samples),
        (_("Condition of the instrument"), record.get_condition_display()),
        (_("Recorded by"), record.recorded_by),
    ]
    return Document(rental.number, Kind.USAGE, text(_("Record of the use"), facts))
