"""The home page: figures, the city's labs on a drawing, what kinds of instruments there are."""

from typing import Any

from django.db.models import Count, Q

from accounts.models import District
from bookings.discovery.rules import Place, city_map
from labs.models import Instrument, InstrumentCategory, Lab, Offering

CATEGORIES = 12


def home() -> dict[str, Any]:
    """Return what the home page shows; three statements, however many labs there are."""
    labs = list(
        Lab.objects.published()
        .select_related("district")
        .annotate(
            instrument_count=Count(
                "instruments",
                filter=Q(instruments__rental_offering__state=Offering.State.PUBLISHED)
                & ~Q(instruments__status=Instrument.Status.RETIRED),
                distinct=True,
            )
        )
        .order_by("district_id", "code")
    )
    published = Q(instruments__rental_offering__state=Offering.State.PUBLISHED, instruments__lab__is_active=True)
    categories = list(
        InstrumentCategory.objects.annotate(number=Count("instruments", filter=published))
        .filter(number__gt=0)
        .order_by("-number", "code")[:CATEGORIES]
    )
    districts: dict[District, list[Lab]] = {}
    for lab in labs:
        if lab.district is not None:
            districts.setdefault(lab.district, []).append(lab)
    placed = [lab for lab in labs if lab.lat is not None and lab.lon is not None]
    drawn = city_map(
        [Place(lab.name, lab.lat or 0, lab.lon or 0) for lab in placed],
        [Place(district.name, district.lat, district.lon) for district in districts],
    )
    return {
        "figures": figures(),
        "categories": categories,
        "districts": [{"district": district, "labs": here} for district, here in districts.items()],
        "map": drawn,
        "dots": [{"lab": lab, "dot": dot} for lab, dot in zip(placed, drawn.dots, strict=True)],
    }


def figures() -> dict[str, int]:
    """Return how many labs, instruments, services and districts there are to book from, in one statement."""
    published = Q(offerings__state=Offering.State.PUBLISHED)
    rental = Q(offerings__kind=Offering.Kind.RENTAL)
    kept = ~Q(offerings__instrument__status=Instrument.Status.RETIRED)
    return Lab.objects.published().aggregate(
        labs=Count("pk", distinct=True),
        instruments=Count("offerings", filter=published & rental & kept, distinct=True),
        inspections=Count(
            "offerings", filter=published & Q(offerings__kind=Offering.Kind.AGENT_INSPECTION), distinct=True
        ),
        services=Count("offerings", filter=published & ~rental, distinct=True),
        districts=Count("district", distinct=True),
    )
