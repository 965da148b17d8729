"""What a customer is asked about a rental: to come at another time, and not to forget it."""

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bookings.rentals.models.rentals import Rental
from kernel.periods import Period


class MoveOffer(models.Model):
    """
    Another time that the lab asks a customer to come at; nothing moves before the customer agrees.

    The time is not kept meanwhile: whoever accepts is judged by the rules of a booking. It can be answered until
    `expires_at`, when the earlier of the two times begins.
    """

    class Outcome(models.TextChoices):
        OPEN = "open", _("waits for an answer")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    rental = models.ForeignKey(Rental, on_delete=models.CASCADE, related_name="move_offers")
    period = DateTimeRangeField()
    reason = models.CharField(max_length=300)
    offered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("-offered_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["rental"], condition=Q(outcome="open"), name="move_offer_open_once_a_rental"
            ),
            models.CheckConstraint(
                name="move_offer_period_is_bounded",
                condition=Q(period__isempty=False, period__lower_inf=False, period__upper_inf=False),
            ),
            models.CheckConstraint(
                name="move_offer_answer_says_when",
                condition=Q(outcome="open", answered_at__isnull=True)
                | (~Q(outcome="open") & Q(answered_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rental_id} {self.offered_at:%Y-%m-%d %H:%M}"

    @property
    def time(self) -> Period:
        """The time offered, as a value."""
        return Period.from_range(self.period)


class Reminder(models.Model):
    """That somebody was reminded of an instant of a rental: once, however often the job runs (`for_at`, UTC)."""

    class Kind(models.TextChoices):
        STARTS_SOON = "starts_soon", _("it begins soon")
        APPROVAL_DUE = "approval_due", _("the lab must answer soon")
        HOLD_LAPSES = "hold_lapses", _("its hold runs out soon")
        CHOICE_DUE = "choice_due", _("a choice must be made soon")
        HAS_TO_WAIT = "has_to_wait", _("the use before it runs over")
        CUT_SHORT = "cut_short", _("the instrument goes out of service during its use")

    rental = models.ForeignKey(Rental, on_delete=models.CASCADE, related_name="reminders")
    kind = models.CharField(max_length=16, choices=Kind)
    for_at = models.DateTimeField()
    reminded_at = models.DateTimeField()

    class Meta:
        ordering = ("rental", "reminded_at")
        constraints = [models.UniqueConstraint(fields=["rental", "kind", "for_at"], name="reminder_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.rental_id}"
