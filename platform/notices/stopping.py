"""The link in every mail that stops mails like it, without log-in: signed, for one person and some groups."""

from dataclasses import dataclass

from django.core import signing
from django.urls import reverse

from notices.kinds import Group

SALT = "notices.stop"


@dataclass(frozen=True, slots=True)
class Stop:
    """Who wants no more mails, and of which groups."""

    user_id: int
    groups: tuple[Group, ...]


def path_of(stop: Stop) -> str:
    """Return the path of the page that stops them; it does not run out, since mails are kept for years."""
    token = signing.dumps({"user": stop.user_id, "groups": [str(group) for group in stop.groups]}, salt=SALT)
    return reverse("notices:stop", kwargs={"token": token})


def read(token: str) -> Stop | None:
    """Return what a link stops, or None where it is not one of ours."""
    try:
        told = signing.loads(token, salt=SALT)
        return Stop(int(told["user"]), tuple(Group(group) for group in told["groups"]))
    except (signing.BadSignature, ValueError):
        return None
