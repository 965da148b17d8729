"""The calendar link as a person makes it, in a real browser under the content security policy."""

import re

import httpx
import pytest
from playwright.sync_api import expect

from tests.factories.bookings import buyer, confirmed
from tests.factories.calendars import events

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("clock")
def test_a_person_makes_a_link_copies_it_and_a_calendar_program_fetches_the_booking(page_as, live_server, settings):
    settings.PLATFORM_URL = live_server.url
    by = buyer()
    rental = confirmed(by=by)
    page = page_as(by)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    page.goto("/my/calendars/")
    page.locator("form[action='/my/calendars/issue/'] button").click()
    page.locator("[data-copy='#feed-url']").click()
    expect(page.locator("[data-copy='#feed-url']")).to_have_class(re.compile("is-copied"))
    copied = page.evaluate("navigator.clipboard.readText()")

    assert copied == page.locator("#feed-url").input_value()
    assert page.locator("a[href^='webcal://']").get_attribute("href") == copied.replace("http://", "webcal://")
    assert [event["UID"] for event in events(httpx.get(copied).content)] == [f"{rental.uuid}@gongheng.example"]
    assert complaints == []


def test_replacing_and_revoking_ask_before_they_act(page_as):
    page = page_as(buyer())
    page.goto("/my/calendars/")
    page.locator("form[action='/my/calendars/issue/'] button").click()
    page.goto("/my/calendars/")
    now_button = page.locator("form[action='/my/calendars/revoke/'] button")
    expect(now_button).to_be_hidden()

    page.locator("summary.btn-outline-danger").click()
    now_button.click()

    expect(page.locator("form[action='/my/calendars/revoke/']")).to_have_count(0)
    expect(page.locator("#messages .alert-success")).to_be_visible()
