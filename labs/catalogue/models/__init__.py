"""Labs and what they have and offer."""

from labs.catalogue.models.instruments import (
    Instrument,
    InstrumentCategory,
    InstrumentGroup,
    InstrumentPhoto,
    InstrumentQuerySet,
    Parameter,
)
from labs.catalogue.models.labs import Cluster, Lab, LabQuerySet, Room, Zone
from labs.catalogue.models.offerings import Offering, OfferingQuerySet, OfferingVersion
from labs.catalogue.models.recognition import Accreditation, Honour, MeasurementStandard, ScopeEntry
from labs.catalogue.models.searchable import Searchable, non_negative
from labs.catalogue.models.standards import Standard

__all__ = [
    "Accreditation",
    "Cluster",
    "Honour",
    "Instrument",
    "InstrumentCategory",
    "InstrumentGroup",
    "InstrumentPhoto",
    "InstrumentQuerySet",
    "Lab",
    "LabQuerySet",
    "MeasurementStandard",
    "Offering",
    "OfferingQuerySet",
    "OfferingVersion",
    "Parameter",
    "Room",
    "ScopeEntry",
    "Searchable",
    "Standard",
    "Zone",
    "non_negative",
]
