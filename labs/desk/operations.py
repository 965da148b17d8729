"""Putting things into the catalogue once nothing is missing; what follows from an edit in later steps."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from kernel.refusals import Refusal
from labs.catalogue.editing import offerings
from labs.catalogue.editing.events import InstrumentAdded, InstrumentEdited, LabEdited
from labs.catalogue.models import Instrument, Offering
from labs.desk import queries
from labs.hours.open_time import rebuild_open_time

DECIDE_BOOKINGS = frozenset(
    {
        "capacity",
        "materials_allowed",
        "rental_mode",
        "requires_calibration",
        "room",
        "shared_condition_profile",
        "span_closed",
        "training_required",
        "unattended_buffers",
    }
)
"""Fields of an instrument that its open time follows from, or that bookings are judged by: they look again."""


class NotReady(Refusal):
    code = "not_ready"
    message = _("It cannot be published yet: something is missing.")
    status = 422


@transaction.atomic
def set_state(*, offering: Offering, state: str, by: Membership | None, now: datetime) -> Offering:
    """
    Publish, suspend or retire a rental or a service, or take it up again as a draft; what is promised stays promised.

    Raises:
        NotReady: it lacks what every order would need; `missing` names it.
        StateUnreachable: it cannot go there from where it is.
        Busy: others held it for too long.
    """
    if state == Offering.State.PUBLISHED:
        found = (
            queries.instrument_readiness(offering.instrument, now)
            if offering.instrument
            else queries.service_readiness(offering, now.astimezone(offering.lab.tz).date())
        )
        if not found.is_ready:
            raise NotReady(missing=list(found.missing))
    return offerings.move(offering=offering, state=state, by=by, now=now)


def keep_open_time(event: InstrumentAdded | InstrumentEdited | LabEdited) -> None:
    """React to an edit that decides open time: the instruments' open time follows, in the same transaction."""
    if isinstance(event, LabEdited):
        if "timezone" in event.fields:
            rebuild_open_time(Instrument.objects.filter(lab_id=event.lab_id), event.occurred_at)
        return
    if isinstance(event, InstrumentAdded) or DECIDE_BOOKINGS & set(event.fields):
        rebuild_open_time(Instrument.objects.filter(pk=event.instrument_id), event.occurred_at, moved=True)
