"""Who waits for time on an instrument, and what they are offered (BK-19)."""

from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Case, F, IntegerField, Q, Value, When
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation, User
from bookings.rentals.models import Rental
from bookings.waitlist import rules
from kernel.bilingual import chosen
from kernel.periods import Period
from labs.models import Instrument, InstrumentGroup

IS_SME = Q(
    organisation__size__in=(Organisation.Size.MICRO, Organisation.Size.SMALL, Organisation.Size.MEDIUM),
    organisation__verification=Organisation.Verification.VERIFIED,
)
RANK = Case(
    When(displaced__isnull=False, then=Value(rules.DISPLACED)),
    When(IS_SME, then=Value(rules.SME)),
    default=Value(rules.OTHER),
    output_field=IntegerField(),
)
"""The rank of an entry in line, as `rules.rank` says it."""


class WaitlistEntryQuerySet(models.QuerySet["WaitlistEntry"]):
    """Entries by whose they are and whether they still wait."""

    def visible_to(self, member: Membership) -> Self:
        """Entries of the member's own organisation."""
        return self.filter(organisation_id=member.organisation_id)

    def waiting(self, now: datetime) -> Self:
        """Entries that may be offered time: nothing is offered now, and their window is not over."""
        return self.filter(state=WaitlistEntry.State.WAITING, window__endswith__gt=now)

    def open(self) -> Self:
        """Entries that are not closed: they wait, or a time is offered to them."""
        return self.filter(state__in=WaitlistEntry.OPEN)

    def in_line(self) -> Self:
        """In the order in which freed time is offered (BK-19)."""
        return self.annotate(rank=RANK).order_by("rank", "created_at", "pk")

    def at_labs_of(self, member: Membership) -> Self:
        """Entries that name an instrument or a group of the member's own labs."""
        of_lab = {"lab__organisation_id": member.organisation_id}
        return self.filter(
            Q(**{f"instrument__{path}": key for path, key in of_lab.items()})
            | Q(**{f"group__{path}": key for path, key in of_lab.items()})
        )


class WaitlistEntry(models.Model):
    """
    A wish for time that was not free (候补): so many minutes inside a window, on one instrument or on any that fits.

    What fits is an instrument, a group of them, or `query`: the parameters of a search of the catalogue, as in its
    address ("any 50 kN machine"). `max_price_fen` is the most it may cost, tax included. `displaced` is the rental that
    a breakdown took away: such entries come first, then SMEs, then others, the oldest first. `agreed` are the consents
    (CAL-2) given beforehand; `described` is what the query was said to mean, in both languages.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        OFFERED = "offered", _("a time is offered")
        FULFILLED = "fulfilled", _("booked")
        WITHDRAWN = "withdrawn", _("withdrawn")
        OVER = "over", _("nothing became free")

    OPEN = (State.WAITING, State.OFFERED)

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="waitlist_entries")
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    instrument = models.ForeignKey(
        Instrument, on_delete=models.PROTECT, null=True, blank=True, related_name="waitlist_entries"
    )
    group = models.ForeignKey(
        InstrumentGroup, on_delete=models.PROTECT, null=True, blank=True, related_name="waitlist_entries"
    )
    query = models.JSONField(null=True, blank=True)
    window = DateTimeRangeField()
    minutes = models.PositiveIntegerField()
    mode = models.CharField(max_length=10, choices=Rental.Mode, blank=True)
    units = models.PositiveSmallIntegerField(default=1)
    max_price_fen = models.BigIntegerField(null=True, blank=True)
    purpose = models.CharField(max_length=200, blank=True)
    profile = models.CharField(max_length=200, blank=True)
    materials = ArrayField(models.CharField(max_length=16, choices=Instrument.Material), default=list, blank=True)
    agreed = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    described = models.JSONField(null=True, blank=True)
    displaced = models.ForeignKey(
        Rental, on_delete=models.PROTECT, null=True, blank=True, related_name="waitlist_entries"
    )
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = WaitlistEntryQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="waitlist_entry_says_what_fits",
                condition=Q(instrument__isnull=False, group__isnull=True, query__isnull=True)
                | Q(instrument__isnull=True, group__isnull=False, query__isnull=True)
                | Q(instrument__isnull=True, group__isnull=True, query__isnull=False),
            ),
            models.CheckConstraint(
                name="waitlist_entry_window_is_bounded",
                condition=Q(window__isempty=False, window__lower_inf=False, window__upper_inf=False),
            ),
            models.CheckConstraint(name="waitlist_entry_wants_time", condition=Q(minutes__gte=1, units__gte=1)),
            models.UniqueConstraint(
                fields=["displaced"],
                condition=Q(state__in=("waiting", "offered")),
                name="waitlist_entry_once_a_displaced_rental",
            ),
        ]
        indexes = [
            GistIndex(fields=["window"], condition=Q(state="waiting"), name="waitlist_entry_by_window"),
            models.Index(fields=["organisation", "state"], name="waitlist_entry_by_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id}: {self.minutes} min"

    @property
    def time(self) -> Period:
        """The window, as a value."""
        return Period.from_range(self.window)

    @property
    def tz(self) -> ZoneInfo:
        """The zone its times are said in: the lab's, or the city's where any lab will do."""
        thing = self.instrument or self.group
        return thing.lab.tz if thing else ZoneInfo(settings.TIME_ZONE)

    @property
    def what(self) -> str:
        """What it waits for, in the language of the page."""
        thing = self.instrument or self.group
        if thing is not None:
            return thing.name
        told = self.described or {}
        return chosen(told.get("zh", ""), told.get("en", ""))


class WaitlistOffer(models.Model):
    """A freed time, held for an entry until it is answered or the offer runs out."""

    class Outcome(models.TextChoices):
        OPEN = "open", _("waits for an answer")
        TAKEN = "taken", _("taken")
        DECLINED = "declined", _("declined")
        LAPSED = "lapsed", _("not answered in time")
        WITHDRAWN = "withdrawn", _("withdrawn")

    entry = models.ForeignKey(WaitlistEntry, on_delete=models.CASCADE, related_name="offers")
    rental = models.OneToOneField(Rental, on_delete=models.PROTECT, related_name="offer")
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-offered_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["entry"], condition=Q(outcome="open"), name="waitlist_offer_open_once_an_entry"
            ),
            models.CheckConstraint(name="waitlist_offer_runs_out_later", condition=Q(expires_at__gt=F("offered_at"))),
        ]
        indexes = [models.Index(fields=["expires_at"], condition=Q(outcome="open"), name="waitlist_offer_by_end")]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.offered_at:%Y-%m-%d %H:%M}"
