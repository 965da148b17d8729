"""Each day: look at what runs out, and tell the managers of the labs. Each job may run twice, or late."""

from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.memberships import rules as roles
from accounts.models import Membership, Organisation
from labs.expiries import operations
from labs.expiries.events import ExpiriesNoticed
from notices import facts
from notices import operations as notices


@app.periodic(cron="30 23 * * *", periodic_id="give_expiry_notices")
@app.task(name="labs.expiries.give_notices", queue="labs", queueing_lock="give_expiry_notices", pass_context=False)
def give_notices_daily(timestamp: int) -> None:
    """Before the day's work begins in China; what is left of a validity is counted by each lab's own calendar."""
    del timestamp  # the day it was meant for; the notices follow the clock
    operations.give_notices(now=timezone.now())


def tell_managers(event: ExpiriesNoticed) -> None:
    """Tell the managers of the organisation's labs, in one notice each."""
    assert event.organisation_id is not None  # noqa: S101 -- notice is given to the organisation of the labs
    managing = (roles.OWNER, roles.LAB_MANAGER)
    managers = Membership.objects.active().filter(organisation_id=event.organisation_id, role__in=managing)
    names = Organisation.objects.values_list("name_zh", "name_en").get(pk=event.organisation_id)
    notices.tell(
        users=managers.values_list("user_id", flat=True),
        kind="expiries_noticed",
        facts={
            "organisation_id": event.organisation_id,
            "organisation": facts.name(*names),
            "number": len(event.notice_ids),
            "notice_ids": event.notice_ids,
        },
        link=reverse("expiries:list"),
        letter="labs/expiries/mail/expiries_noticed.txt",
        organisation_id=event.organisation_id,
        occurred_at=event.occurred_at,
    )
