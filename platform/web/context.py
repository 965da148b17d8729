"""What every page knows: who acts, for whom, in which language, in which part of the platform."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from web.acting import identify

LANGUAGE_NAMES = {"zh-hans": "简体中文", "en": "English"}
"""Each language in itself: never translated."""


def page(request: HttpRequest) -> dict[str, Any]:
    """Return what `base.html` shows around a page; it works before any view or middleware ran, for error pages."""
    if not hasattr(request, "member") and hasattr(request, "user"):
        identify(request)
    return {
        "member": getattr(request, "member", None),
        "memberships": getattr(request, "memberships", []),
        "section": request.path_info.strip("/").split("/")[0],
        "languages": LANGUAGE_NAMES,
        "language": get_language() or settings.LANGUAGE_CODE,
        "demo": settings.DEMO,
    }
