"""Making and ending feeds, and remembering what they last answered."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.memberships.events import MembershipEnded
from accounts.models import Membership
from bookings.calendars import rules
from bookings.calendars.events import FeedIssued, FeedRevoked
from bookings.calendars.models import FeedToken
from kernel.events import announce
from kernel.locks import lock
from kernel.refusals import Refusal
from labs.models import Instrument

USE_NOTED_EVERY = timedelta(hours=1)


class NoFeed(Refusal):
    code = "no_feed"
    message = _("There is no calendar link to revoke.")


@transaction.atomic
def issue_feed(*, by: Membership, now: datetime) -> tuple[FeedToken, str]:
    """
    Make the feed of a member's own bookings, and return it with its token, known from now on to nobody.

    Rotates: an address made before answers no more from this instant on.

    Raises:
        Busy: the same member is making feeds elsewhere for too long.
    """
    lock(Membership.objects.filter(pk=by.pk))
    living = FeedToken.objects.visible_to(by).filter(kind=FeedToken.Kind.USER, revoked_at__isnull=True)
    replaced = living.first()
    living.update(revoked_at=now)
    token = secrets.token_urlsafe(32)
    feed = FeedToken.objects.create(
        kind=FeedToken.Kind.USER,
        detail=FeedToken.Detail.FULL,
        membership=by,
        token_hash=rules.token_hash(token),
        created_at=now,
    )
    announce(
        FeedIssued(
            occurred_at=now,
            actor_id=by.user_id,
            organisation_id=by.organisation_id,
            feed_id=feed.pk,
            kind=feed.kind,
            replaced_id=replaced.pk if replaced else None,
        )
    )
    return feed, token


@transaction.atomic
def revoke_feed(*, by: Membership, now: datetime) -> FeedToken:
    """
    End the feed of a member's own bookings at once.

    Raises:
        NoFeed: there is none, or it has ended before.
        Busy: the same member is making feeds elsewhere for too long.
    """
    lock(Membership.objects.filter(pk=by.pk))
    feed = FeedToken.objects.visible_to(by).filter(kind=FeedToken.Kind.USER, revoked_at__isnull=True).first()
    if feed is None:
        raise NoFeed
    feed.revoked_at = now
    feed.save(update_fields=["revoked_at"])
    announce(
        FeedRevoked(
            occurred_at=now,
            actor_id=by.user_id,
            organisation_id=by.organisation_id,
            feed_id=feed.pk,
            kind=feed.kind,
        )
    )
    return feed


@transaction.atomic
def open_busy_feed(*, instrument: Instrument, token: str, now: datetime) -> FeedToken:
    """Remember an instrument's busy feed when it is first fetched; fetched twice at once it is one feed."""
    feed, is_new = FeedToken.objects.get_or_create(
        token_hash=rules.token_hash(token),
        defaults={
            "kind": FeedToken.Kind.INSTRUMENT_BUSY,
            "detail": FeedToken.Detail.BUSY,
            "instrument": instrument,
            "created_at": now,
        },
    )
    if is_new:
        announce(
            FeedIssued(
                occurred_at=now,
                actor_id=None,
                organisation_id=instrument.lab.organisation_id,
                feed_id=feed.pk,
                kind=feed.kind,
            )
        )
    return feed


def end_with_membership(event: MembershipEnded) -> None:
    """React to the end of a membership: its feeds end too, for good, even if the person joins again."""
    living = FeedToken.objects.filter(membership_id=event.membership_id, revoked_at__isnull=True)
    living.update(revoked_at=event.occurred_at)


def note_answer(feed: FeedToken, body: bytes, *, now: datetime) -> datetime:
    """
    Remember what a feed answered, and return since when it has answered so: its Last-Modified.

    Writes when the answer has changed, and else at most once an hour that the feed was used. Each change comes at
    least a second after the one before: an HTTP date counts whole seconds, and two answers never share one.
    """
    found = hashlib.sha256(body).hexdigest()
    if found != feed.body_hash or feed.body_changed_at is None:
        changed_at = now.replace(microsecond=0)
        if feed.body_changed_at is not None:
            changed_at = max(changed_at, feed.body_changed_at + timedelta(seconds=1))
        feed.body_hash, feed.body_changed_at, feed.last_used_at = found, changed_at, now
        feed.save(update_fields=["body_hash", "body_changed_at", "last_used_at"])
    elif feed.last_used_at is None or now - feed.last_used_at >= USE_NOTED_EVERY:
        feed.last_used_at = now
        feed.save(update_fields=["last_used_at"])
    return feed.body_changed_at
