"""Who belongs to which organisation, as what; and who was asked to."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from accounts.memberships import rules
from accounts.organisations.models import Organisation
from accounts.people.models import LowerEmailField, User


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> Self:
        """Those that still hold, of people who may still log in."""
        return self.filter(is_active=True, user__is_active=True)

    def of_user(self, user: Any) -> Self:
        """What a person can act as, with everything a page needs to say so."""
        return self.active().filter(user=user).select_related("user", "organisation").order_by("created_at", "pk")

    def visible_to(self, member: "Membership") -> Self:
        return self.filter(organisation_id=member.organisation_id)

    def owners(self) -> Self:
        return self.active().filter(role=rules.OWNER)


class Membership(models.Model):
    """A person in an organisation with a role: the one who acts in every request."""

    class Role(models.TextChoices):
        OWNER = rules.OWNER, _("Owner")
        BUYER = rules.BUYER, _("Buyer")
        FINANCE = rules.FINANCE, _("Finance")
        TECHNICIAN = rules.TECHNICIAN, _("Technician")
        VIEWER = rules.VIEWER, _("Viewer")
        LAB_MANAGER = rules.LAB_MANAGER, _("Lab manager")
        LAB_OPERATOR = rules.LAB_OPERATOR, _("Lab operator")

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name=_("person"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="memberships", verbose_name=_("organisation")
    )
    role = models.CharField(_("role"), max_length=12, choices=Role)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("since"), db_default=Now(), editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["organisation", "created_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "organisation"], name="membership_once"),
            models.CheckConstraint(
                name="membership_role_is_known",
                condition=Q(
                    role__in=["owner", "buyer", "finance", "technician", "viewer", "lab_manager", "lab_operator"]
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.organisation}"

    @property
    def may_book(self) -> bool:
        return rules.may_book(self.role)

    @property
    def may_see_money(self) -> bool:
        return rules.may_see_money(self.role)

    @property
    def may_manage_organisation(self) -> bool:
        return rules.may_manage_organisation(self.role)

    @property
    def may_operate_lab(self) -> bool:
        return rules.may_operate_lab(self.role, self.organisation.roles)

    @property
    def may_manage_lab(self) -> bool:
        return rules.may_manage_lab(self.role, self.organisation.roles)

    @property
    def is_platform_operator(self) -> bool:
        return rules.is_platform_operator(self.organisation.roles)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, member: Membership) -> Self:
        return self.filter(organisation_id=member.organisation_id)

    def pending(self) -> Self:
        """Neither accepted nor revoked; they may have run out."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True)

    def open(self, now: datetime) -> Self:
        """Those that can still be accepted."""
        return self.pending().filter(expires_at__gt=now)


class Invitation(models.Model):
    """An organisation asks whoever reads an e-mail address to join it; only the hash of the link's token is kept."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="invitations")
    email = LowerEmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=12, choices=Membership.Role)
    token_hash = models.CharField(max_length=64)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("invited at"))
    expires_at = models.DateTimeField(_("valid until"))
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["token_hash"], name="invitation_token_is_unique"),
            models.UniqueConstraint(
                fields=["organisation", "email"],
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="invitation_pending_once",
            ),
            models.CheckConstraint(
                name="invitation_ends_one_way",
                condition=Q(accepted_at__isnull=True) | Q(revoked_at__isnull=True),
            ),
            models.CheckConstraint(
                name="invitation_expires_after_it_is_made", condition=Q(expires_at__gt=F("created_at"))
            ),
            models.CheckConstraint(name="invitation_email_is_lower_case", condition=Q(email=Lower("email"))),
        ]

    def __str__(self) -> str:
        return f"{self.email} → {self.organisation}"
