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
        request.member = None  # type: ignore[attr-defined]  # declared in web.requests
        request.memberships = []  # type: ignore[attr-defined]  # declared in web.requests
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """
        Find who acts.

        Raises:
            PermissionDenied: the form names a membership that is not this person's.
        """
        if not request.user.is_authenticated:
            return
        memberships = memberships_of(request)
        request.memberships = memberships  # type: ignore[attr-defined]  # declared in web.requests
        request.member = acting(request, memberships)  # type: ignore[attr-defined]  # declared in web.requests


def memberships_of(request: HttpRequest) -> list[Membership]:
    """Return what the person can act as, with the organisations, in one statement."""
    return list(Membership.objects.of_user(request.user))


def acting(request: HttpRequest, memberships: list[Membership]) -> Membership | None:
    """
    Return the membership the request acts with: what it says itself, else what was chosen last, else the first.

    Raises:
        PermissionDenied: it names a membership that is not this person's.
    """
    by_id = {str(membership.pk): membership for membership in memberships}
    said = request.headers.get(HEADER) or (request.POST.get(FIELD) if request.method == "POST" else None)
    if said:
        if said not in by_id:
            raise PermissionDenied(_("You no longer act for the organisation this page was opened for."))
        return by_id[said]
    chosen = by_id.get(str(request.session.get(SESSION_KEY, "")))
    return chosen or (memberships[0] if memberships else None)
