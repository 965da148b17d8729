"""Who belongs together: no voucher pays what one side of a house sells to the other (anti-abuse, 5.2)."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation, User


class AffiliationQuerySet(models.QuerySet["Affiliation"]):
    """Affiliations by whom they are about."""

    def visible_to(self, member: Membership) -> Self:
        """Affiliations of the member's own organisation; all for the platform's operator."""
        return self.all() if member.is_platform_operator else self.of(member.organisation_id)

    def of(self, organisation_id: int) -> Self:
        """Affiliations that name an organisation, on either side."""
        return self.filter(Q(one_id=organisation_id) | Q(other_id=organisation_id))

    def between(self, first: int, second: int) -> Self:
        """Affiliations of two organisations, whichever was named first."""
        return self.filter(one_id=min(first, second), other_id=max(first, second))


class Affiliation(models.Model):
    """Two organisations that are affiliates (关联方): the one with the smaller key stands first; each pair once."""

    class Source(models.TextChoices):
        DECLARED = "declared", _("declared by the organisation")
        FOUND = "found", _("found by the platform")

    one = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    other = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    source = models.CharField(_("source"), max_length=8, choices=Source)
    note = models.CharField(_("how they are affiliated"), max_length=200, blank=True)
    declared_at = models.DateTimeField(_("declared at"))
    declared_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("declared by"))

    objects = AffiliationQuerySet.as_manager()

    class Meta:
        verbose_name = _("affiliation")
        verbose_name_plural = _("affiliations")
        ordering = ["-declared_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="affiliation_once"),
            models.CheckConstraint(name="affiliation_is_of_two", condition=Q(one__lt=F("other"))),
        ]

    def __str__(self) -> str:
        return f"{self.one} · {self.other}"

    def counterpart_of(self, organisation_id: int) -> Organisation:
        """Return the other side, as one of them sees it."""
        return self.other if self.one_id == organisation_id else self.one


class Controller(models.Model):
    """
    Who controls an organisation (实际控制人): a name, and the number it is registered under, folded (ORG-3).

    Two organisations whose controllers have the same number are one house; so are a controller and what it controls,
    where the number is an organisation's own.
    """

    organisation = models.OneToOneField(Organisation, models.CASCADE, related_name="controller")
    name = models.CharField(_("controller"), max_length=200)
    number = models.CharField(_("registration number of the controller"), max_length=50)
    declared_at = models.DateTimeField(_("declared at"))
    declared_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("declared by"))

    class Meta:
        verbose_name = _("controller")
        verbose_name_plural = _("controllers")
        ordering = ["organisation"]
        constraints = [models.CheckConstraint(name="controller_has_a_number", condition=~Q(number=""))]
        indexes = [models.Index(fields=["number"], name="controller_by_number")]

    def __str__(self) -> str:
        return self.name
