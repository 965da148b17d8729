"""What people are told, and how they want to be."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.models import Membership, User
from notices import rules
from notices.deferring import DELIVER
from notices.kinds import Kind, Mail
from notices.models import Choice, Notice, NoticeQuerySet, Preferences

MOST_COUNTED = 100
"""More unread notices than these are not counted: the bell says 99+."""

LEFT_BEHIND = """
SELECT id FROM notices_notice owed
WHERE delivery = 'owed' AND mail_due_at <= %(before)s AND (sending_until IS NULL OR sending_until <= %(now)s)
    AND NOT EXISTS (
        SELECT FROM procrastinate_jobs job
        WHERE job.task_name = %(task)s AND job.status = 'todo' AND (job.args ->> 'notice_id')::bigint = owed.id)
ORDER BY id LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a person wants to be mailed: by group what they chose (a group may be missing), and when."""

    user: User
    mail: Mapping[str, str]
    digest_hour: int
    quiet: tuple[int, int] | None

    def wishes(self, kind: Kind) -> rules.Wishes:
        """Return what that means for a kind of notice; where they chose nothing, the kind's own way."""
        mail = str(Mail.AT_ONCE) if kind.must_mail else self.mail.get(kind.group, str(kind.mail))
        return rules.Wishes(tz=self.user.tz, mail=mail, digest_hour=self.digest_hour, quiet=self.quiet)


def wanted_by(user: User) -> Wanted:
    """Return how a person wants to be mailed."""
    preferences = Preferences.objects.filter(user=user).first() or Preferences(user=user)
    chosen = dict(Choice.objects.filter(user=user).values_list("group", "mail"))
    return Wanted(user, chosen, preferences.digest_hour, preferences.quiet)


def belongs_to(user: User) -> frozenset[int]:
    """Return the organisations a person belongs to."""
    return frozenset(Membership.objects.active().filter(user=user).values_list("organisation_id", flat=True))


def told(user: User, memberships: Collection[Membership]) -> NoticeQuerySet:
    """Return all that a person is told, the newest first."""
    seen = Notice.objects.seen_by(user, [each.organisation_id for each in memberships])
    return seen.select_related("organisation").order_by("-occurred_at", "-pk")


def unread(user: User, memberships: Collection[Membership]) -> int:
    """Return how many notices a person has not read, at most `MOST_COUNTED`; one statement of one index."""
    seen = Notice.objects.seen_by(user, [each.organisation_id for each in memberships])
    return seen.unread().order_by()[:MOST_COUNTED].count()


def due_for_digest(now: datetime) -> list[int]:
    """Return who is due a daily mail."""
    due = Notice.objects.filter(delivery=Notice.Delivery.DIGEST, mail_due_at__lte=now)
    return list(due.order_by("user_id").values_list("user_id", flat=True).distinct())


def left_behind(*, before: datetime, now: datetime, most: int) -> list[int]:
    """Return notices due since before an instant that nobody is mailing and no job waits to mail: theirs was lost."""
    asked: dict[str, Any] = {"before": before, "now": now, "task": DELIVER, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(LEFT_BEHIND, asked)
        return [key for (key,) in cursor.fetchall()]
