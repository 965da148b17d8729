"""Answering a request once, however often it is sent."""

import json
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from audit.requests.models import AnsweredRequest
from kernel.refusals import Refusal, bounded_wait

CLAIM = """
INSERT INTO audit_answeredrequest (membership_id, key, fingerprint, created_at) VALUES (%s, %s, %s, now())
ON CONFLICT ON CONSTRAINT answered_request_once DO NOTHING RETURNING id
"""

KEEP = """
UPDATE audit_answeredrequest SET status = %s, answer = %s::jsonb
WHERE membership_id = %s AND key = %s AND status IS NULL
"""


class KeyReused(Refusal):
    code = "idempotency_key_reused"
    message = _("This idempotency key was already used for another request.")
    status = 422


def begin(*, member: Membership, key: str, fingerprint: str) -> AnsweredRequest | None:
    """
    Claim a key for a request, in the caller's transaction; return the stored answer if it was already given one.

    A twin still under way is waited for. When the caller's transaction fails, the claim goes with it.

    Raises:
        KeyReused: the key was used for another request.
        Busy: the twin takes longer than the bounded wait.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a request is claimed in the transaction of its effect")
    with bounded_wait(), connection.cursor() as cursor:
        cursor.execute(CLAIM, [member.pk, key, fingerprint])
        if cursor.fetchone():
            return None
    answered = AnsweredRequest.objects.get(membership=member, key=key)
    if answered.fingerprint != fingerprint:
        raise KeyReused(key=key)
    return answered


def finish(*, member: Membership, key: str, status: int, answer: Any) -> None:
    """Keep the answer to a request that `begin` claimed, in the same transaction."""
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [status, json.dumps(answer, ensure_ascii=False), member.pk, key])
        if not cursor.rowcount:
            raise LookupError(f"the request {key} was not begun, or is already answered")


def forget(*, before: datetime) -> int:
    """Forget the answers given before an instant, and return how many."""
    return AnsweredRequest.objects.filter(created_at__lt=before).delete()[0]
