"""Who belongs to which organisation, as what."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.memberships import rules
from accounts.organisations.models import Organisation
from accounts.people.models import User


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
    def may_see_lab_money(self) -> bool:
        return rules.may_see_lab_money(self.role, self.organisation.roles)

    @property
    def is_platform_operator(self) -> bool:
        return rules.is_platform_operator(self.organisation.roles)
