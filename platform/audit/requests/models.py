"""Requests that make something, and what they were answered: the same request twice makes it once."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Now

from accounts.models import Membership


class AnsweredRequest(models.Model):
    """A request a member sent under a key; its answer is committed together with its effect."""

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["membership", "key"], name="answered_request_once"),
        ]

    def __str__(self) -> str:
        return f"{self.key} → {self.status}"
