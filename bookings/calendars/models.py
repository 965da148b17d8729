"""The addresses at which calendar programs fetch feeds, and what each of them may see."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from labs.models import Instrument


class FeedTokenQuerySet(models.QuerySet["FeedToken"]):
    """Feeds by whose they are and whether they still answer."""

    def visible_to(self, member: Membership) -> Self:
        """A member's own feeds; nobody sees another's."""
        return self.filter(membership=member)

    def alive(self) -> Self:
        """Neither revoked, nor of a membership or a person that is no more, nor of an instrument not published."""
        of_member = Q(membership__is_active=True, membership__user__is_active=True)
        of_public = Q(instrument__in=Instrument.objects.published())
        return self.filter(of_member | of_public, revoked_at__isnull=True)


class FeedToken(models.Model):
    """
    An address for calendar programs: `/cal/<token>.ics`, of which only the token's hash is kept.

    What the feed shows and to whom it belongs is bound to the token: a member's own bookings (`user`), all bookings
    of the member's organisation or of the member's lab, or an instrument's busy times.

    `body_hash` and `body_changed_at` remember the last answer: an event that drops out of a feed changes the answer
    but leaves no row behind from which a Last-Modified could be told.
    """

    class Kind(models.TextChoices):
        USER = "user", _("my bookings")
        INSTRUMENT_BUSY = "instrument_busy", _("busy times of an instrument")

    class Detail(models.TextChoices):
        FULL = "full", _("everything")
        BUSY = "busy", _("busy times only")

    kind = models.CharField(max_length=16, choices=Kind)
    detail = models.CharField(max_length=8, choices=Detail)
    membership = models.ForeignKey(Membership, models.CASCADE, null=True, blank=True, related_name="feeds")
    instrument = models.ForeignKey(Instrument, models.CASCADE, null=True, blank=True, related_name="feeds")
    token_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    body_hash = models.CharField(max_length=64, blank=True)
    body_changed_at = models.DateTimeField(null=True, blank=True)

    objects = FeedTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")
        ordering = ("-created_at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["token_hash"], name="feed_token_is_unique"),
            models.UniqueConstraint(
                fields=["membership", "kind"], condition=Q(revoked_at__isnull=True), name="feed_one_of_a_kind_is_alive"
            ),
            models.CheckConstraint(
                name="feed_belongs_to_whom_its_kind_says",
                condition=Q(kind="user", membership__isnull=False, instrument__isnull=True)
                | Q(kind="instrument_busy", membership__isnull=True, instrument__isnull=False),
            ),
            models.CheckConstraint(
                name="feed_for_anyone_is_busy_only", condition=~Q(kind="instrument_busy") | Q(detail="busy")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"
