"""
Entries and their lines, written once; the sums of what is long written; and what people propose to post by hand.

What keeps entries and lines as they are stands in the migration `0005_ledger`, in SQL: see docs/adr/0020.
"""

from typing import Any, Self

from django.db import models
from django.db.models import Case, F, Func, Q, Value, When
from django.db.models.functions import Cast, NullIf
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from billing.ledger import chart
from billing.ledger.chart import Account, Per
from kernel.bilingual import chosen
from kernel.money import Money
from labs.models import Lab


class TransactionId(models.Field):  # type: ignore[type-arg]  # takes none when run
    """PostgreSQL's number of a transaction (xid8): it grows for ever, and is never given twice."""

    def db_type(self, connection: Any) -> str:
        return "xid8"


class CurrentTransaction(Func):
    """The number of the transaction that asks."""

    function = "pg_current_xact_id"
    arity = 0
    output_field = TransactionId()


class EntryQuerySet(models.QuerySet["Entry"]):
    """Entries by the order they are about."""

    def of_order(self, order_number: str) -> Self:
        """All that was posted for an order, in the order of posting."""
        return self.filter(order_number=order_number).order_by("pk")


class Entry(models.Model):
    """One business event in the books: it is posted once, balances, and stays as it is."""

    event_id = models.CharField(_("business event"), max_length=100)
    event = models.CharField(_("kind of event"), max_length=10)
    at = models.DateTimeField(_("at"))
    order_number = models.CharField(_("order"), max_length=24, blank=True, default="")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("organisation")
    )
    lab = models.ForeignKey(Lab, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("lab"))
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by"))
    reason = models.TextField(_("reason"), blank=True, default="")
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="reversals", db_index=False, verbose_name=_("reverses")
    )
    posted_in = TransactionId(_("posted in transaction"), db_default=CurrentTransaction(), editable=False)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(fields=["event_id"], name="ledger_event_is_posted_once"),
            models.UniqueConstraint(fields=["reverses"], name="ledger_entry_is_reversed_once"),
            models.CheckConstraint(name="ledger_event_has_an_id", condition=~Q(event_id="")),
            models.CheckConstraint(name="ledger_event_is_known", condition=Q(event__in=list(chart.EVENTS))),
            models.CheckConstraint(
                name="ledger_reversal_is_an_event",
                condition=Q(event=chart.REVERSAL, reverses__isnull=False)
                | (~Q(event=chart.REVERSAL) & Q(reverses__isnull=True)),
            ),
            models.CheckConstraint(
                name="ledger_hand_gives_a_reason",
                condition=~Q(event__in=[chart.BY_HAND, chart.REVERSAL]) | ~Q(reason=""),
            ),
        ]
        indexes = [
            models.Index(fields=["at"], name="ledger_entry_by_time"),
            models.Index(fields=["order_number"], condition=~Q(order_number=""), name="ledger_entry_by_order"),
        ]

    def __str__(self) -> str:
        return self.event_id

    @property
    def told(self) -> str:
        """What happened, in words."""
        return chosen(*chart.EVENTS[self.event])


def _accounts(per: Per) -> list[str]:
    return [account.value for account, kept in chart.CHART.items() if kept.per == per]


NAMED = Case(
    When(account__in=_accounts(Per.ORGANISATION), then=Cast("organisation_id", models.TextField())),
    When(account__in=_accounts(Per.ORDER), then=NullIf("order_number", Value(""))),
    When(account__in=_accounts(Per.LAB), then=Cast("lab_id", models.TextField())),
    When(account__in=_accounts(Per.PROGRAMME), then=Cast("programme_id", models.TextField())),
    When(account__in=_accounts(Per.PROVIDER), then=NullIf("provider", Value(""))),
    default=Value(""),
    output_field=models.TextField(),
)
"""What a line's account is kept by, as text; null where the line does not name it."""


class Line(models.Model):
    """
    One account's part of an entry: signed fen (debit above, credit below nothing), and whom it is about.

    `party` is whose sub-ledger the line stands in, found by the account from what the line names: so every account has
    its sub-ledgers by one index. Lines bear the number of their transaction, so that sums know what they have in them.
    """

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="lines", verbose_name=_("entry"))
    account = models.CharField(_("account"), max_length=4)
    fen = models.BigIntegerField(_("amount in fen"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("organisation")
    )
    order_number = models.CharField(_("order"), max_length=24, blank=True, default="")
    lab = models.ForeignKey(Lab, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("lab"))
    programme_id = models.BigIntegerField(_("programme"), null=True)
    provider = models.CharField(_("payment provider"), max_length=20, blank=True, default="")
    party = models.GeneratedField(expression=NAMED, output_field=models.TextField(), db_persist=True)
    posted_in = TransactionId(_("posted in transaction"), db_default=CurrentTransaction(), editable=False)

    class Meta:
        verbose_name = _("ledger line")
        verbose_name_plural = _("ledger lines")
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(name="ledger_line_moves_something", condition=~Q(fen=0)),
            models.CheckConstraint(
                name="ledger_account_is_known", condition=Q(account__in=[account.value for account in Account])
            ),
            models.CheckConstraint(name="ledger_line_names_its_sub_ledger", condition=Q(party__isnull=False)),
        ]
        indexes = [
            models.Index(fields=["account", "party", "posted_in"], name="ledger_line_by_sub_ledger"),
            models.Index(fields=["posted_in"], name="ledger_line_by_transaction"),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.amount}"

    @property
    def amount(self) -> Money:
        """The amount, with its sign."""
        return Money(self.fen)

    @property
    def other_side(self) -> Money:
        """The amount of a credit without its sign."""
        return -self.amount


class Rolled(models.Model):
    """
    What the lines of all transactions below the watermark add up to: each account in all (party ''), and by party.

    Only rolling up writes here, so that no posting waits for another: see docs/adr/0020.
    """

    account = models.CharField(_("account"), max_length=4)
    party = models.TextField()
    debit_fen = models.BigIntegerField()
    credit_fen = models.BigIntegerField()

    class Meta:
        verbose_name = _("rolled-up sum")
        verbose_name_plural = _("rolled-up sums")
        ordering = ("account", "party")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "party"], include=["debit_fen", "credit_fen"], name="ledger_sum_is_rolled_once"
            ),
            models.CheckConstraint(
                name="ledger_sides_are_not_negative", condition=Q(debit_fen__gte=0) & Q(credit_fen__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.party}".strip()


class Watermark(models.Model):
    """
    Up to which transaction the sums are rolled up: one row; every line posted in a lower one is in the sums.

    `cluster` is PostgreSQL's name of the cluster that gave the number: another cluster counts its transactions anew.
    """

    posted_before = TransactionId()
    cluster = models.BigIntegerField()
    rolled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(name="ledger_has_one_watermark", condition=Q(pk=1))]

    def __str__(self) -> str:
        return str(self.posted_before)


class PostingQuerySet(models.QuerySet["Posting"]):
    """Postings by hand by whether they wait."""

    def waiting(self) -> Self:
        """Those that a second person has still to look at, the oldest first."""
        return self.filter(state=Posting.State.PROPOSED).order_by("proposed_at", "pk")


class Posting(models.Model):
    """What one person proposes to post by hand, for a reason, and what a second one made of it."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("waits for a second person")
        APPROVED = "approved", _("approved")
        DECLINED = "declined", _("declined")

    legs = models.JSONField(_("lines"), default=list)
    reverses = models.ForeignKey(
        Entry, models.PROTECT, null=True, related_name="proposed_reversals", verbose_name=_("reverses")
    )
    order_number = models.CharField(_("order"), max_length=24, blank=True, default="")
    reason = models.TextField(_("reason"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PROPOSED)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("proposed by"))
    proposed_at = models.DateTimeField(_("proposed at"))
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided at"), null=True)
    note = models.TextField(_("note"), blank=True, default="")
    entry = models.OneToOneField(Entry, models.PROTECT, null=True, related_name="posting", verbose_name=_("entry"))

    objects = PostingQuerySet.as_manager()

    class Meta:
        verbose_name = _("posting by hand")
        verbose_name_plural = _("postings by hand")
        ordering = ("-proposed_at", "-pk")
        constraints = [
            models.CheckConstraint(name="posting_gives_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="posting_needs_a_second_person",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="posting_is_as_it_was_decided",
                condition=Q(state="proposed", decided_by=None, decided_at=None, entry=None)
                | Q(state="approved", decided_by__isnull=False, decided_at__isnull=False, entry__isnull=False)
                | (Q(state="declined", decided_by__isnull=False, decided_at__isnull=False, entry=None) & ~Q(note="")),
            ),
        ]
        indexes = [models.Index(fields=["proposed_at"], condition=Q(state="proposed"), name="posting_that_waits")]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"
