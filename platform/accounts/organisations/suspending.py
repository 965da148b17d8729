"""Suspending an organisation from new bookings; the platform's operator lifts it (`set_terms`) on appeal."""

from datetime import datetime

from django.db import transaction

from accounts.organisations.events import OrganisationSuspended
from accounts.organisations.models import Organisation
from kernel.events import announce
from kernel.refusals import bounded_wait


def lock_organisation(organisation_id: int) -> None:
    """
    Lock what an organisation's bookings count against, before anything else a booking locks.

    Raises:
        Busy: others held it for too long.
    """
    with bounded_wait():
        Organisation.objects.select_for_update(no_key=True).only("pk").get(pk=organisation_id)


@transaction.atomic
def suspend(*, organisation_id: int, until: datetime, because: str, now: datetime) -> Organisation:
    """
    Let an organisation make no new bookings until an instant, and say why; a longer suspension stays as it is.

    `because` is a reason that is known by name (`Organisation.Suspended`), or a sentence.

    Raises:
        Busy: others held the organisation for too long.
    """
    lock_organisation(organisation_id)
    organisation = Organisation.objects.get(pk=organisation_id)
    if organisation.suspended_until is None or organisation.suspended_until < until:
        organisation.suspended_until, organisation.suspended_for = until, because
        organisation.save(update_fields=["suspended_until", "suspended_for"])
        announce(
            OrganisationSuspended(
                occurred_at=now,
                actor_id=None,
                organisation_id=organisation.pk,
                until=until.isoformat(),
                because=because,
            )
        )
    return organisation
