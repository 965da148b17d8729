"""Who acts in a request of a program, and lists of what they see."""

from abc import abstractmethod
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import generics
from rest_framework.request import Request

from accounts import access
from accounts.models import Membership


def acting(request: Request) -> Membership:
    """The membership that acts; the access rule has let nobody else in."""
    member: Membership = request._request.member  # type: ignore[attr-defined]  # declared in web.requests
    return member


class Listing(generics.ListAPIView[Any]):
    """A list of what a member sees; `queryset` is an empty one of its kind, for the description alone."""

    access: ClassVar[Any] = access.MEMBER
    queryset: QuerySet[Any]

    @abstractmethod
    def seen(self, member: Membership) -> QuerySet[Any]:
        """Return what the member sees, in a stable order."""

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return self.seen(acting(self.request))
