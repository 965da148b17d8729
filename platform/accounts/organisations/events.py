"""What happens to organisations."""

from dataclasses import dataclass
from datetime import date, datetime

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationRegistered(Event):
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationEdited(Event):
    """Its profile changed; `verification_lost` when what had been verified is no longer what it says."""

    changed: tuple[str, ...]
    verification_lost: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxpayerTypeRecorded(Event):
    taxpayer_type: str
    valid_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationTermsSet(Event):
    """The platform's operator said what an organisation is here for, and how far it is trusted."""

    roles: tuple[str, ...]
    monthly_credit_fen: int
    suspended_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationSuspended(Event):
    """It may make no new bookings until an instant (UTC), for a reason."""

    until: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationSubmitted(Event):
    licence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationVerified(Event):
    licence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationRejected(Event):
    licence: str
