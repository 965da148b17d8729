"""A series in a real browser, with script and without: shown, booked, cancelled from one date on."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from bookings.models import Rental, Series
from tests.factories.bookings import buyer
from tests.factories.labs import InstrumentFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def visit(request: Any, browser: Browser, live_server: Any, client_as: Any, settings: Any) -> Iterator[Any]:
    """Return a page of a browser with or without JavaScript, signed in as a member; nothing may be complained of."""
    context = browser.new_context(base_url=live_server.url, locale="zh-CN", java_script_enabled=request.param)
    said: list[str] = []

    def signed_in(member: Any) -> Page:
        session = client_as(member).cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        return page

    yield signed_in
    context.close()
    assert said == []


def next_tuesday(now: datetime) -> datetime:
    """A Tuesday at least three days ahead, well within what may be booked."""
    ahead = now + timedelta(days=3)
    return ahead + timedelta(days=(1 - ahead.weekday()) % 7)


def test_a_chosen_time_is_repeated_shown_booked_and_cancelled_from_one_date_on(visit: Any) -> None:
    now = timezone.now()
    first = next_tuesday(now).date()
    instrument = InstrumentFactory(open_time=now, policy__advance_days=90)
    page = visit(buyer())

    page.goto(f"/instruments/{instrument.code}/?date={first}&start=09:00&minutes=120&mode=self")
    page.click("a[href^='/my/series/new/']")
    expect(page.locator("#id_start")).to_have_value("09:00")
    page.locator("label", has_text="周四").click()
    page.fill("#id_count", "4")
    page.locator("form[action^='/my/series/new/'] button").click()
    expect(page.locator("#dates tbody tr")).to_have_count(4)
    expect(page.locator("#dates-title")).to_have_text("每周四 09:00–11:00，共 4 次")
    page.click("form[action='/my/series/book/'] button")
    page.wait_for_url(re.compile(r"/my/series/[0-9a-f-]{36}/$"))

    series = Series.objects.get()
    expect(page.locator("tbody .state-confirmed")).to_have_count(4)
    page.locator("a", has_text="自此次起取消").nth(2).click()
    page.click("form[method=post] button.btn-danger")
    page.wait_for_url(f"**/my/series/{series.uuid}/")
    expect(page.locator("tbody .state-cancelled")).to_have_count(2)
    assert sorted(Rental.objects.values_list("status", flat=True)) == ["cancelled"] * 2 + ["confirmed"] * 2


@pytest.mark.parametrize("visit", [True], ids=["with script"], indirect=True)
def test_while_dates_are_booked_the_page_says_so_and_the_form_is_sent_once(visit: Any) -> None:
    now = timezone.now()
    instrument = InstrumentFactory(open_time=now, policy__advance_days=90)
    page = visit(buyer())
    when = f"date={next_tuesday(now).date()}&start=09:00&minutes=120&mode=self"
    page.goto(f"/my/series/new/?instrument={instrument.code}&{when}")
    page.locator("form[action^='/my/series/new/'] button").click()
    form = page.locator("form[action='/my/series/book/']")
    expect(form.locator("[data-working]")).to_be_hidden()
    page.evaluate(
        """() => {
            window.stopped = [];
            document.addEventListener("submit", (event) => {
                window.stopped.push(event.defaultPrevented);
                event.preventDefault();
            });
        }"""
    )

    form.locator("button").click()
    form.evaluate("form => form.requestSubmit()")

    expect(form.locator("[data-working]")).to_have_text("正在处理 4 次预约…")
    expect(form.locator("[data-working]")).to_be_visible()
    assert page.evaluate("window.stopped") == [False, True]
