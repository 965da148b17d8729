"""What happened, by whom, for whom, when and why: written once."""

from typing import Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
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
    no lock on their rows. `about` names in whose history it stands (`instrument:12`); it is null for bookings, which
    have a timeline of their own, so that writing them down touches no index of histories.
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
    about = ArrayField(models.CharField(max_length=40), null=True, blank=True, verbose_name=_("in the history of"))

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering = ["-occurred_at", "-pk"]
        indexes = [
            models.Index(fields=["name", "occurred_at"], name="audit_event_by_name"),
            GinIndex(fields=["about"], condition=Q(about__isnull=False), fastupdate=False, name="audit_event_about"),
        ]
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
