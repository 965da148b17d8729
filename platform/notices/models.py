"""What people were told, how far it has been mailed, and how they want to be told."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation, User
from notices import facts, kinds


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, member: Membership) -> Self:
        """What a member is told as such, and what they are told for themselves."""
        return self.seen_by(member.user, [member.organisation_id])

    def seen_by(self, user: Any, belongs_to: Collection[int]) -> Self:
        """All that a person is told, for themselves or in the organisations they still belong to."""
        return self.filter(Q(organisation__isnull=True) | Q(organisation_id__in=belongs_to), user=user)

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)

    def to_be_mailed(self) -> Self:
        return self.filter(delivery__in=[Notice.Delivery.OWED, Notice.Delivery.DIGEST])

    def of_group(self, group: str) -> Self:
        """Those of the kinds that people choose for together."""
        return self.filter(kind__in=[kind.name for kind in kinds.of_group(group)])


class Notice(models.Model):
    """Something one person was told; the sentence is made when it is read, in the reader's language."""

    class Delivery(models.TextChoices):
        OWED = "owed", _("to be mailed")
        DIGEST = "digest", _("waits for the daily mail")
        MAILED = "mailed", _("mailed")
        UNWANTED = "unwanted", _("not mailed")
        REFUSED = "refused", _("refused by the reader's mail server")
        GIVEN_UP = "given_up", _("given up")

    user = models.ForeignKey(User, models.CASCADE, related_name="notices", db_index=False, verbose_name=_("person"))
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, related_name="+", db_index=False, verbose_name=_("organisation")
    )
    kind = models.CharField(_("kind"), max_length=60)
    facts = models.JSONField(_("facts"), default=dict, encoder=DjangoJSONEncoder)
    link = models.CharField(_("page"), max_length=300)
    letter = models.CharField(_("letter"), max_length=120)
    about = models.CharField(_("about"), max_length=60, blank=True)
    is_urgent = models.BooleanField(_("urgent"), default=False)
    occurred_at = models.DateTimeField(_("at"))
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    delivery = models.CharField(_("mail"), max_length=12, choices=Delivery, default=Delivery.OWED)
    mail_due_at = models.DateTimeField(_("mail due at"))
    sending_until = models.DateTimeField(null=True, blank=True, editable=False)
    mailed_at = models.DateTimeField(_("mailed at"), null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-occurred_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="notice_delivery_is_known",
                condition=Q(delivery__in=["owed", "digest", "mailed", "unwanted", "refused", "given_up"]),
            ),
            models.CheckConstraint(
                name="notice_mailed_says_when",
                condition=Q(delivery="mailed", mailed_at__isnull=False)
                | (~Q(delivery="mailed") & Q(mailed_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-occurred_at", "-id"], name="notice_by_person"),
            models.Index(
                fields=["user"], include=["organisation"], condition=Q(read_at__isnull=True), name="notice_unread"
            ),
            models.Index(
                fields=["mail_due_at"], condition=Q(delivery__in=["owed", "digest"]), name="notice_to_be_mailed"
            ),
            models.Index(fields=["read_at"], condition=Q(read_at__isnull=False), name="notice_read"),
            models.Index(
                fields=["about"], condition=Q(read_at__isnull=True) & ~Q(about=""), name="notice_unread_about"
            ),
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> str:
        """What is told, in the active language."""
        kind = kinds.find(self.kind)
        return str(kind.sentence).format_map(facts.told(self.facts)) if kind else self.kind

    @property
    def group(self) -> kinds.Group | None:
        """What people choose mails for together; None for a kind that nobody tells any more."""
        kind = kinds.find(self.kind)
        return kind.group if kind else None

    def is_being_sent(self, now: datetime) -> bool:
        """Whether somebody has taken it on themselves to mail it, and is not known to be dead."""
        return self.sending_until is not None and self.sending_until > now

    @property
    def is_read(self) -> bool:
        return self.read_at is not None


class Preferences(models.Model):
    """When a person wants mail; whoever chose nothing has no row, and these defaults."""

    DIGEST_HOUR, QUIET_FROM, QUIET_UNTIL = 8, 22, 7

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="notice_preferences")
    digest_hour = models.PositiveSmallIntegerField(_("hour of the daily mail"), default=DIGEST_HOUR)
    quiet_from = models.PositiveSmallIntegerField(_("quiet from"), null=True, blank=True, default=QUIET_FROM)
    quiet_until = models.PositiveSmallIntegerField(_("quiet until"), null=True, blank=True, default=QUIET_UNTIL)

    class Meta:
        verbose_name = _("notice preferences")
        verbose_name_plural = _("notice preferences")
        constraints = [
            models.CheckConstraint(name="preferences_digest_hour", condition=Q(digest_hour__range=(0, 23))),
            models.CheckConstraint(
                name="preferences_quiet_hours",
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | (
                    Q(quiet_from__isnull=False, quiet_from__range=(0, 23))
                    & Q(quiet_until__isnull=False, quiet_until__range=(0, 23))
                    & ~Q(quiet_from=models.F("quiet_until"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def quiet(self) -> tuple[int, int] | None:
        """The hours, of the person's clock, between which only urgent mails are sent; None for none."""
        if self.quiet_from is None or self.quiet_until is None:
            return None
        return self.quiet_from, self.quiet_until


class Choice(models.Model):
    """How a person wants the notices of one group mailed; without a row each kind's own way counts."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notice_choices", db_index=False)
    group = models.CharField(_("group"), max_length=20, choices=kinds.Group)
    mail = models.CharField(_("mail"), max_length=10, choices=kinds.Mail)

    class Meta:
        verbose_name = _("choice")
        verbose_name_plural = _("choices")
        constraints = [
            models.UniqueConstraint(fields=["user", "group"], name="choice_once"),
            models.CheckConstraint(
                name="choice_group_is_known",
                condition=Q(group__in=["bookings", "approvals", "waitlist", "desk", "organisation", "certificates"]),
            ),
            models.CheckConstraint(name="choice_mail_is_known", condition=Q(mail__in=["at_once", "digest", "never"])),
        ]

    def __str__(self) -> str:
        return f"{self.get_group_display()}: {self.get_mail_display()}"
