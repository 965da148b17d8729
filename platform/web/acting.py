"""For which organisation a person acts: explicit in every request that changes something."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.models import Membership

FIELD = "acting"
HEADER = "X-Acting"
SESSION_KEY = "acting"


class ActingMiddleware:
    """
    Sets `request.memberships` and `request.member` (None for strangers) before the view runs.

    A form carries the membership it was shown for (`{% acting %}`, or htmx's header): it wins over the session, so
    that a form opened for one organisation never acts for another after a switch in a second window.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """
        Find who acts.

        Raises:
            PermissionDenied: the form names a membership that is not this person's.
        """
        identify(request, said_by(request))


def said_by(request: HttpRequest) -> str | None:
    """Return the membership a request names itself."""
    return request.headers.get(HEADER) or (request.POST.get(FIELD) if request.method == "POST" else None)


def identify(request: Any, said: str | None = None) -> None:
    """
    Set who acts; an error page before any view asks for it too, and then only the session counts.

    Raises:
        PermissionDenied: the form names a membership that is not this person's.
    """
    request.member, request.memberships = None, []
    if request.user.is_authenticated:
        request.memberships = memberships_of(request)
        request.member = acting(request, request.memberships)
        if said:
            request.member = named(said, request.memberships)


def memberships_of(request: HttpRequest) -> list[Membership]:
    """Return what the person can act as, with the organisations, in one statement."""
    return list(Membership.objects.of_user(request.user))


def acting(request: HttpRequest, memberships: list[Membership]) -> Membership | None:
    """Return the membership that was chosen last, else the first."""
    chosen = request.session.get(SESSION_KEY)
    return next((each for each in memberships if each.pk == chosen), memberships[0] if memberships else None)


def named(said: str, memberships: list[Membership]) -> Membership:
    """
    Return the membership that a request names.

    Raises:
        PermissionDenied: it is not this person's.
    """
    for membership in memberships:
        if str(membership.pk) == said:
            return membership
    raise PermissionDenied(_("You no longer act for the organisation this page was opened for."))
