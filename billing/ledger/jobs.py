"""Keeping the sums, checking the books each night, and who is told. Each job may run twice, or late."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.memberships import rules as roles
from accounts.models import Membership, Organisation, User
from billing.ledger import operations
from billing.ledger.events import BooksFoundWrong, PostingApproved, PostingDeclined, PostingProposed
from billing.ledger.models import Posting
from kernel.events import Event
from notices import operations as notices

MOST_LETTERS = 120
"""So much of a reason stands in the sentence of a notice."""


@app.periodic(cron="* * * * *", periodic_id="roll_up_ledger")
@app.task(name="ledger.roll_up", queue="ledger", queueing_lock="roll_up_ledger", pass_context=False)
def roll_up(timestamp: int) -> None:
    """Add what was posted to the sums, so that no balance reads more than a minute's lines."""
    del timestamp  # whatever is posted by now
    operations.roll_up(now=timezone.now())


@app.periodic(cron="30 17 * * *", periodic_id="check_books")
@app.task(name="ledger.check_books", queue="ledger", queueing_lock="check_books", pass_context=False)
def check_books_nightly(timestamp: int) -> None:
    """Check every line there is, half past one at night in China (BL-34, BL-35)."""
    del timestamp  # the books are checked as they are now
    operations.check_books(now=timezone.now())


# --- Reactions: who is told -------------------------------------------------------------------------------------------


def finance() -> list[int]:
    """Return the people who keep the platform's books."""
    operators = Membership.objects.active().filter(
        organisation__roles__contains=[Organisation.Role.PLATFORM_OPERATOR], role__in=(roles.OWNER, roles.FINANCE)
    )
    return list(operators.values_list("user_id", flat=True))


def tell_of_posting(event: PostingProposed) -> None:
    """Tell the others who keep the books that one of them proposes something."""
    people = [user_id for user_id in finance() if user_id != event.actor_id]
    _tell(event, people, _proposal(event, event.posting_id, event.reason), kind="posting_proposed")


def tell_proposer(event: PostingApproved | PostingDeclined) -> None:
    """Tell who proposed a posting what became of it."""
    posting = Posting.objects.get(pk=event.posting_id)
    told = _proposal(event, posting.pk, posting.note or posting.reason)
    _tell(event, [posting.proposed_by_id], told, kind="posting_decided")


def _proposal(event: Event, posting_id: int, reason: str) -> dict[str, Any]:
    assert event.actor_id is not None  # noqa: S101 -- a person proposes, and a person decides
    person = User.objects.get(pk=event.actor_id)
    return {"posting_id": posting_id, "person": str(person), "reason": reason[:MOST_LETTERS]}


def tell_books_wrong(event: BooksFoundWrong) -> None:
    """Tell those who keep the books at once."""
    _tell(event, finance(), {"broken": list(event.broken), "number": len(event.broken)}, kind="books_found_wrong")


def _tell(event: Event, people: Iterable[int], told: dict[str, Any], *, kind: str) -> None:
    page = reverse("ledger:posting", args=[told["posting_id"]]) if "posting_id" in told else reverse("ledger:checks")
    notices.tell(
        users=people,
        kind=kind,
        facts=told,
        link=page,
        letter=f"billing/ledger/mail/{kind}.txt",
        organisation_id=event.organisation_id,
        occurred_at=event.occurred_at,
        actor_id=event.actor_id,
    )
