"""What people change about themselves."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.people import rules
from accounts.people.events import ProfileEdited
from accounts.people.models import User
from kernel.events import announce
from kernel.refusals import Refusal


class TimeZoneUnknown(Refusal):
    code = "time_zone_unknown"
    message = _("There is no time zone “{timezone}”.")
    status = 422


class LanguageUnknown(Refusal):
    code = "language_unknown"
    message = _("The platform does not speak “{language}”.")
    status = 422


@transaction.atomic
def edit_profile(*, user: User, name: str, language: str, timezone: str, now: datetime) -> User:
    """
    Change a person's name, language and time zone.

    Raises:
        TimeZoneUnknown: no zone has that name.
        LanguageUnknown: the platform does not speak that language.
    """
    if not rules.is_time_zone(timezone):
        raise TimeZoneUnknown(timezone=timezone)
    if language not in User.Language.values:
        raise LanguageUnknown(language=language)
    wanted = {"name": name.strip(), "language": language, "timezone": timezone}
    changed = tuple(field for field, value in wanted.items() if getattr(user, field) != value)
    for field in changed:
        setattr(user, field, wanted[field])
    user.save(update_fields=["name", "language", "timezone"])
    announce(ProfileEdited(occurred_at=now, actor_id=user.pk, organisation_id=None, user_id=user.pk, changed=changed))
    return user
