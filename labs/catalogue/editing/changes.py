"""
What a change changed, and whether its writer saw what it changes.

Note [Written over]
    Two people may edit one thing at a time. A form carries the mark of what it showed (`seen`); the operation locks the
    row, works the mark out anew, and refuses when it differs: whatever changed it, by whichever way. The refusal says
    who did and when, as the history tells; the page then shows both, and carries the new mark.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from hashlib import blake2b
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import FileField, ForeignKey, Model
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from audit.trail import queries as trail
from kernel.refusals import Refusal
from web.moments import instant


class EditedMeanwhile(Refusal):
    code = "edited_meanwhile"
    message = _(
        "{who} changed this at {when}, while you were writing. Look at both below, then save yours if it still holds."
    )


def told(value: Any) -> Any:
    """Return a value as a history keeps it: a thing with names by both of them, a file by whether there is one."""
    if isinstance(value, Model):
        if hasattr(value, "name_zh"):
            return {"zh": str(value.name_zh), "en": str(getattr(value, "name_en", ""))}
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [told(each) for each in value]
    return value


def of_row(row: Model, fields: Iterable[str]) -> dict[str, Any]:
    """Return what a row says in some of its fields, as a history keeps it."""
    said = {}
    for name in fields:
        field = row._meta.get_field(name)
        if isinstance(field, FileField):
            said[name] = str(getattr(row, name) or "")
        elif isinstance(field, ForeignKey):
            said[name] = told(getattr(row, name))
        elif field.many_to_many:
            said[name] = told(getattr(row, name).all().order_by("pk"))
        else:
            said[name] = getattr(row, name)
    return plain(said)


def plain(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as JSON keeps them, so that those before and after compare."""
    kept: dict[str, Any] = json.loads(json.dumps(said, cls=DjangoJSONEncoder))
    return kept


def between(before: Mapping[str, Any], after: Mapping[str, Any], *, row: Any = None) -> list[dict[str, Any]]:
    """Return what changed from one state to another, field by field; `row` names the line it is about."""
    named = {"row": row} if row else {}
    fields = [name for name in after if before.get(name) != after[name]]
    return [{**named, "field": name, "before": before.get(name), "after": after[name]} for name in fields]


def of_lines(field: str, before: Iterable[str], after: Iterable[str]) -> list[dict[str, Any]]:
    """Return what changed in a list of lines: those that went, and those that came."""
    was, is_now = list(before), list(after)
    if was == is_now:
        return []
    gone = [line for line in was if line not in is_now]
    come = [line for line in is_now if line not in was]
    return [{"field": field, "before": gone, "after": come, "lines": True}]


def mark(said: Any) -> str:
    """Return the mark of what was shown: see Note [Written over]."""
    written = json.dumps(said, sort_keys=True, ensure_ascii=False, cls=DjangoJSONEncoder)
    return blake2b(written.encode(), digest_size=9).hexdigest()


def refuse_if_unseen(seen: str | None, said: Any, *, about: str, zone: tzinfo) -> None:
    """
    Refuse to write over what the writer did not see; without a mark, nothing was shown to anybody.

    Raises:
        EditedMeanwhile: it says something else now.
    """
    if seen is None or seen == mark(said):
        return
    last = trail.history(about).first()
    who = str(last.actor) if last and last.actor else _("Somebody")
    raise EditedMeanwhile(who=who, when=instant(last.occurred_at, zone) if last else _("an unknown time"))


def whose(by: Membership | None, now: datetime) -> dict[str, Any]:
    """Return what every event says: when, by whom, for whom."""
    return {
        "occurred_at": now,
        "actor_id": by.user_id if by else None,
        "organisation_id": by.organisation_id if by else None,
    }
