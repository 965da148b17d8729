"""The demo's data behind a running platform, and a browser that notices what goes wrong in it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page

from demo import loading
from demo.people import PASSWORD

WHAT_HAPPENS = {"rentals", "the last days", "invoices", "payouts", "series", "waitlist", "bank transfers"}


@pytest.fixture
def demo(transactional_db: None) -> None:
    """The demo's people, labs, instruments and prices, as `make demo` loads them, before anybody booked anything."""
    for name, loader in loading.LOADERS:
        if name not in WHAT_HAPPENS:
            loader(loading.DATA, timezone.now())


@pytest.fixture
def faults() -> Iterator[list[str]]:
    """What the browsers complained of; a test that leaves a complaint fails."""
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture
def visitor(browser: Browser, live_server: Any, faults: list[str]) -> Iterator[Callable[..., Page]]:
    """Return a page of a new browser window; `language`, `width` and `javascript` may be chosen."""
    windows: list[BrowserContext] = []

    def opened(*, language: str = "zh-hans", width: int = 1280, javascript: bool = True, **more: Any) -> Page:
        window = browser.new_context(
            base_url=live_server.url,
            locale="zh-CN",
            viewport={"width": width, "height": 900},
            java_script_enabled=javascript,
            **more,
        )
        window.add_cookies([{"name": "language", "value": language, "url": live_server.url}])
        windows.append(window)
        page = window.new_page()
        page.on("console", lambda message: faults.append(message.text) if is_fault(message) else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield opened
    for window in windows:
        window.close()


def is_fault(message: Any) -> bool:
    """Whether the console tells of a fault; a refusal (409, 422) or a question overtaken by the next one is none."""
    return message.type == "error" and "status of 4" not in message.text and not message.text.startswith("htmx:")


@pytest.fixture
def signed_in(visitor: Callable[..., Page]) -> Callable[..., Page]:
    """Return a page of a person of the demo, who came through the log-in page."""

    def entered(email: str, **how: Any) -> Page:
        page = visitor(**how)
        page.goto("/accounts/login/")
        page.fill("input[name=login]", email)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/accounts/login/" not in url)
        return page

    return entered
