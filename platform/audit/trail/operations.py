"""Writing the audit's entries."""

import json
from collections.abc import Sequence

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from audit.trail.models import AuditEvent
from kernel.events import Event

RECORD = """
INSERT INTO audit_auditevent (name, facts, actor_id, organisation_id, reason, occurred_at, about)
VALUES (%s, %s::jsonb, %s, %s, %s, %s, %s::varchar[])
"""


def record(event: Event) -> None:
    """Write an event down, in the transaction of what happened; one INSERT, on the way of every operation."""
    facts = json.dumps(event.facts(), ensure_ascii=False, cls=DjangoJSONEncoder)
    told = [event.name(), facts, event.actor_id, event.organisation_id, event.reason, event.occurred_at]
    with connection.cursor() as cursor:
        cursor.execute(RECORD, [*told, event.about() or None])


def record_all(happened: Sequence[Event]) -> None:
    """Write many events of one act down, as `record` writes one; one INSERT."""
    AuditEvent.objects.bulk_create(
        AuditEvent(
            name=event.name(),
            facts=event.facts(),
            actor_id=event.actor_id,
            organisation_id=event.organisation_id,
            reason=event.reason,
            occurred_at=event.occurred_at,
            about=event.about() or None,
        )
        for event in happened
    )
