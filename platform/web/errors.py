"""The pages that say what went wrong and what to do next."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from kernel.refusals import Refusal
from web.pages import asks_for_a_part


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request cannot be understood."""
    return error(request, "web/400.html", 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the person may not do that; with the reason, where one was given."""
    reason = str(exception) if exception and exception.args else ""
    return error(request, "web/403.html", 403, reason)


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form was opened too long ago, or by another site."""
    return error(request, "web/csrf.html", 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: nothing is there, or nothing that this person may see."""
    return error(request, "web/404.html", 404)


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """409 and the like: an operation declined what no form of the page could show the reason of."""
    return error(request, "web/refused.html", refusal.status, str(refusal))


def fault(request: HttpRequest) -> HttpResponse:
    """500: our fault; drawn without the database, which may be what failed."""
    return HttpResponse(render_to_string("web/500.html"), status=500)


class RefusalMiddleware:
    """Shows a refusal that a page did not expect as what it is: a sentence to the person, never a fault."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal; let everything else rise."""
        return refused(request, exception) if isinstance(exception, Refusal) else None


def error(request: HttpRequest, template: str, status: int, reason: str = "") -> HttpResponse:
    """Answer htmx with the sentence alone, as an alert that it can show; everyone else with a page."""
    name = f"{template}#sentence" if asks_for_a_part(request) else template
    return render(request, name, {"reason": reason}, status=status)
