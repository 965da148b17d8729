"""
Pictures of every page of the running demo, as each kind of person sees it: both languages, desk and phone, and in the
dark on the desk.

The pages are found by following links; of each kind of address one page is taken, by the first who may see it.
Arguments are parts of routes, and choose some of them: `make screenshots ARGS="rentals calendars"`.
"""

import os
import re
import shutil
import sys
from collections import deque
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import django
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from steps import CHECKOUT, RUN

FOLDER = RUN / "screenshots"
VISITOR = "visitor"
PEOPLE = ("buyer@sme.example", "owner@sme.example", "manager@lab.example", "platform@gongheng.example")
LANGUAGES = ("zh-hans", "en")
LOCALES = {"zh-hans": "zh-CN", "en": "en-GB"}
"""How the browser itself writes dates."""
WIDTHS = {"desk": (1280, 900), "phone": (390, 844)}
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
NOT_PAGES = re.compile(r"^/(static|media|api/v1/(?!docs)|admin/.+|feeds?/)|\.(ics|pdf|xlsx|csv|png|json)$|logout")
FIRST = ("/", "/catalogue/", "/accounts/signup/", "/accounts/login/", "/my/", "/nothing-is-here/")
MOST_PAGES = 120
HREFS = "links => links.map(link => new URL(link.getAttribute('href'), location.href).href)"
"""In a drawing, `link.href` is no text."""

type Scheme = Literal["light", "dark"]


def main(chosen: list[str]) -> int:
    """Take the pictures; return 1 when the demo does not run or a page answered with a fault."""
    try:
        address = os.environ.get("GONGHENG_ADDRESS") or (RUN / "address").read_text().strip()
    except OSError:
        print("The demo does not run: make demo")
        return 1
    faults: list[str] = []
    taken: set[str] = set()
    with sync_playwright() as playwright:
        found = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chromium-browser"))), None)
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        for person in (VISITOR, *PEOPLE):
            pages = routes(browser, address, person, faults)
            wanted = {
                route: path
                for route, path in pages.items()
                if route not in taken and (not chosen or any(part in route for part in chosen))
            }
            taken |= wanted.keys()
            print(f"{person}: {len(wanted)} pages")
            for language in LANGUAGES:
                for width in WIDTHS:
                    take(browser, address, person, wanted, language=language, width=width)
            take(browser, address, person, wanted, language=LANGUAGES[0], width="desk", scheme="dark")
        browser.close()
    print(f"In {FOLDER.relative_to(CHECKOUT)}.")
    for fault in faults:
        print(f"FAULT {fault}")
    return 1 if faults else 0


def routes(browser: Browser, address: str, person: str, faults: list[str]) -> dict[str, str]:
    """Follow links from the first pages, and return one address of each kind."""
    context = entered(browser, address, person, language="zh-hans", width="desk")
    page = context.new_page()
    pages: dict[str, str] = {}
    waiting = deque(FIRST)
    while waiting and len(pages) < MOST_PAGES:
        path = waiting.popleft()
        route = route_of(path)
        if route in pages or NOT_PAGES.search(path):
            continue
        answer = page.goto(address + path, wait_until="domcontentloaded")
        pages[route] = path
        if answer and answer.status >= 500:
            faults.append(f"{person} {path} {answer.status}")
        for link in page.eval_on_selector_all("a[href]", HREFS):
            parts = urlsplit(link)
            if f"{parts.scheme}://{parts.netloc}" == address:
                waiting.append(parts.path)
    context.close()
    return pages


def route_of(path: str) -> str:
    """Return the kind of an address: the pattern that answers it."""
    try:
        return str(resolve(path).route)
    except Resolver404:
        return "404"


def entered(
    browser: Browser,
    address: str,
    person: str,
    *,
    language: str,
    width: str,
    scheme: Scheme = "light",
) -> BrowserContext:
    """Return a browser window of this size in which the person is logged in."""
    from demo.people import PASSWORD

    wide, high = WIDTHS[width]
    states = FOLDER.with_name("screenshots-sessions")
    state = states / f"{person}.json"
    context = browser.new_context(
        viewport={"width": wide, "height": high},
        storage_state=state if state.exists() else None,
        locale=LOCALES[language],
        color_scheme=scheme,
    )
    if person != VISITOR and not state.exists():
        page = context.new_page()
        page.goto(f"{address}/accounts/login/")
        page.fill("input[name=login]", person)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/accounts/login/" not in url)
        page.close()
        states.mkdir(parents=True, exist_ok=True)
        context.storage_state(path=state)
    context.add_cookies([{"name": "language", "value": language, "url": address}])
    return context


def take(
    browser: Browser,
    address: str,
    person: str,
    pages: dict[str, str],
    *,
    language: str,
    width: str,
    scheme: Scheme = "light",
) -> None:
    """Take the pictures of one person's pages in one language, width and scheme of colours."""
    context = entered(browser, address, person, language=language, width=width, scheme=scheme)
    looks = width if scheme == "light" else f"{width}.{scheme}"
    page = context.new_page()
    for route, path in pages.items():
        name = re.sub(r"\W+", "-", re.sub(r"<\w+:|[<>^$]", "", route)).strip("-") or "home"
        picture(page, address + path, FOLDER / person.partition("@")[0] / f"{name}.{language}.{looks}.png")
    context.close()


def picture(page: Page, url: str, into: Path) -> None:
    """Take one picture of the whole page, once its calendar and pictures have settled and a free time is chosen."""
    page.goto(url, wait_until="networkidle")
    start = page.locator("#starts a").first
    if start.count():
        start.click()
        page.wait_for_load_state("networkidle")
    into.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=into, full_page=True, animations="disabled")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    django.setup()
    shutil.rmtree(FOLDER.with_name("screenshots-sessions"), ignore_errors=True)
    sys.exit(main(sys.argv[1:]))
