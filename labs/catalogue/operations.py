"""What comes into the catalogue, and what leaves it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from kernel.events import announce
from kernel.refusals import Refusal, refusing
from labs.catalogue.events import OfferingStateSet, RentalOffered
from labs.catalogue.models import Instrument, Offering


class RentalOfferedAlready(Refusal):
    code = "rental_offered_already"
    message = _("{instrument} has its rental in the catalogue already.")


@transaction.atomic
def offer_rental(*, instrument: Instrument, by: Membership | None, now: datetime) -> Offering:
    """
    Give an instrument its rental, as a draft that nobody outside its lab sees.

    Raises:
        RentalOfferedAlready: it has one.
    """
    already = RentalOfferedAlready(instrument=instrument.name)
    with refusing(offering_code_is_unique=already, labs_offering_instrument_id_key=already):
        offering = Offering.objects.create(
            code=f"RENT-{instrument.code}",
            lab_id=instrument.lab_id,
            kind=Offering.Kind.RENTAL,
            instrument=instrument,
            name_zh=instrument.name_zh,
            name_en=instrument.name_en,
            price_unit_zh="元/小时",
            tax_category="rental_assisted",
        )
    announce(
        RentalOffered(
            offering_id=offering.pk,
            instrument_id=instrument.pk,
            occurred_at=now,
            actor_id=by.user_id if by else None,
            organisation_id=by.organisation_id if by else None,
        )
    )
    return offering


@transaction.atomic
def set_offering_state(*, offering: Offering, state: str, by: Membership | None, now: datetime) -> Offering:
    """Publish, suspend or retire a rental or a service; what has been promised stays promised."""
    offering.state = Offering.State(state)
    offering.save(update_fields=["state"])
    announce(
        OfferingStateSet(
            offering_id=offering.pk,
            state=offering.state,
            occurred_at=now,
            actor_id=by.user_id if by else None,
            organisation_id=by.organisation_id if by else None,
        )
    )
    return offering
