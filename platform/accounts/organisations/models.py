"""Organisations: who they are, what they are here for, whether they are verified."""

from typing import Any, Self
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.organisations import rules
from kernel.bilingual import Bilingual


class District(Bilingual, models.Model):
    """A district of the city, by its GB/T 2260 code."""

    adcode = models.CharField(_("administrative code"), max_length=6, primary_key=True)
    name_zh = models.CharField(_("Chinese name"), max_length=50)
    name_en = models.CharField(_("English name"), max_length=50)
    lat = models.FloatField(_("latitude"))
    lon = models.FloatField(_("longitude"))

    class Meta:
        verbose_name = _("district")
        verbose_name_plural = _("districts")
        ordering = ["adcode"]

    def __str__(self) -> str:
        return self.name


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def visible_to(self, member: Any) -> Self:
        """The organisation a member acts for; every one for the platform's operator."""
        return self.all() if member.is_platform_operator else self.filter(pk=member.organisation_id)

    def awaiting_verification(self) -> Self:
        """Those whose licence waits for a look, the longest waiting first."""
        return self.filter(verification=Organisation.Verification.SUBMITTED).order_by("submitted_at", "pk")


class Organisation(Bilingual, models.Model):
    """A company, institution, lab owner or authority: the one that books, is billed, is paid."""

    class OrgType(models.TextChoices):
        ENTERPRISE = "enterprise", _("Enterprise")
        PUBLIC_INSTITUTION = "public_institution", _("Public institution")
        PRIVATE_NON_ENTERPRISE = "private_non_enterprise", _("Private non-enterprise unit")
        GOVERNMENT = "government", _("Government")
        FOREIGN = "foreign", _("Foreign organisation")
        INDIVIDUAL_BUSINESS = "individual_business", _("Individual business")

    class Size(models.TextChoices):
        MICRO = "micro", _("Micro")
        SMALL = "small", _("Small")
        MEDIUM = "medium", _("Medium")
        LARGE = "large", _("Large")
        NOT_APPLICABLE = "na", _("Not applicable")

    class Role(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        LAB_OWNER = "lab_owner", _("Lab owner")
        INSPECTION_AGENT = "inspection_agent", _("Inspection agent")
        WORKSTATION_HOST = "workstation_host", _("Workstation host")
        PLATFORM_OPERATOR = "platform_operator", _("Platform operator")
        CITY_ADMIN = "city_admin", _("City administration")
        CHAIN_LEADER = "chain_leader", _("Chain leader")

    class Verification(models.TextChoices):
        UNVERIFIED = "unverified", _("Not verified")
        SUBMITTED = "submitted", _("Waiting for verification")
        VERIFIED = "verified", _("Verified")
        REJECTED = "rejected", _("Rejected")
        EXPIRED = "expired", _("Verification expired")

    class Suspended(models.TextChoices):
        """Reasons of a suspension that are known by name; others are told as they were written."""

        NO_SHOWS = "no_shows", _("three bookings within 90 days to which nobody came")

    code = models.CharField(_("code"), max_length=20)
    name_zh = models.CharField(_("Chinese name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    org_type = models.CharField(_("kind of organisation"), max_length=30, choices=OrgType)
    uscc = models.CharField(_("unified social credit code"), max_length=18, null=True, blank=True)
    foreign_reg_no = models.CharField(_("foreign registration number"), max_length=50, blank=True)
    country = models.CharField(_("country or region"), max_length=2, default="CN")
    district = models.ForeignKey(
        District, models.PROTECT, null=True, blank=True, related_name="organisations", verbose_name=_("district")
    )
    size = models.CharField(_("size"), max_length=10, choices=Size, default=Size.NOT_APPLICABLE)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    annual_revenue_fen = models.BigIntegerField(_("annual revenue in fen"), null=True, blank=True)
    industry = models.CharField(_("industry"), max_length=100, blank=True)

    invoice_title = models.CharField(_("invoice title"), max_length=200, blank=True)
    invoice_address = models.CharField(_("invoice address"), max_length=200, blank=True)
    invoice_phone = models.CharField(_("invoice phone"), max_length=30, blank=True)
    bank_name = models.CharField(_("bank"), max_length=100, blank=True)
    bank_account = models.CharField(_("bank account"), max_length=40, blank=True)

    roles = ArrayField(models.CharField(max_length=20, choices=Role), verbose_name=_("roles"), default=list, blank=True)
    verification = models.CharField(
        _("verification"), max_length=12, choices=Verification, default=Verification.UNVERIFIED
    )
    verification_note = models.TextField(_("note on the verification"), blank=True)
    licence_image = models.FileField(_("licence"), upload_to="licences/%Y/", blank=True)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)

    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    timezone = models.CharField(_("time zone"), max_length=50, default="Asia/Shanghai")
    suspended_until = models.DateTimeField(_("booking suspended until"), null=True, blank=True)
    suspended_for = models.CharField(_("suspended because"), max_length=200, blank=True)
    most_bookings_ahead = models.PositiveSmallIntegerField(
        _("bookings ahead at most"), null=True, blank=True, help_text=_("Empty: as for everybody.")
    )
    most_holds = models.PositiveSmallIntegerField(
        _("holds at once at most"), null=True, blank=True, help_text=_("Empty: as for everybody.")
    )
    monthly_credit_fen = models.BigIntegerField(_("limit of monthly credit in fen"), default=0)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="organisation_code_is_unique"),
            models.UniqueConstraint(fields=["uscc"], name="organisation_uscc_is_unique"),
            models.UniqueConstraint(
                fields=["country", "foreign_reg_no"],
                condition=~Q(foreign_reg_no=""),
                name="organisation_foreign_number_is_unique",
            ),
            models.CheckConstraint(
                name="organisation_uscc_is_well_formed",
                condition=Q(uscc__isnull=True) | Q(uscc__regex=rf"^[{rules.ALPHABET}]{{{rules.LENGTH}}}$"),
            ),
            models.CheckConstraint(
                name="organisation_is_identified",
                condition=Q(uscc__isnull=False) | (~Q(country="CN") & ~Q(foreign_reg_no="")),
            ),
            models.CheckConstraint(name="organisation_country_is_a_code", condition=Q(country__regex="^[A-Z]{2}$")),
            models.CheckConstraint(
                name="organisation_roles_are_known",
                condition=Q(
                    roles__contained_by=[
                        "customer",
                        "lab_owner",
                        "inspection_agent",
                        "workstation_host",
                        "platform_operator",
                        "city_admin",
                        "chain_leader",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="organisation_verification_is_known",
                condition=Q(verification__in=["unverified", "submitted", "verified", "rejected", "expired"]),
            ),
            models.CheckConstraint(
                name="organisation_amounts_are_not_negative",
                condition=Q(monthly_credit_fen__gte=0)
                & (Q(annual_revenue_fen__isnull=True) | Q(annual_revenue_fen__gte=0)),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def is_verified(self) -> bool:
        return self.verification == self.Verification.VERIFIED

    @property
    def is_sme(self) -> bool:
        """Whether it gets what small and medium enterprises get."""
        return rules.is_sme(size=self.size, verification=self.verification)

    @property
    def suspension_reason(self) -> str:
        """Why it may make no new bookings, in the language of the reader where known."""
        known = dict(self.Suspended.choices)
        return str(known.get(self.suspended_for, self.suspended_for))

    @property
    def is_lab_owner(self) -> bool:
        return self.Role.LAB_OWNER in self.roles

    @property
    def registration_number(self) -> str:
        """The number it is registered under, here or abroad."""
        return self.uscc or self.foreign_reg_no


class TaxpayerStatus(models.Model):
    """What kind of taxpayer an organisation is from a day on; the rate on an invoice follows the seller's."""

    class TaxpayerType(models.TextChoices):
        GENERAL = "general", _("General taxpayer")
        SMALL_SCALE = "small_scale", _("Small-scale taxpayer")
        NON_TAXPAYER = "non_taxpayer", _("Non-taxpayer")
        FOREIGN = "foreign", _("Foreign")

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="taxpayer_statuses")
    taxpayer_type = models.CharField(_("taxpayer type"), max_length=12, choices=TaxpayerType)
    valid_from = models.DateField(_("valid from"))

    class Meta:
        verbose_name = _("taxpayer status")
        verbose_name_plural = _("taxpayer statuses")
        ordering = ["organisation", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "valid_from"], name="taxpayer_status_one_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.get_taxpayer_type_display()} ({self.valid_from})"
