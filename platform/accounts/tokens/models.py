"""The tokens that let programs act as a member."""

from datetime import datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.memberships.models import Membership


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def visible_to(self, member: Membership) -> Self:
        """A member's own tokens; nobody sees another's."""
        return self.filter(membership=member)

    def alive(self, now: datetime) -> Self:
        """Neither revoked nor run out, of a membership and a person that still are."""
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=now),
            revoked_at__isnull=True,
            membership__is_active=True,
            membership__user__is_active=True,
        )


class ApiToken(models.Model):
    """A program's key to act as one member; its text is shown once and only its hash is kept."""

    class Scope(models.TextChoices):
        CATALOGUE_READ = "catalogue:read", _("Read the catalogue and free times")
        CATALOGUE_WRITE = "catalogue:write", _("Change the lab's instruments and services")
        RENTALS_READ = "rentals:read", _("Read the organisation's rentals")
        RENTALS_WRITE = "rentals:write", _("Book and cancel rentals")
        WAITLIST_READ = "waitlist:read", _("Read what the organisation waits for")
        WAITLIST_WRITE = "waitlist:write", _("Wait for time, and answer offers")
        VOUCHERS_READ = "vouchers:read", _("Read the organisation's vouchers")
        VOUCHERS_WRITE = "vouchers:write", _("Apply for vouchers")
        MONEY_READ = "money:read", _("Read the organisation's bills, balance and statements")
        MONEY_WRITE = "money:write", _("Ask for the organisation's invoices and reference codes")
        LEDGER_READ = "ledger:read", _("Read the platform's ledger")
        ORGANISATION_READ = "organisation:read", _("Read the organisation's profile")
        NOTICES_READ = "notices:read", _("Read my notices")
        NOTICES_WRITE = "notices:write", _("Mark notices as read, and choose when they are mailed")

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=100)
    token_prefix = models.CharField(_("begins with"), max_length=12)
    token_hash = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=30, choices=Scope), verbose_name=_("scopes"))
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["token_hash"], name="api_token_is_unique"),
            models.CheckConstraint(
                name="api_token_scopes_are_known",
                condition=Q(
                    scopes__contained_by=[
                        "catalogue:read",
                        "catalogue:write",
                        "rentals:read",
                        "rentals:write",
                        "waitlist:read",
                        "waitlist:write",
                        "vouchers:read",
                        "vouchers:write",
                        "money:read",
                        "money:write",
                        "ledger:read",
                        "organisation:read",
                        "notices:read",
                        "notices:write",
                    ],
                    scopes__len__gt=0,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.token_prefix}…)"

    def allows(self, scope: str) -> bool:
        return scope in self.scopes
