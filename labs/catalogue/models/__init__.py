"""Labs and what they have and offer."""

from labs.catalogue.models.instruments import Instrument, InstrumentCategory, InstrumentQuerySet, Parameter
from labs.catalogue.models.labs import Accreditation, Lab, LabQuerySet, Room
from labs.catalogue.models.offerings import Offering, OfferingQuerySet, Standard
from labs.catalogue.models.searchable import Searchable, non_negative

__all__ = [
    "Accreditation",
    "Instrument",
    "InstrumentCategory",
    "InstrumentQuerySet",
    "Lab",
    "LabQuerySet",
    "Offering",
    "OfferingQuerySet",
    "Parameter",
    "Room",
    "Searchable",
    "Standard",
    "non_negative",
]
