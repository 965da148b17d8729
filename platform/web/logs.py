"""
What is logged, in which shape, and what never is.

Lines are structured (JSON; readable in the demo) and carry the request's id and person. The secrets that a person
holds in an address or a header are masked in every line, whoever writes it, tracebacks included.
"""

import logging
import re
import time
import uuid
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse

REQUEST_ID = "X-Request-ID"

SECRETS = re.compile(
    r"(/cal/)[^\s\"'?]+"
    r"|(/invitations/)[^/\s\"'?]+"
    r"|(/confirm-email/|/password/reset/key/)[^/\s\"'?]+"
    r"|(\bgh_)[\w-]{6,}"
)
"""The tokens of feeds (CA-1), invitations, e-mail checks and the API: only what comes before them is kept."""
MASK = "***"


def masked(text: str) -> str:
    """Return the text without the secrets in it."""
    return SECRETS.sub(lambda found: next(group for group in found.groups() if group) + MASK, text)


def mask(logger: Any, name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask every value of a line; a structlog processor."""
    for key, value in line.items():
        line[key] = _without_secrets(value)
    return line


def _without_secrets(value: Any) -> Any:
    match value:
        case str():
            return masked(value)
        case bool() | int() | float() | None:
            return value
        case Mapping():
            return {key: _without_secrets(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_without_secrets(inner) for inner in value]
    return masked(str(value))


EVERY_LINE: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def formatter(readable: bool) -> structlog.stdlib.ProcessorFormatter:
    """Return what writes the lines: for people at a terminal, or as JSON."""
    shape: Any = structlog.dev.ConsoleRenderer(colors=False) if readable else structlog.processors.JSONRenderer()
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=EVERY_LINE,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            mask,
            shape,
        ],
    )


def configure() -> None:
    """Let structlog hand its lines to the standard logging, which writes those of everybody else too."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *EVERY_LINE,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def settings(*, level: str, readable: bool) -> dict[str, Any]:
    """
    Return Django's LOGGING.

    What is anticipated (4xx) is no line above INFO: `django.request` speaks of faults only, with their traceback;
    `RequestLogMiddleware` writes one line a request.
    """
    configure()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": formatter, "readable": readable}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {"django.request": {"level": "ERROR"}, "django.server": {"level": "WARNING"}},
    }


class RequestLogMiddleware:
    """One line a request, when INFO is logged; its id in every line meanwhile, and in the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.log = logging.getLogger("gongheng.requests")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        begun = time.perf_counter()
        response = self.get_response(request)
        response.headers[REQUEST_ID] = request_id
        if self.log.isEnabledFor(logging.INFO):
            milliseconds = (time.perf_counter() - begun) * 1000
            path = request.get_full_path()
            self.log.info("%s %s %s %.1f ms", request.method, path, response.status_code, milliseconds)
        return response
