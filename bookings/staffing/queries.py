"""What operators are assigned to, and who has been trained."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import Membership
from bookings.rentals import rules
from bookings.rentals.models import Rental, RentalQuerySet
from bookings.rentals.queries import as_of
from bookings.schedule.models import Occupancy
from kernel.periods import Period
from labs.models import Operator, UserQualification

MOST_TRAINED = 50
"""How many training slots without a qualification are shown at most, the last ones first."""


def assigned(operator: Operator, now: datetime) -> RentalQuerySet:
    """Return the rentals ahead that an operator is assigned to, the next first."""
    ahead = as_of(Rental.objects.blocking(now).with_places(), now)
    found: RentalQuerySet = ahead.filter(operator=operator, period__endswith__gt=now).order_by("period", "pk")  # type: ignore[assignment]  # annotated
    return found


def concerned(operator: Operator, away: Period, now: datetime) -> list[Rental]:
    """Return the rentals ahead during which an operator must be there, in a time they will be away."""
    busy = Occupancy.objects.filter(
        resource__operator=operator, holder_kind=Occupancy.Holder.RENTAL, period__overlap=away.as_range()
    )
    keys: Collection[int] = busy.values_list("holder_id", flat=True)
    return list(assigned(operator, now).filter(pk__in=keys, status__in=rules.BEFORE_USE))


def trained(member: Membership, now: datetime) -> QuerySet[Rental]:
    """Return training slots of the member's labs whose person may not run the instrument alone yet, the last first."""
    person = Coalesce("used_by_id", "placed_by_id")
    held = UserQualification.objects.filter(
        user_id=OuterRef("person"), instrument_id=OuterRef("instrument_id"), valid_to__gte=now.date()
    )
    slots = Rental.objects.operated_by(member).filter(
        mode=Rental.Mode.TRAINING, status__in=(rules.CHECKED_OUT, rules.SETTLED)
    )
    found = slots.annotate(person=person).exclude(Exists(held))
    ordered = found.select_related("instrument__lab", "organisation", "placed_by", "used_by").order_by(
        "-checked_out_at", "-pk"
    )
    return ordered[:MOST_TRAINED]
