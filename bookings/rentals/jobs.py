"""What happens to rentals later: holds run out, people are written to. Each job may run twice, late, or at once."""

from django.db.models import Q
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from accounts.memberships import rules as roles
from accounts.models import Membership, User
from bookings.rentals import operations
from bookings.rentals.events import (
    RentalCancelled,
    RentalConfirmed,
    RentalEvent,
    RentalSubmitted,
)
from bookings.rentals.models import Rental
from notices import letters

AGAIN = RetryStrategy(max_attempts=8, exponential_wait=4)
"""A mail server that is away for a while is asked again: after 4, 16, 64 seconds, and so on."""


@app.periodic(cron="* * * * *", periodic_id="expire_lapsed")
@app.task(name="rentals.expire_lapsed", queue="rentals", queueing_lock="expire_lapsed", pass_context=False)
def expire_lapsed(timestamp: int) -> None:
    """Expire holds that have run out; nobody waits for it, since a lapsed hold blocks no one before either (BK-18)."""
    del timestamp  # the minute it was meant for; holds follow the clock
    operations.expire_lapsed(now=timezone.now())


@app.task(name="rentals.mail_person", queue="mail", retry=AGAIN)
def mail_person(*, letter: str, user_id: int, rental_id: int, page: str) -> None:
    """Write to one person about one rental, in their language, with the page that shows it."""
    user = User.objects.get(pk=user_id)
    if not user.is_active:
        return
    rental = Rental.objects.with_places().get(pk=rental_id)
    address = letters.address_of(page, number=rental.number) if page == "rentals:rental" else letters.address_of(page)
    facts = {"person": user, "rental": rental, "link": address}
    letters.send(f"bookings/rentals/mail/{letter}.txt", to=user.email, language=user.language, facts=facts)


# --- Reactions: who is written to -----------------------------------------------------------------------------------


def tell_customer(event: RentalEvent) -> None:
    """Write to the person who placed the rental: the mail is named after the event."""
    placed_by = Rental.objects.values_list("placed_by_id", flat=True).get(pk=event.rental_id)
    mail_person.defer(letter=event.name(), user_id=placed_by, rental_id=event.rental_id, page="rentals:rental")


def tell_managers(event: RentalSubmitted) -> None:
    """Write to the lab's managers that a rental waits for them."""
    _tell_lab(event, to=(roles.OWNER, roles.LAB_MANAGER), page="board:desk")


def tell_lab(event: RentalConfirmed | RentalCancelled) -> None:
    """Write to the lab's operators who comes, or no longer comes; who did it knows."""
    _tell_lab(event, to=(roles.LAB_MANAGER, roles.LAB_OPERATOR), page="board:board")


def _tell_lab(event: RentalEvent, *, to: tuple[str, ...], page: str) -> None:
    lab = Rental.objects.values("instrument__lab__organisation_id").filter(pk=event.rental_id)
    staff = Membership.objects.active().filter(organisation_id__in=lab, role__in=to)
    for user_id in staff.filter(~Q(user_id=event.actor_id)).values_list("user_id", flat=True).order_by("pk"):
        letter = f"{event.name()}_lab"
        mail_person.defer(letter=letter, user_id=user_id, rental_id=event.rental_id, page=page)
