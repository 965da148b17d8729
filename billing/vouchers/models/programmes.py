"""Programmes of public money, who was granted some of it, and who asks for some."""

from datetime import date
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import District, Membership, Organisation, User
from billing.vouchers import rules
from kernel.bilingual import Bilingual, chosen
from kernel.money import BASIS_POINTS, Money
from labs.models import Lab, Offering


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    """Programmes by their state and who asks."""

    def visible_to(self, member: Membership) -> Self:
        """All for the platform's operator; for everybody else those that have been opened."""
        return self.all() if member.is_platform_operator else self.exclude(state=Programme.State.DRAFT)

    def open_on(self, day: date) -> Self:
        """Programmes that give and pay on a day."""
        return self.filter(state=Programme.State.OPEN, valid_from__lte=day, valid_to__gte=day)


class Programme(Bilingual, models.Model):
    """
    A programme of vouchers (创新券、质量券, BL-13): who may have them, what they pay, and how much there is.

    Amounts in fen, `cover_bp` in basis points of the eligible amount; the days are those of Guangzhou, both inclusive.
    `committed_fen` is what is reserved or paid out of the budget: the sum of its live redemptions. No district or no
    lab named means any. `invoice_content` says whether an invoice shows the whole amount or what remains to be paid.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        OPEN = "open", pgettext_lazy("a programme", "open")
        CLOSED = "closed", pgettext_lazy("a programme", "closed")

    class InvoiceContent(models.TextChoices):
        FULL = "full", _("the whole amount")
        NET = "net", _("what is left after the voucher")

    code = models.CharField(_("code"), max_length=20)
    issuer = models.ForeignKey(
        Organisation, models.PROTECT, related_name="voucher_programmes", verbose_name=_("issuer")
    )
    name_zh = models.CharField(_("Chinese name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=100, blank=True)
    terms_zh = models.TextField(_("what it is for (Chinese)"), blank=True)
    terms_en = models.TextField(_("what it is for (English)"), blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DRAFT)
    kinds = ArrayField(models.CharField(max_length=20, choices=Offering.Kind), verbose_name=_("kinds of service"))
    sizes = ArrayField(models.CharField(max_length=10, choices=Organisation.Size), verbose_name=_("sizes"))
    districts = models.ManyToManyField(
        District, blank=True, related_name="voucher_programmes", verbose_name=_("districts")
    )
    labs = models.ManyToManyField(Lab, blank=True, related_name="voucher_programmes", verbose_name=_("labs"))
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid until"))
    cover_bp = models.PositiveIntegerField(_("share paid"))
    per_order_cap_fen = models.BigIntegerField(_("at most per order"))
    yearly_cap_fen = models.BigIntegerField(_("at most per organisation and year"))
    budget_fen = models.BigIntegerField(_("budget"))
    committed_fen = models.BigIntegerField(_("reserved and paid"), default=0)
    is_stackable = models.BooleanField(_("can be combined with a discount"), default=True)
    urgent_eligible = models.BooleanField(_("pays the urgent surcharge too"), default=False)
    invoice_content = models.CharField(
        _("invoices show"), max_length=4, choices=InvoiceContent, default=InvoiceContent.FULL
    )

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = _("voucher programme")
        verbose_name_plural = _("voucher programmes")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="voucher_programme_code_is_unique"),
            models.CheckConstraint(
                name="voucher_budget_is_never_negative",
                condition=Q(committed_fen__gte=0) & Q(committed_fen__lte=F("budget_fen")),
            ),
            models.CheckConstraint(
                name="voucher_cover_is_a_share", condition=Q(cover_bp__gte=1) & Q(cover_bp__lte=BASIS_POINTS)
            ),
            models.CheckConstraint(
                name="voucher_caps_are_positive", condition=Q(per_order_cap_fen__gt=0) & Q(yearly_cap_fen__gt=0)
            ),
            models.CheckConstraint(
                name="voucher_programme_ends_after_it_begins", condition=Q(valid_to__gte=F("valid_from"))
            ),
            models.CheckConstraint(
                name="voucher_kinds_are_known",
                condition=Q(kinds__contained_by=list(rules.KINDS), kinds__len__gt=0),
            ),
            models.CheckConstraint(
                name="voucher_sizes_are_known",
                condition=Q(sizes__contained_by=list(rules.SIZES), sizes__len__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def left(self) -> Money:
        """What the budget still holds."""
        return Money(self.budget_fen - self.committed_fen)

    @property
    def committed_percent(self) -> int:
        """How much of the budget is reserved or paid, in whole per cent."""
        return self.committed_fen * 100 // self.budget_fen if self.budget_fen else 100

    @property
    def cover_percent(self) -> str:
        """The share it pays: 40, 37.5."""
        return f"{self.cover_bp / 100:g}"

    @property
    def what_for(self) -> str:
        """What it is for, in the language of the reader."""
        return chosen(self.terms_zh, self.terms_en)

    @property
    def kind_names(self) -> list[str]:
        """The kinds of service it pays, in words."""
        names = dict(Offering.Kind.choices)
        return [str(names[kind]) for kind in self.kinds]

    @property
    def size_names(self) -> list[str]:
        """The sizes it is for, in words, the smallest first."""
        names = dict(Organisation.Size.choices)
        return [str(names[size]) for size in rules.SIZES if size in self.sizes]


class GrantQuerySet(models.QuerySet["Grant"]):
    """Grants by whose they are and whether something can be paid with them."""

    def visible_to(self, member: Membership) -> Self:
        """Grants of the member's own organisation; all for the platform's operator."""
        return self.all() if member.is_platform_operator else self.filter(organisation_id=member.organisation_id)

    def usable_on(self, day: date) -> Self:
        """Grants with something left that have not ended."""
        return self.filter(left_fen__gt=0, expires_on__gte=day)


class Grant(models.Model):
    """
    A voucher in somebody's hand (领券): so much of a programme, until a day (inclusive); amounts in fen.

    `left_fen` is the face less the live redemptions paid with it. `warned_days` is the last warning given before its
    end (30 or 7 days); a longer end begins anew.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="grants", verbose_name=_("programme"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="voucher_grants", verbose_name=_("organisation")
    )
    face_fen = models.BigIntegerField(_("face value"))
    left_fen = models.BigIntegerField(_("left"))
    expires_on = models.DateField(_("usable until"))
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("handed out by"))
    warned_days = models.PositiveSmallIntegerField(null=True, blank=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        ordering = ["expires_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="voucher_grant_is_never_negative", condition=Q(left_fen__gte=0) & Q(left_fen__lte=F("face_fen"))
            ),
            models.CheckConstraint(name="voucher_face_is_positive", condition=Q(face_fen__gt=0)),
        ]
        indexes = [
            models.Index(fields=["organisation", "programme"], name="grant_by_organisation"),
            models.Index(fields=["expires_on"], condition=Q(left_fen__gt=0), name="grant_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.programme} · {self.organisation}"

    @property
    def used(self) -> Money:
        """What of it is reserved or paid."""
        return Money(self.face_fen - self.left_fen)

    @property
    def used_percent(self) -> int:
        return (self.face_fen - self.left_fen) * 100 // self.face_fen


class VoucherApplicationQuerySet(models.QuerySet["VoucherApplication"]):
    """Applications by whose they are and whether they wait."""

    def visible_to(self, member: Membership) -> Self:
        """Applications of the member's own organisation; all for the platform's operator."""
        return self.all() if member.is_platform_operator else self.filter(organisation_id=member.organisation_id)

    def waiting(self) -> Self:
        """Applications nobody has decided about, the longest waiting first."""
        return self.filter(state=VoucherApplication.State.SUBMITTED).order_by("applied_at", "pk")


class VoucherApplication(models.Model):
    """An organisation asks for a voucher of a programme: how much (fen), what for, and what became of it."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("waiting for a decision")
        GRANTED = "granted", _("granted")
        DECLINED = "declined", pgettext_lazy("an application", "declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("an application", "withdrawn")

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="applications", verbose_name=_("programme"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="voucher_applications", verbose_name=_("organisation")
    )
    wanted_fen = models.BigIntegerField(_("amount"))
    purpose = models.CharField(_("what it is for"), max_length=500)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.SUBMITTED)
    applied_at = models.DateTimeField(_("applied at"))
    applied_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("applied by"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    grant = models.OneToOneField(Grant, models.PROTECT, null=True, blank=True, related_name="application")

    objects = VoucherApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application for a voucher")
        verbose_name_plural = _("applications for vouchers")
        ordering = ["-applied_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "programme"],
                condition=Q(state="submitted"),
                name="voucher_application_one_waits",
            ),
            models.CheckConstraint(name="voucher_application_is_for_something", condition=Q(wanted_fen__gt=0)),
            models.CheckConstraint(
                name="voucher_application_granted_has_its_grant",
                condition=Q(state="granted", grant__isnull=False) | (~Q(state="granted") & Q(grant__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme} · {self.organisation}"
