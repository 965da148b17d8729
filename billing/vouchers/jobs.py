"""Who is told what happens to vouchers, and the day's warnings. Each job may run twice, or late."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.memberships import rules as roles
from accounts.models import Membership, Organisation
from billing.vouchers import operations
from billing.vouchers.events import (
    ClaimRefused,
    ClaimReimbursed,
    VoucherApplied,
    VoucherDeclined,
    VoucherExpiresSoon,
    VoucherGranted,
)
from billing.vouchers.models import Grant, Programme
from kernel.events import Event
from notices import facts
from notices import operations as notices

USING = (roles.OWNER, roles.BUYER, roles.FINANCE)
"""Who of an organisation is told about its vouchers: whoever books or pays."""


@app.periodic(cron="0 1 * * *", periodic_id="warn_of_vouchers")
@app.task(name="vouchers.warn", queue="mail", queueing_lock="warn_of_vouchers", pass_context=False)
def warn_daily(timestamp: int) -> None:
    """Warn whose vouchers end soon with something left, at nine in the morning in Guangzhou."""
    del timestamp  # the day it was meant for; warnings follow the clock
    operations.warn(now=timezone.now())


# --- Reactions: who is told -------------------------------------------------------------------------------------------


def tell_of_grant(event: VoucherGranted | VoucherExpiresSoon) -> None:
    """Tell whoever books or pays that their organisation has a voucher, or that one ends soon."""
    until = Grant.objects.values_list("expires_on", flat=True).get(pk=event.grant_id)
    _tell_customer(event, {"grant_id": event.grant_id, "until": until.isoformat()})


def tell_declined(event: VoucherDeclined) -> None:
    """Tell whoever books or pays why there is no voucher."""
    _tell_customer(event, {"application_id": event.application_id, "why": event.reason})


def tell_operators_of_application(event: VoucherApplied) -> None:
    """Tell the platform's operators that somebody asks."""
    told = {"application_id": event.application_id, "organisation": _organisation(event)}
    link = reverse("vouchers:decide", kwargs={"pk": event.application_id})
    _tell_operators("voucher_applied", event, told, link=link)


def look_for_refused(event: ClaimReimbursed) -> None:
    """Tell the platform's operators of a claim that its issuer did not pay whole."""
    if event.refused:
        tell_operators_of_refusal(event)


def tell_operators_of_refusal(event: ClaimRefused | ClaimReimbursed) -> None:
    """Tell the platform's operators that an issuer pays nothing of a claim, or not all of it."""
    told = {"batch_id": event.batch_id, "number": event.number}
    _tell_operators("claim_refused", event, told, link=reverse("vouchers:claim", kwargs={"number": event.number}))


def _tell_customer(event: VoucherGranted | VoucherExpiresSoon | VoucherDeclined, told: dict[str, Any]) -> None:
    assert event.organisation_id is not None  # noqa: S101 -- a voucher is somebody's
    members = Membership.objects.active().filter(organisation_id=event.organisation_id, role__in=USING)
    _tell(
        members.values_list("user_id", flat=True),
        event.name(),
        event,
        {**told, "organisation": _organisation(event)},
        link=reverse("vouchers:mine"),
        organisation_id=event.organisation_id,
    )


def _organisation(event: Event) -> dict[str, str]:
    assert event.organisation_id is not None  # noqa: S101 -- as above
    return facts.name(*Organisation.objects.values_list("name_zh", "name_en").get(pk=event.organisation_id))


def _tell_operators(kind: str, event: Any, told: dict[str, Any], *, link: str) -> None:
    operators = Membership.objects.active().filter(organisation__roles__contains=[Organisation.Role.PLATFORM_OPERATOR])
    by_operator: dict[int, list[int]] = {}
    for organisation_id, user_id in operators.values_list("organisation_id", "user_id"):
        by_operator.setdefault(organisation_id, []).append(user_id)
    for organisation_id, people in sorted(by_operator.items()):
        _tell(people, kind, event, told, link=link, organisation_id=organisation_id)


def _tell(
    people: Iterable[int], kind: str, event: Event, told: dict[str, Any], *, link: str, organisation_id: int
) -> None:
    programme_id: int = event.programme_id  # type: ignore[attr-defined]  # those told of here have one
    names = Programme.objects.values_list("name_zh", "name_en").get(pk=programme_id)
    notices.tell(
        users=people,
        kind=kind,
        facts={**told, "programme": facts.name(*names)},
        link=link,
        letter=f"billing/vouchers/mail/{kind}.txt",
        organisation_id=organisation_id,
        occurred_at=event.occurred_at,
        about=f"programme:{programme_id}",
        actor_id=event.actor_id,
    )
