"""What follows where an operator's time changes: others are assigned, or the lab is told."""

from bookings.rentals.operations.staffing import staff_anew
from bookings.tasks import operations as tasks
from labs.staff.events import OperatorEvent
from labs.staff.models import OperatorQualification


def staff(event: OperatorEvent) -> None:
    """
    React to whatever decides who may operate: what the operator was assigned to is looked at, and what nobody could.

    In the same transaction, after open time was locked; see Note [Who may operate]. Tasks about what can be operated
    again close by themselves.

    Raises:
        Busy: others held the rentals for too long.
    """
    instruments = OperatorQualification.objects.filter(operator_id=event.operator_id).values("instrument")
    colleagues = OperatorQualification.objects.filter(instrument__in=instruments).values_list("operator", flat=True)
    found = staff_anew(
        operator_ids=sorted({event.operator_id, *colleagues}),
        now=event.occurred_at,
        actor_id=event.actor_id,
        organisation_id=event.organisation_id,
    )
    tasks.close_staffed(event, rental_ids=(*found.kept, *found.reassigned))
