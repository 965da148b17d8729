"""The instruments of the board, and when they are closed or out of service."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import F, Func, Max, Min, Q, Value

from accounts.models import Membership
from kernel.multiranges import MultirangeField, as_multirange
from kernel.periods import Period, without
from labs.models import Instrument, OpeningWindow, OpenTime, Outage


@dataclass(frozen=True, slots=True)
class Rows:
    """
    The lab's instruments in their order, when which of them are closed, and the outages inside a window.

    Instruments with the same hours share their closed time: a board of two hundred says it once.
    """

    instruments: tuple[Instrument, ...]
    closed: tuple[tuple[tuple[str, ...], tuple[Period, ...]], ...]
    outages: tuple[Outage, ...]

    def codes_of(self, outage: Outage) -> list[str]:
        """Return the codes of the instruments that an outage takes out."""
        return [one.code for one in self.instruments if outage.instrument_id == one.pk or outage.lab_id == one.lab_id]


def rows(member: Membership, within: Period) -> Rows:
    """Return the lab's instruments, their closed time and outages inside a window; three statements for all."""
    instruments = tuple(
        Instrument.objects.operated_by(member)
        .exclude(status=Instrument.Status.RETIRED)
        .select_related("lab", "room", "category")
        .defer("search_bigrams", "description_zh", "description_en")
        .order_by("lab__code", "code")
    )
    outages = tuple(_outages(instruments, within))
    return Rows(instruments, tuple(_closed(instruments, outages, within)), outages)


def _outages(instruments: Iterable[Instrument], within: Period) -> Iterable[Outage]:
    keys, labs = [one.pk for one in instruments], {one.lab_id for one in instruments}
    theirs = Q(instrument_id__in=keys) | Q(lab_id__in=labs)
    found = Outage.objects.filter(theirs, period__overlap=within.as_range())
    return found.select_related("instrument", "lab").order_by("period", "pk")


def _closed(
    instruments: Iterable[Instrument], outages: Iterable[Outage], within: Period
) -> Iterable[tuple[tuple[str, ...], tuple[Period, ...]]]:
    """Yield which instruments are closed when; where an outage takes all units, that is what is shown."""
    codes = {one.pk: one.code for one in instruments}
    labs = {one.pk: one.lab_id for one in instruments}
    opened = (
        OpenTime.objects.filter(instrument_id__in=list(codes))
        .values(inside=_inside(within))
        .annotate(of=ArrayAgg("instrument_id", ordering="instrument_id"))
        .order_by("of")
    )
    whole = [one for one in outages if one.units is None]
    alike: dict[tuple[tuple[Period, ...], tuple[Period, ...]], list[int]] = {}
    hours = {pk: tuple(row["inside"] or ()) for row in opened for pk in row["of"]}
    for pk in codes:
        lost = tuple(one.stretch for one in whole if one.instrument_id == pk or one.lab_id == labs[pk])
        alike.setdefault((hours.get(pk, ()), lost), []).append(pk)
    for (open_, lost), keys in alike.items():
        yield tuple(codes[pk] for pk in keys), tuple(without([within], [*open_, *lost]))


def _inside(within: Period) -> Func:
    return Func(
        F("open"),
        Value(as_multirange([within]), output_field=MultirangeField()),
        template="%(expressions)s",
        arg_joiner=" * ",
        output_field=MultirangeField(),
    )


def shown_hours(member: Membership) -> tuple[str, str]:
    """Return between which clocks the board shows a day: from the earliest opening to the latest closing."""
    windows = OpeningWindow.objects.filter(lab__organisation_id=member.organisation_id)
    seen = windows.aggregate(first=Min("opens_minute"), last=Max("closes_minute"))
    if seen["first"] is None:
        return "08:00", "18:00"
    return f"{seen['first'] // 60:02d}:00", f"{-(-seen['last'] // 60):02d}:00"
