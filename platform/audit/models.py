"""The tables of the audit, in the order of the flow."""

from audit.requests.models import AnsweredRequest
from audit.trail.models import AuditEvent

__all__ = ["AnsweredRequest", "AuditEvent"]
