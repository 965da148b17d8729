"""Where what was found is: the labs with their numbers, for the map and the list beside it."""

from django.http import QueryDict

from bookings.discovery.filters import Asking
from bookings.discovery.maps import Place, on_the_map
from labs.catalogue.queries import Counted
from labs.models import Lab


def places(counted: Counted, asked: Asking, query: QueryDict) -> list[Place]:
    """Return the labs that something was found at, those with most first; one statement."""
    chosen = asked.values.get("lab")
    numbers = {
        value.value: value.count
        for facet in counted.facets
        if facet.name == "lab"
        for value in facet.values
        if value.count and (not chosen or value.value in chosen)
    }
    labs = Lab.objects.filter(code__in=numbers).select_related("district")
    found = [Place(lab, numbers[lab.code], _at(query, lab), *on_the_map(lab.lat, lab.lon)) for lab in labs]
    return sorted(found, key=lambda place: (-place.count, place.lab.code))


def _at(query: QueryDict, lab: Lab) -> str:
    """Return the query that lists what was found at a lab."""
    told = query.copy()
    for name in ("view", "page"):
        told.pop(name, None)
    told.setlist("lab", [lab.code])
    return f"?{told.urlencode()}"
