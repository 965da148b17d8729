"""The histories of things."""

from audit.trail.models import AuditEvent, AuditEventQuerySet


def history(about: str) -> AuditEventQuerySet:
    """Return what happened to one thing (`instrument:12`), the newest first, with who did it."""
    found: AuditEventQuerySet = AuditEvent.objects.filter(about__contains=[about])
    return found.select_related("actor").order_by("-occurred_at", "-pk")
