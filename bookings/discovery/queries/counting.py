"""The numbers of the facets; under free time as they were a moment ago, if somebody asked just then."""

from datetime import timedelta

from django.utils.translation import get_language

from bookings.discovery.filters import Asking, DiscoveryFilter
from kernel.recent import Recent
from labs.catalogue import queries as catalogue

counts_of_free: Recent[catalogue.Counted] = Recent(keep=timedelta(seconds=10))
IN_NO_NUMBER = ("sort", "near")
"""What orders the list, and narrows nothing."""


def counted(asked: DiscoveryFilter) -> catalogue.Counted:
    """
    Return the facets with their numbers; two statements, or none.

    Under free time the numbers are upper bounds that take every instrument's weeks to find. They are the same for
    everybody, and are kept for ten seconds: see docs/adr/0016. All other numbers are counted when they are asked for.
    """
    if asked.free is None:
        return catalogue.counted(asked)
    return counts_of_free.ask(_question(asked), lambda: catalogue.counted(asked), now=asked.now)


def _question(asked: Asking) -> tuple[object, ...]:
    chosen = sorted((name, repr(value)) for name, value in asked.chosen.items() if name not in IN_NO_NUMBER)
    return get_language(), asked.on, *chosen
