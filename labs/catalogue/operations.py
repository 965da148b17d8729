"""What comes into the catalogue, and what leaves it."""

import json
from datetime import datetime

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from kernel.events import announce
from kernel.locks import lock
from kernel.refusals import Refusal, refusing
from labs.catalogue.events import OfferingRepublished, OfferingStateSet, RentalOffered
from labs.catalogue.models import Instrument, Offering, OfferingVersion


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
    """
    Publish, suspend or retire a rental or a service; what has been promised stays promised.

    From the first publication on, every state it takes is kept as a version.
    """
    before, offering.state = offering.state, Offering.State(state)
    offering.save(update_fields=["state"])
    if offering.state == Offering.State.PUBLISHED or offering.versions.exists():
        keep_version(offering=offering, by=by, now=now)
    announce(
        OfferingStateSet(
            offering_id=offering.pk,
            state=offering.state,
            before=before,
            instrument_id=offering.instrument_id,
            occurred_at=now,
            actor_id=by.user_id if by else None,
            organisation_id=by.organisation_id if by else None,
        )
    )
    return offering


@transaction.atomic
def republish(*, offering: Offering, by: Membership | None, now: datetime) -> OfferingVersion | None:
    """
    Keep what an offering says after a change; whoever edits one ends with this.

    Return the new version, or None where nothing is to be kept: it is not published, or says what it said.
    """
    if offering.state != Offering.State.PUBLISHED:
        return None
    before = offering.versions.order_by("-version").first()
    version = keep_version(offering=offering, by=by, now=now)
    if before is not None and version.pk == before.pk:
        return None
    was = before.snapshot if before else {}
    kept = version.snapshot
    announce(
        OfferingRepublished(
            offering_id=offering.pk,
            version=version.version,
            changed=sorted(name for name in kept if kept[name] != was.get(name)),
            occurred_at=now,
            actor_id=by.user_id if by else None,
            organisation_id=by.organisation_id if by else None,
        )
    )
    return version


@transaction.atomic
def keep_version(*, offering: Offering, by: Membership | None, now: datetime) -> OfferingVersion:
    """
    Keep an offering as it is now, as its next version; return the last one where nothing has changed since.

    The offering's row is locked, so that versions count without gaps. Whoever calls announces what happened.
    """
    (told,) = lock(Offering.objects.filter(pk=offering.pk).select_related("lab", "instrument", "provider"))
    last = told.versions.order_by("-version").first()
    snapshot = json.loads(json.dumps(told.snapshot(), cls=DjangoJSONEncoder))
    if last is not None and (last.state, last.snapshot) == (told.state, snapshot):
        return last
    return OfferingVersion.objects.create(
        offering=told,
        version=last.version + 1 if last else 1,
        state=told.state,
        snapshot=snapshot,
        published_at=now,
        published_by_id=by.user_id if by else None,
    )
