"""The frame in a real browser: light and dark, the phone's menu, the keyboard, and a Content-Security-Policy kept."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories.accounts import LabMembershipFactory, MembershipFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_is_complained_of(page: Page) -> Iterator[None]:
    """A page that breaks the policy, or whose script fails, says so on the console."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield
    assert said == []


def test_dark_follows_the_system_until_one_chooses_and_the_choice_is_kept(page: Page) -> None:
    root = page.locator("html")
    page.emulate_media(color_scheme="dark")
    page.goto("/")
    expect(root).to_have_attribute("data-bs-theme", "dark")
    page.emulate_media(color_scheme="light")
    expect(root).to_have_attribute("data-bs-theme", "light")

    page.locator("[data-theme-toggle]").click()
    page.reload()

    expect(root).to_have_attribute("data-bs-theme", "dark")


def test_on_a_phone_the_menu_opens_and_nothing_is_wider_than_the_screen(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/")
    catalogue = page.locator("#menu a[href='/catalogue/']")
    expect(catalogue).not_to_be_visible()

    page.locator(".navbar-toggler").click()

    expect(catalogue).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_first_key_leads_past_the_menu(page: Page) -> None:
    page.goto("/")

    page.keyboard.press("Tab")

    expect(page.locator(".skip-link")).to_be_focused()
    expect(page.locator(".skip-link")).to_be_in_viewport()


def test_the_language_is_switched_in_the_header(page: Page) -> None:
    page.goto("/")
    page.locator("[data-menu=language] > button").click()

    page.get_by_role("button", name="English").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_a_person_switches_organisations_in_the_header(page: Page, page_as: Any) -> None:
    first = MembershipFactory(organisation__name_zh="甲公司")
    LabMembershipFactory(user=first.user, organisation__name_zh="乙实验室")
    page = page_as(first)
    page.goto("/")
    expect(page.locator("#menu a[href='/desk/']")).to_have_count(0)

    page.locator("[data-menu=acting] > button").click()
    page.get_by_role("button", name="乙实验室").click()

    expect(page.locator("#menu a[href='/desk/']")).to_be_visible()


def test_without_javascript_menus_open_on_focus(browser: Browser, browser_context_args: Any) -> None:
    context = browser.new_context(**{**browser_context_args, "java_script_enabled": False})
    page = context.new_page()
    page.goto("/")

    page.locator("[data-menu=language] > button").focus()

    expect(page.locator("[data-menu=language] .dropdown-menu")).to_be_visible()
    context.close()


def test_the_description_of_the_api_can_be_read_and_tried(page: Page) -> None:
    page.goto("/api/v1/docs/")

    expect(page.locator(".opblock-summary-path").first).to_be_visible(timeout=20_000)
    expect(page.get_by_role("button", name="Authorize")).to_be_visible()
