"""Writing the audit's entries."""

from audit.trail.models import AuditEvent
from kernel.events import Event


def record(event: Event) -> None:
    """Write an event down, in the transaction of what happened; one INSERT."""
    AuditEvent.objects.create(
        name=event.name(),
        facts=event.facts(),
        actor_id=event.actor_id,
        organisation_id=event.organisation_id,
        reason=event.reason,
        occurred_at=event.occurred_at,
    )
