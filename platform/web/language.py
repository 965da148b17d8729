"""In which language a request is answered."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

API = "/api/"
PARAMETER = "lang"
"""Names the language in an address: what search engines keep, and what is sent to somebody else."""


def asked_for(header: str) -> str | None:
    """Return the first language of an Accept-Language header that the platform speaks."""
    for tag, _quality in parse_accept_lang_header(header):
        if tag.startswith("zh"):
            return "zh-hans"
        if tag.startswith("en"):
            return "en"
    return None


def speaks_no_chinese(header: str) -> bool:
    """Whether an Accept-Language header names English and no Chinese at all."""
    tags = [tag[:2] for tag, _quality in parse_accept_lang_header(header)]
    return "en" in tags and "zh" not in tags


def language_of(request: HttpRequest) -> str:
    """
    Return the language of an answer: what the address names, what was chosen, what the person has set, else Chinese.

    A browser's Accept-Language counts on pages only when it names English and no Chinese (many browsers in Guangzhou
    are set to English by nobody's choice); a program asks the API for a language with it.
    """
    named = request.GET.get(PARAMETER)
    if named in dict(settings.LANGUAGES):
        return str(named)
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    if chosen in dict(settings.LANGUAGES):
        return chosen
    header = request.headers.get("Accept-Language", "")
    if request.path_info.startswith(API) and (asked := asked_for(header)):
        return asked
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return str(user.language)
    return "en" if speaks_no_chinese(header) else settings.LANGUAGE_CODE


class LanguageMiddleware:
    """Answers in the language of the request, and says so in `Content-Language` and `Vary`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        translation.activate(language_of(request))
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Once more, now that it is known who asks."""
        translation.activate(language_of(request))
