"""How people choose to be mailed."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from kernel.events import announce
from kernel.refusals import Refusal
from notices import queries, rules
from notices.events import NoticePreferencesChanged
from notices.kinds import Group, Mail
from notices.models import Choice, Notice, Preferences

RECOMMENDED = ""
"""Chooses for a group what the platform recommends: each kind in its own way."""


class GroupUnknown(Refusal):
    code = "notice_group_unknown"
    message = _("There is no group of notices “{group}”.")
    status = 422


class MailUnknown(Refusal):
    code = "notice_mail_unknown"
    message = _("Mail comes at once, daily or never, not “{mail}”.")
    status = 422


class HourUnknown(Refusal):
    code = "notice_hour_unknown"
    message = _("An hour is a whole number from 0 to 23, not “{hour}”.")
    status = 422


class QuietHoursEmpty(Refusal):
    code = "quiet_hours_empty"
    message = _("Quiet hours that end when they begin are none: leave them out instead.")
    status = 422


@transaction.atomic
def choose(
    *, user: User, mail: Mapping[str, str], digest_hour: int, quiet: tuple[int, int] | None, now: datetime
) -> queries.Wanted:
    """
    Choose how one wants to be mailed, on the clock of one's own zone; groups that `mail` leaves out stay as they are.

    What waits for the daily mail follows its hour; what is owed already is mailed as is wanted when its turn comes.

    Raises:
        GroupUnknown: there is no such group.
        MailUnknown: mail cannot come so.
        HourUnknown: there is no such hour.
        QuietHoursEmpty: quiet hours begin and end at the same hour.
    """
    _check(mail, digest_hour, quiet)
    before = queries.wanted_by(user)
    changed = [group for group, way in mail.items() if before.mail.get(group, RECOMMENDED) != way]
    for group in changed:
        _choose(user, group, mail[group])
    if digest_hour != before.digest_hour or quiet != before.quiet:
        begin, end = quiet or (None, None)
        hours = {"digest_hour": digest_hour, "quiet_from": begin, "quiet_until": end}
        Preferences.objects.update_or_create(user=user, defaults=hours)
    after = queries.wanted_by(user)
    if digest_hour != before.digest_hour:
        changed.append("digest_hour")
        due_at = rules.next_digest(rules.Wishes(user.tz, digest_hour=digest_hour), now)
        Notice.objects.filter(user=user, delivery=Notice.Delivery.DIGEST).update(mail_due_at=due_at)
    if quiet != before.quiet:
        changed.append("quiet_hours")
    _announce(user, changed, now)
    return after


@transaction.atomic
def stop(*, user: User, groups: Iterable[Group], now: datetime) -> None:
    """Stop all mails of some groups, as the link in each mail does; the notices stay in the platform."""
    before = queries.wanted_by(user)
    changed = [str(group) for group in groups if before.mail.get(group) != Mail.NEVER]
    for group in changed:
        _choose(user, group, Mail.NEVER)
    _announce(user, changed, now)


def _check(mail: Mapping[str, str], digest_hour: int, quiet: tuple[int, int] | None) -> None:
    for group, way in mail.items():
        if group not in Group.values:
            raise GroupUnknown(group=group)
        if way not in (RECOMMENDED, *Mail.values):
            raise MailUnknown(mail=way)
    for hour in (digest_hour, *(quiet or ())):
        if hour not in range(24):
            raise HourUnknown(hour=hour)
    if quiet is not None and quiet[0] == quiet[1]:
        raise QuietHoursEmpty


def _choose(user: User, group: str, way: str) -> None:
    if way == RECOMMENDED:
        Choice.objects.filter(user=user, group=group).delete()
    else:
        Choice.objects.update_or_create(user=user, group=group, defaults={"mail": way})


def _announce(user: User, changed: list[str], now: datetime) -> None:
    if changed:
        told: dict[str, Any] = {"user_id": user.pk, "changed": tuple(changed)}
        announce(NoticePreferencesChanged(occurred_at=now, actor_id=user.pk, organisation_id=None, **told))
