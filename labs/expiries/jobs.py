"""Each day: look at what runs out, and write one letter to each manager of a lab. Each job may run twice, or late."""

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from accounts.memberships import rules as roles
from accounts.models import Membership, Organisation, User
from labs.expiries import operations, queries
from labs.expiries.events import ExpiriesNoticed
from labs.expiries.models import ExpiryNotice
from notices import letters

AGAIN = RetryStrategy(max_attempts=8, exponential_wait=4)
MOST_LINES = 40
"""So many things stand in a letter; the page has them all."""


@app.periodic(cron="30 23 * * *", periodic_id="give_expiry_notices")
@app.task(name="labs.expiries.give_notices", queue="labs", queueing_lock="give_expiry_notices", pass_context=False)
def give_notices_daily(timestamp: int) -> None:
    """Before the day's work begins in China; what is left of a validity is counted by each lab's own calendar."""
    del timestamp  # the day it was meant for; the notices follow the clock
    operations.give_notices(now=timezone.now())


@app.task(name="labs.expiries.mail_digest", queue="mail", retry=AGAIN)
def mail_digest(*, user_id: int, organisation_id: int, notice_ids: list[int]) -> None:
    """Write to one manager what of their labs runs out; what was renewed meanwhile is left out."""
    user = User.objects.get(pk=user_id)
    if not user.is_active:
        return
    keys = set(ExpiryNotice.objects.filter(pk__in=notice_ids).values_list("kind", "thing_id", "ends_on"))
    found = queries.ending(now=timezone.now(), organisation_id=organisation_id)
    things = [each for each in found if each.key in keys]
    if not things:
        return
    facts = {
        "person": user,
        "organisation": Organisation.objects.get(pk=organisation_id),
        "things": things[:MOST_LINES],
        "number": len(things),
        "more": max(0, len(things) - MOST_LINES),
        "link": letters.address_of("expiries:list"),
    }
    letters.send("labs/expiries/mail/digest.txt", to=user.email, language=user.language, facts=facts)


def tell_managers(event: ExpiriesNoticed) -> None:
    """Write to the managers of the organisation's labs, one letter each."""
    assert event.organisation_id is not None  # noqa: S101 -- notice is given to the organisation of the labs
    managing = (roles.OWNER, roles.LAB_MANAGER)
    managers = Membership.objects.active().filter(organisation_id=event.organisation_id, role__in=managing)
    for user_id in managers.order_by("pk").values_list("user_id", flat=True):
        mail_digest.defer(user_id=user_id, organisation_id=event.organisation_id, notice_ids=event.notice_ids)
