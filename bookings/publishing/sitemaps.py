"""Where search engines find the public pages, in files of ten thousand addresses."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import Max, Q, QuerySet
from django.urls import reverse

from labs.models import Instrument, Lab, Offering, OfferingVersion, Standard

A_FILE = 10_000

type Entry = tuple[str, datetime | None]


class Pages(ABC, Sitemap):  # type: ignore[type-arg]  # takes none when run
    """Pages of one kind: each by its code, and when what it says was last published."""

    limit = A_FILE
    page = ""

    @abstractmethod
    def items(self) -> QuerySet[Any, Any]:
        """Return the codes and when each last changed, in the order of their keys."""

    def location(self, item: Entry) -> str:
        """Return the path of a page."""
        return reverse(self.page, args=[item[0]])

    def lastmod(self, item: Entry) -> datetime | None:
        """Return when it last changed, where that is known."""
        return item[1]

    def get_domain(self, site: Any = None) -> str:
        """Return the platform's own name: the address in the settings, not that of a request."""
        return urlsplit(settings.PLATFORM_URL).netloc

    def get_protocol(self, protocol: str | None = None) -> str:
        """Return how the platform is reached."""
        return urlsplit(settings.PLATFORM_URL).scheme


class Front(Pages):
    """The pages that are there without any lab."""

    def items(self) -> Any:
        return [("home", None), ("discovery:catalogue", None), ("publishing:open_data", None)]

    def location(self, item: Entry) -> str:
        return reverse(item[0])


class Labs(Pages):
    page = "discovery:lab"

    def items(self) -> QuerySet[Any, Any]:
        published = Q(offerings__state=Offering.State.PUBLISHED)
        dated = Lab.objects.published().annotate(at=Max("offerings__versions__published_at", filter=published))
        return dated.order_by("pk").values_list("code", "at")


class Instruments(Pages):
    page = "discovery:instrument"

    def items(self) -> QuerySet[Any, Any]:
        dated = Instrument.objects.published().annotate(at=Max("rental_offering__versions__published_at"))
        return dated.order_by("pk").values_list("code", "at")


class Services(Pages):
    page = "discovery:service"

    def items(self) -> QuerySet[Any, Any]:
        dated = Offering.objects.published().services().annotate(at=Max("versions__published_at"))
        return dated.order_by("pk").values_list("code", "at")


class Standards(Pages):
    """The standards that somebody here can do."""

    page = "discovery:standard"

    def items(self) -> QuerySet[Any, Any]:
        published = Q(offerings__state=Offering.State.PUBLISHED, offerings__lab__is_active=True)
        offered = Standard.objects.filter(published).annotate(at=Max("offerings__versions__published_at"))
        return offered.order_by("pk").values_list("number_key", "at")


SECTIONS: dict[str, type[Pages]] = {
    "pages": Front,
    "labs": Labs,
    "instruments": Instruments,
    "services": Services,
    "standards": Standards,
}


def last_published() -> datetime | None:
    """Return when anything was last published."""
    at: datetime | None = OfferingVersion.objects.aggregate(at=Max("published_at"))["at"]
    return at


def files() -> Iterable[tuple[str, int]]:
    """Return the files of the sitemap: section and number, from one on; one statement a section."""
    for name, kind in SECTIONS.items():
        for number in range(1, kind().paginator.num_pages + 1):
            yield name, number
