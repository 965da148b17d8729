"""What a request carries once the middleware has seen it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import Membership, User


class PageRequest(HttpRequest):
    """A request of anyone: with the organisation acted for, when the person is signed in and belongs to one."""

    member: Membership | None
    memberships: list[Membership]
    htmx: HtmxDetails


class MemberRequest(HttpRequest):
    """A request behind a rule that asks for a membership: `member` is there."""

    user: User
    member: Membership
    memberships: list[Membership]
    htmx: HtmxDetails
