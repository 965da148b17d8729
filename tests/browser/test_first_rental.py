"""A first rental, end to end, in a real browser: found, priced, held, confirmed, seen by the lab and by a calendar."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from bookings.models import Rental

pytestmark = pytest.mark.django_db(transaction=True)

MACHINE = "/instruments/TH-006/"
"""The universal testing machine of the university's lab."""


def rental_shown(page: Page) -> Rental:
    """Return the rental whose page is open."""
    found = re.search(r"/my/rentals/(R\d+)/", page.url)
    assert found, page.url
    return Rental.objects.get(number=found[1])


def test_an_instrument_is_found_by_what_people_call_it(demo: None, visitor: Callable[..., Page]) -> None:
    page = visitor()

    for words in ("拉力", "拉伸", "万能试验机", "wanneng", "GB/T 228.1"):
        page.goto("/")
        page.fill("main input[name=q]", words)
        page.press("main input[name=q]", "Enter")
        expect(page.locator(f"#found a[href='{MACHINE}']")).to_be_visible()


def test_a_buyer_rents_an_instrument_and_the_lab_and_a_calendar_see_it(
    demo: None, signed_in: Callable[..., Page], live_server: Any
) -> None:
    buyer = signed_in("buyer@sme.example")

    # Found, and a time chosen on the next open day: the price stands there, line by line.
    buyer.goto("/catalogue/?q=拉伸&kind=rental")
    buyer.click(f"#found a[href='{MACHINE}']")
    expect(buyer.locator("#week .piece-free").first).to_be_visible()
    buyer.locator("#starts a").nth(1).click()
    expect(buyer.locator("#offer .price-lines tbody tr")).not_to_have_count(0)
    total = buyer.locator("#offer .price-lines tfoot td").inner_text()
    expect(buyer.locator("#week .ec-event.piece-chosen")).to_be_visible()

    # Held: the clock runs.
    buyer.fill("#purpose", "线束端子拉力")
    buyer.click("#hold button")
    buyer.wait_for_url("**/my/rentals/R*/")
    rental = rental_shown(buyer)
    expect(buyer.locator("[data-left]")).to_have_text(re.compile(r"^(30:00|29:\d\d)$"))
    assert (rental.status, str(rental.total), rental.purpose) == ("held", total, "线束端子拉力")

    # Confirmed, and found under my rentals.
    buyer.click("form[action$='/confirm/'] button")
    expect(buyer.locator(".badge.state-confirmed")).to_be_visible()
    buyer.goto("/my/rentals/?status=confirmed")
    expect(buyer.locator(f"a[href='/my/rentals/{rental.number}/']")).to_be_visible()

    # The lab sees it on its board, with the customer's name.
    operator = signed_in("operator@lab.example")
    day = rental.time.start.astimezone(rental.instrument.lab.tz).date()
    operator.goto(f"/desk/board/?from={day}&days=1")
    booked = operator.locator("#board .ec-event.state-confirmed", has_text=rental.organisation.name_zh)
    expect(booked.first).to_be_visible()
    operator.locator(f"a[href='/desk/rentals/{rental.number}/']").click()
    expect(operator.get_by_text("线束端子拉力")).to_be_visible()

    # The calendar's feed has it.
    buyer.goto("/my/calendars/")
    buyer.locator("form[action$='/my/calendars/issue/'] button").first.click()
    link = buyer.locator("#feed-url").input_value()
    feed = buyer.request.get(live_server.url + urlsplit(link).path)
    assert feed.status == 200
    assert str(rental.uuid) in feed.text().replace("\r\n ", "")


def test_who_comes_second_is_told_and_offered_something_else(demo: None, signed_in: Callable[..., Page]) -> None:
    first, second = signed_in("buyer@sme.example"), signed_in("buyer@leather.example")
    for page in (first, second):
        page.goto(MACHINE)
        page.locator("#starts a").first.click()
        expect(page.locator("#hold button")).to_be_visible()

    first.click("#hold button")
    first.wait_for_url("**/my/rentals/R*/")
    second.click("#hold button")

    expect(second.locator("#offer [role=alert]")).to_be_visible()
    expect(second.locator("#offer a[data-date]")).to_have_count(3)
    expect(second.locator("#offer .list-group a")).to_have_count(2)
    second.locator("#offer a[data-date]").first.click()
    expect(second.locator("#hold button")).to_be_visible()
    assert Rental.objects.count() == 1


def test_a_time_is_dragged_on_the_calendar_in_the_labs_time_wherever_the_browser_is(
    demo: None, visitor: Callable[..., Page]
) -> None:
    page = visitor(timezone_id="America/New_York")
    page.goto(MACHINE)
    free = page.locator("#week .piece-free").last
    free.scroll_into_view_if_needed()
    box = free.bounding_box()
    assert box

    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 4)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40, steps=4)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 22 * 4 - 6, steps=4)
    page.mouse.up()

    expect(page.locator("#wish [name=minutes]")).to_have_value("120")
    expect(page.locator("#offer .price-lines")).to_be_visible()
    begins = page.locator("#wish [name=start]").input_value()
    assert begins in {"08:30", "09:00"}
    expect(page.locator("#offer strong").first).to_contain_text(begins)


def test_a_phone_taps_a_start_and_a_keyboard_presses_it(demo: None, visitor: Callable[..., Page]) -> None:
    phone = visitor(width=390, has_touch=True)
    phone.goto(MACHINE)
    phone.locator("#starts a").nth(2).tap()
    expect(phone.locator("#offer .price-lines")).to_be_visible()

    desk = visitor()
    desk.goto(MACHINE)
    desk.locator("#starts a").first.focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("#offer .price-lines")).to_be_visible()


def test_all_of_it_works_without_javascript(demo: None, signed_in: Callable[..., Page]) -> None:
    page = signed_in("buyer@sme.example", javascript=False)

    page.goto("/")
    page.fill("main input[name=q]", "万能试验机")
    page.click("main [role=search] button")
    page.check("#kind-rental")
    page.locator(".facets noscript button, .facets button").first.click()
    page.click(f"#found a[href='{MACHINE}']")
    page.locator("#starts a").first.click()
    page.fill("#purpose", "无脚本")
    page.click("#hold button")
    rental = rental_shown(page)
    page.click("form[action$='/confirm/'] button")

    rental.refresh_from_db()
    assert (rental.status, rental.purpose) == ("confirmed", "无脚本")
    expect(page.locator(".badge.state-confirmed")).to_be_visible()
