"""
What a public page says of itself to search engines and to those it is sent to: Open Graph, JSON-LD (schema.org).

Note [Data, not script]
    `<script type="application/ld+json">` is a block of data: no browser runs it, so the strict Content Security Policy
    lets it stand without a nonce. What could end the element, or begin a comment, is written as an escape.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import get_language

from kernel.money import Money
from labs.models import Accreditation, Instrument, Lab, Offering

CONTEXT = "https://schema.org"
ESCAPES = {ord(letter): f"\\u{ord(letter):04X}" for letter in "<>&\u2028\u2029"}
LANGUAGES = (("zh-Hans", "zh-hans"), ("en", "en"))
"""Languages as pages name them, and as the address does: `?lang=en`."""


def absolute(path: str) -> str:
    """Return the whole address of a page."""
    return str(settings.PLATFORM_URL).rstrip("/") + path


@dataclass(frozen=True, slots=True)
class About:
    """What a page is about: its path, title, a sentence, and the things on it as schema.org knows them."""

    path: str
    title: str
    description: str
    things: Sequence[dict[str, Any]] = ()
    kind: str = "website"

    @property
    def canonical(self) -> str:
        """The one address of the page in its language; Chinese, the first language, needs no `lang`."""
        return self.in_language("en") if (get_language() or "").startswith("en") else absolute(self.path)

    @property
    def address(self) -> str:
        """The address for whoever's language is not known."""
        return absolute(self.path)

    @property
    def alternates(self) -> list[tuple[str, str]]:
        """The page in each language: its tag, its address."""
        return [(tag, self.in_language(code)) for tag, code in LANGUAGES]

    @property
    def locale(self) -> str:
        """The language, as Open Graph names it."""
        return "en_GB" if (get_language() or "").startswith("en") else "zh_CN"

    def in_language(self, code: str) -> str:
        """Return the address of the page in a language."""
        return f"{absolute(self.path)}?lang={code}"


def as_json(thing: dict[str, Any]) -> str:
    """Return a thing as JSON that can stand inside an element: see Note [Data, not script]."""
    return json.dumps({"@context": CONTEXT, **thing}, ensure_ascii=False, separators=(",", ":")).translate(ESCAPES)


def lab(lab: Lab, *, path: str, accreditations: Sequence[Accreditation] = ()) -> dict[str, Any]:
    """Return a lab as an organisation with its place and what it is recognised for."""
    told: dict[str, Any] = {
        "@type": "Organization",
        "@id": f"{absolute(path)}#lab",
        "url": absolute(path),
        "identifier": lab.code,
        "name": lab.name,
        "description": lab.fields_of_work,
        "telephone": lab.contact_phone,
        "alternateName": lab.name_zh if lab.name != lab.name_zh else lab.name_en,
        "hasCredential": [
            {
                "@type": "EducationalOccupationalCredential",
                "credentialCategory": each.kind,
                "identifier": each.number,
                "validFrom": each.valid_from.isoformat(),
                "expires": each.valid_to.isoformat(),
            }
            for each in accreditations
        ],
    }
    if lab.address_zh:
        region = lab.district.name if lab.district else ""
        told["address"] = _given(
            {"@type": "PostalAddress", "streetAddress": lab.address_zh, "addressRegion": region, "addressCountry": "CN"}
        )
    if lab.lat is not None and lab.lon is not None:
        point = {"@type": "GeoCoordinates", "latitude": lab.lat, "longitude": lab.lon}
        told["location"] = {"@type": "Place", "name": lab.name, "geo": point}
    return _given(told)


def service(offering: Offering, *, path: str, lab_path: str) -> dict[str, Any]:
    """Return a service with its offer; the unit of the price is told as the lab says it."""
    return _given(
        {
            "@type": "Service",
            "@id": f"{absolute(path)}#service",
            "url": absolute(path),
            "identifier": offering.code,
            "name": offering.name,
            "serviceType": str(offering.get_kind_display()),
            "provider": _lab_by_name(offering.lab, lab_path),
            "offers": _offer(Money(offering.unit_price_fen), path=path, unit={"unitText": offering.price_unit_zh}),
        }
    )


def instrument(instrument: Instrument, *, path: str, lab_path: str, base_rate: Money | None) -> dict[str, Any]:
    """Return an instrument as a product that is rented by the hour."""
    return _given(
        {
            "@type": "Product",
            "@id": f"{absolute(path)}#instrument",
            "url": absolute(path),
            "sku": instrument.code,
            "name": instrument.name,
            "model": instrument.model,
            "category": instrument.category.name,
            "description": instrument.description,
            "brand": {"@type": "Brand", "name": instrument.maker} if instrument.maker else "",
            "offers": {
                **_offer(base_rate, path=path, unit={"unitCode": "HUR"}),
                "businessFunction": "http://purl.org/goodrelations/v1#LeaseOut",
                "offeredBy": _lab_by_name(instrument.lab, lab_path),
            }
            if base_rate is not None
            else "",
        }
    )


def _offer(price: Money | None, *, path: str, unit: dict[str, str]) -> dict[str, Any]:
    if price is None:
        return {}
    yuan = f"{price.fen // 100}.{price.fen % 100:02d}"
    return {
        "@type": "Offer",
        "url": absolute(path),
        "price": yuan,
        "priceCurrency": "CNY",
        "priceSpecification": {
            "@type": "UnitPriceSpecification",
            "price": yuan,
            "priceCurrency": "CNY",
            "valueAddedTaxIncluded": True,
            **unit,
        },
    }


def _lab_by_name(lab: Lab, path: str) -> dict[str, str]:
    return {"@type": "Organization", "@id": f"{absolute(path)}#lab", "name": lab.name, "url": absolute(path)}


def _given(told: dict[str, Any]) -> dict[str, Any]:
    """Return what is known: nothing is said with an empty text or list."""
    return {name: value for name, value in told.items() if value not in ("", None, [])}
