"""What happened, by whom, for whom, when and why: written once."""

from typing import Self

import pgtrigger
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation, User

REFUSE = (
    "RAISE EXCEPTION 'an audit event is final' USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_event_is_final';"
)


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def visible_to(self, member: Membership) -> Self:
        """What was done for the member's organisation; everything for the platform's operator."""
        return self.all() if member.is_platform_operator else self.filter(organisation_id=member.organisation_id)


class AuditEvent(models.Model):
    """
    One event as it was announced.

    Actor and organisation have no foreign key constraint: an entry outlives whom it names, and writing it takes
    no lock on their rows.
    """

    name = models.CharField(_("event"), max_length=60)
    facts = models.JSONField(_("facts"), default=dict, encoder=DjangoJSONEncoder)
    actor = models.ForeignKey(
        User, models.DO_NOTHING, null=True, db_constraint=False, related_name="+", verbose_name=_("by")
    )
    organisation = models.ForeignKey(
        Organisation, models.DO_NOTHING, null=True, db_constraint=False, related_name="+", verbose_name=_("for")
    )
    reason = models.TextField(_("reason"), blank=True)
    occurred_at = models.DateTimeField(_("at"))

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering = ["-occurred_at", "-pk"]
        indexes = [models.Index(fields=["name", "occurred_at"], name="audit_event_by_name")]
        triggers = [
            pgtrigger.Trigger(
                name="audit_event_is_final",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=REFUSE,
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.occurred_at:%Y-%m-%d %H:%M}"
