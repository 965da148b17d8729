"""Time-shared rentals (分时租赁): who uses which instrument when, in what state, at what price."""

import uuid
from datetime import datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation, User
from bookings.rentals import rules
from kernel.money import Money
from kernel.periods import Period
from labs.models import BookingPolicy, Instrument, Operator, Tariff


class RentalQuerySet(models.QuerySet["Rental"]):
    """Rentals by whose they are and what state they are in."""

    def visible_to(self, member: Membership) -> Self:
        """Rentals of the member's own organisation."""
        return self.filter(organisation_id=member.organisation_id)

    def operated_by(self, member: Membership) -> Self:
        """Rentals on the instruments of the member's own labs."""
        return self.filter(instrument__lab__organisation_id=member.organisation_id)

    def blocking(self, now: datetime) -> Self:
        """Rentals that keep others out of the instrument: a lapsed hold does not (BK-18)."""
        return self.filter(status__in=rules.BLOCKING).exclude(status__in=rules.LAPSING, held_until__lte=now)

    def lapsed(self, now: datetime) -> Self:
        """Rentals whose hold has run out but which still say that they are held."""
        return self.filter(status__in=rules.LAPSING, held_until__lte=now)

    def at_risk(self) -> Self:
        """Rentals that may not take place as booked (CAL-3)."""
        return self.filter(at_risk_since__isnull=False)

    def with_places(self) -> Self:
        """Rentals with what a list shows of them: instrument, lab and organisation."""
        return self.select_related("instrument__lab", "organisation", "placed_by")


class Rental(models.Model):
    """
    A use of one instrument for a period, from hold to settlement.

    `period` is the booked time without buffers. `price_lines` and `total_fen` are frozen when it is held; the tariff
    and the policy it was held under are versions that never change. `sequence` rises with every change a calendar
    program must see (CA-5). `consents` are what the customer agreed to, word for word. `at_risk` says why it may not
    take place as booked, and since when (CAL-3): {"why": "calibration", "gaps": [[start, end], ...]}, instants in UTC.
    `needs_rebooking` says why it cannot take place (BK-3, BK-8, BL-24), see `mark_needs_rebooking`.

    `used_by` is who operates or accompanies it, where that is not who placed it; `profile` is the normalised condition
    (BK-7), `materials` what hazardous is brought (BK-16), `operator` whom the lab assigns (BK-10). `moves` counts how
    often the customer has moved it; `rebooks` is the interrupted rental whose rest this one makes good, and
    `credit_fen` what that one gave back towards it; `is_offer` says that it was held for somebody who waited (BK-19).
    `extensions` are [{from, until, tariff}] of a use that went on
    longer: instants in UTC, and the key of the price list then in force. `priced_from` is what `price_lines` were
    computed from (`billing.pricing.replaying`). `voucher_fen` of the price is paid by a voucher; where that excludes a
    discount, `before_voucher` is the price with it: {lines, priced_from, total_fen, discount}.
    """

    class Status(models.TextChoices):
        HELD = rules.HELD, _("held")
        PENDING_APPROVAL = rules.PENDING, _("waiting for approval")
        AWAITING_PAYMENT = rules.AWAITING, _("waiting for payment")
        CONFIRMED = rules.CONFIRMED, _("confirmed")
        CHECKED_IN = rules.CHECKED_IN, _("in use")
        INTERRUPTED = rules.INTERRUPTED, _("interrupted")
        CHECKED_OUT = rules.CHECKED_OUT, _("used")
        SETTLED = rules.SETTLED, _("settled")
        EXPIRED = rules.EXPIRED, _("expired")
        REJECTED = rules.REJECTED, _("rejected")
        CANCELLED = rules.CANCELLED, _("cancelled")
        NO_SHOW = rules.NO_SHOW, _("not shown up")

    class Mode(models.TextChoices):
        SELF = "self", _("operated by yourself")
        ASSISTED = "assisted", _("with the lab's operator")
        TRAINING = "training", _("as training, with the lab's operator")

    class Payment(models.TextChoices):
        ACCOUNT = "account", _("monthly account")
        BALANCE = "balance", _("prepaid balance")
        ONLINE = "online", _("online")
        TRANSFER = "transfer", _("bank transfer")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(max_length=24, unique=True)
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="rentals")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="rentals")
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    used_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    mode = models.CharField(max_length=10, choices=Mode)
    units = models.PositiveSmallIntegerField(default=1)
    period = DateTimeRangeField()
    status = models.CharField(max_length=20, choices=Status)
    held_until = models.DateTimeField(null=True, blank=True)
    purpose = models.CharField(max_length=200, blank=True)
    profile = models.CharField(max_length=200, blank=True)
    materials = ArrayField(models.CharField(max_length=16, choices=Instrument.Material), default=list, blank=True)
    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, null=True, blank=True, related_name="rentals")
    pays_by = models.CharField(max_length=10, choices=Payment, blank=True)
    checkouts = models.PositiveSmallIntegerField(default=0)
    tariff = models.ForeignKey(Tariff, on_delete=models.PROTECT, related_name="+")
    policy = models.ForeignKey(BookingPolicy, on_delete=models.PROTECT, related_name="+")
    price_lines = models.JSONField()
    priced_from = models.JSONField(null=True, blank=True)
    discount = models.CharField(max_length=20, blank=True)
    total_fen = models.BigIntegerField()
    voucher_fen = models.BigIntegerField(default=0)
    before_voucher = models.JSONField(null=True, blank=True)
    fee_fen = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=300, blank=True)
    sequence = models.PositiveIntegerField(default=0)
    consents = models.JSONField(default=list, blank=True)
    at_risk = models.JSONField(null=True, blank=True)
    at_risk_since = models.DateTimeField(null=True, blank=True)
    needs_rebooking = models.JSONField(null=True, blank=True)
    needs_rebooking_since = models.DateTimeField(null=True, blank=True)
    moves = models.PositiveSmallIntegerField(default=0)
    rebooks = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="rebooked")
    credit_fen = models.BigIntegerField(default=0)
    is_offer = models.BooleanField(default=False, db_default=False)
    extensions = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    checked_in_at = models.DateTimeField(null=True, blank=True)
    interrupted_at = models.DateTimeField(null=True, blank=True)
    checked_out_at = models.DateTimeField(null=True, blank=True)
    no_show_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = RentalQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "pk")
        constraints = [
            models.CheckConstraint(
                name="rental_period_is_bounded",
                condition=Q(period__isempty=False, period__lower_inf=False, period__upper_inf=False),
            ),
            models.CheckConstraint(name="rental_total_is_not_negative", condition=Q(total_fen__gte=0)),
            models.CheckConstraint(
                name="rental_fee_within_total", condition=Q(fee_fen__gte=0, fee_fen__lte=models.F("total_fen"))
            ),
            models.CheckConstraint(
                name="rental_that_may_lapse_says_when",
                condition=~Q(status__in=rules.LAPSING) | Q(held_until__isnull=False),
            ),
            models.CheckConstraint(
                name="rental_cancelled_says_when",
                condition=~Q(status=rules.CANCELLED) | Q(cancelled_at__isnull=False),
            ),
            models.CheckConstraint(
                name="rental_confirmed_says_when",
                condition=~Q(status__in=(rules.CONFIRMED, rules.CHECKED_IN, rules.INTERRUPTED, rules.CHECKED_OUT))
                | Q(confirmed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="rental_at_risk_says_since_when",
                condition=Q(at_risk__isnull=True, at_risk_since__isnull=True)
                | Q(at_risk__isnull=False, at_risk_since__isnull=False),
            ),
            models.CheckConstraint(
                name="rental_to_rebook_says_since_when",
                condition=Q(needs_rebooking__isnull=True, needs_rebooking_since__isnull=True)
                | Q(needs_rebooking__isnull=False, needs_rebooking_since__isnull=False),
            ),
            models.CheckConstraint(
                name="rental_used_says_since_when",
                condition=~Q(status__in=(rules.CHECKED_IN, rules.INTERRUPTED, rules.CHECKED_OUT, rules.SETTLED))
                | Q(checked_in_at__isnull=False),
            ),
            models.CheckConstraint(
                name="rental_used_up_says_when",
                condition=~Q(status__in=(rules.CHECKED_OUT, rules.SETTLED)) | Q(checked_out_at__isnull=False),
            ),
            models.CheckConstraint(
                name="rental_interrupted_says_when",
                condition=~Q(status=rules.INTERRUPTED) | Q(interrupted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="rental_not_shown_up_says_when", condition=~Q(status=rules.NO_SHOW) | Q(no_show_at__isnull=False)
            ),
            models.CheckConstraint(
                name="rental_settled_says_when", condition=~Q(status=rules.SETTLED) | Q(settled_at__isnull=False)
            ),
            models.CheckConstraint(
                name="rental_voucher_within_total",
                condition=Q(voucher_fen__gte=0, voucher_fen__lte=models.F("total_fen")),
            ),
            models.CheckConstraint(name="rental_takes_a_unit_at_least", condition=Q(units__gte=1)),
            models.CheckConstraint(name="rental_credit_is_not_negative", condition=Q(credit_fen__gte=0)),
        ]
        indexes = [
            models.Index(fields=["organisation", "status", "-created_at"], name="rental_by_organisation"),
            models.Index(fields=["organisation", "instrument"], name="rental_of_customer_here"),
            models.Index(fields=["placed_by", "changed_at"], name="rental_by_person"),
            models.Index(fields=["instrument", "status"], name="rental_by_instrument"),
            models.Index(fields=["instrument"], name="rental_at_risk", condition=Q(at_risk_since__isnull=False)),
            models.Index(
                fields=["instrument"], name="rental_to_rebook", condition=Q(needs_rebooking_since__isnull=False)
            ),
            models.Index(
                fields=["organisation", "no_show_at"], name="rental_not_shown_up", condition=Q(no_show_at__isnull=False)
            ),
            models.Index(fields=["checked_out_at"], name="rental_to_settle", condition=Q(status=rules.CHECKED_OUT)),
            models.Index(fields=["status"], name="rental_with_voucher", condition=Q(voucher_fen__gt=0)),
            models.Index(fields=["held_until"], name="rental_by_lapse", condition=Q(status__in=rules.LAPSING)),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def time(self) -> Period:
        """The booked time, without buffers."""
        return Period.from_range(self.period)

    @property
    def total(self) -> Money:
        """The frozen price, tax included."""
        return Money(self.total_fen)

    @property
    def voucher(self) -> Money:
        """What of the price a voucher pays (BL-15)."""
        return Money(self.voucher_fen)

    @property
    def own(self) -> Money:
        """What of the price the customer pays."""
        return self.total - self.voucher

    @property
    def fee(self) -> Money:
        """What is owed for a cancelled rental."""
        return Money(self.fee_fen)

    @property
    def needs_approval(self) -> bool:
        """Whether the lab agrees before it is confirmed: always, or to train somebody who is not qualified (BK-11)."""
        return self.policy.requires_approval or self.mode == Rental.Mode.TRAINING

    @property
    def uncovered(self) -> list[Period]:
        """The parts of its time that no certificate covers any more, while it is at risk (CAL-3)."""
        gaps = (self.at_risk or {}).get("gaps", ())
        return [Period(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in gaps]

    def status_at(self, now: datetime) -> str:
        """The state as it is at an instant: a hold that has run out is expired, whether a job has run or not."""
        if self.status in rules.LAPSING and self.held_until is not None and self.held_until <= now:
            return rules.EXPIRED
        return self.status
