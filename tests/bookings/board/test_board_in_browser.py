"""The board in a real browser: dragged, resized, dropped upon, and shown to others within two seconds."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from accounts.models import Membership
from bookings.models import Rental
from labs.models import Instrument, Outage
from tests.factories.accounts import LabMembershipFactory
from tests.factories.bookings import buyer, confirmed, hours
from tests.factories.labs import InstrumentFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]
TUESDAY = "/desk/board/?from=2026-11-24&days=1"
WITHIN_MS = 2_000
"""How soon another person's change is seen."""


@pytest.fixture
def opened(browser: Browser, live_server: Any, client_as: Any) -> Iterator[Callable[..., Page]]:
    """Return a page of a browser of one's own, in English, signed in as a member; complaints fail the test."""
    windows: list[BrowserContext] = []
    complaints: list[str] = []

    def page_of(member: Membership, *, javascript: bool = True, width: int = 1280) -> Page:
        window = browser.new_context(
            base_url=live_server.url, viewport={"width": width, "height": 900}, java_script_enabled=javascript
        )
        session = client_as(member).cookies[settings.SESSION_COOKIE_NAME].value
        for name, value in ((settings.SESSION_COOKIE_NAME, session), ("language", "en")):
            window.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        windows.append(window)
        page = window.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if is_complaint(message) else None)
        return page

    yield page_of
    for window in windows:
        window.close()
    assert complaints == []


def is_complaint(message: Any) -> bool:
    return message.type == "error" and "status of 4" not in message.text


@pytest.fixture
def instrument() -> Instrument:
    return InstrumentFactory(policy__requires_approval=False)


def manager_of(instrument: Instrument) -> Membership:
    return LabMembershipFactory(organisation=instrument.lab.organisation, role="lab_manager")


def piece(page: Page, rental: Rental) -> Locator:
    return page.locator(f"#board [data-number='{rental.number}']")


def centre(found: Locator) -> tuple[float, float]:
    box = found.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    for step in range(1, 6):
        page.mouse.move(start[0] + (end[0] - start[0]) * step / 5, start[1] + (end[1] - start[1]) * step / 5)
    page.mouse.up()


AN_HOUR = 80
"""How wide an hour is on the board of a day: two slots of forty pixels."""


def test_dragged_to_another_time_it_asks_and_moves_when_the_customer_has_agreed(
    opened: Callable[..., Page], instrument: Instrument
) -> None:
    rental = confirmed(instrument=instrument, period=hours(0, 2))
    page = opened(manager_of(instrument))
    page.goto(TUESDAY)
    x, y = centre(piece(page, rental))

    drag(page, (x, y), (x + 3 * AN_HOUR, y))

    dialog = page.locator("#board-dialog")
    expect(dialog).to_be_visible()
    expect(dialog.locator("#id_start")).to_have_value("2026-11-24T12:00")
    expect(dialog.locator("#id_end")).to_have_value("2026-11-24T14:00")
    assert Rental.objects.get().time == hours(0, 2)  # nothing moves before it is confirmed
    dialog.locator("#id_reason").fill("设备检修")
    dialog.locator("#id_consent").check()
    dialog.locator("button.btn-primary").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#board")).to_have_attribute("data-drawn", "2")
    assert Rental.objects.get().time == hours(3, 5)
    assert abs(centre(piece(page, rental))[0] - (x + 3 * AN_HOUR)) < 5


def test_a_refusal_says_every_rule_and_leaves_it_where_it_was(
    opened: Callable[..., Page], instrument: Instrument
) -> None:
    rental = confirmed(instrument=instrument, period=hours(0, 2))
    confirmed(instrument=instrument, period=hours(4, 6))
    page = opened(manager_of(instrument))
    page.goto(TUESDAY)
    x, y = centre(piece(page, rental))

    drag(page, (x, y), (x + 3 * AN_HOUR, y))
    dialog = page.locator("#board-dialog")
    dialog.locator("#id_reason").fill("x")
    dialog.locator("#id_consent").check()
    dialog.locator("button.btn-primary").click()

    expect(dialog.locator("[role=alert]")).to_contain_text("is taken for part of that time")
    dialog.locator("[data-dismiss-dialog]").first.click()
    expect(dialog).to_be_hidden()
    assert abs(centre(piece(page, rental))[0] - x) < 5
    assert Rental.objects.get(pk=rental.pk).time == hours(0, 2)


def test_dragged_to_another_instrument_of_the_category_only(
    opened: Callable[..., Page], instrument: Instrument
) -> None:
    alike = InstrumentFactory(lab=instrument.lab, category=instrument.category, policy__requires_approval=False)
    unlike = InstrumentFactory(lab=instrument.lab, category__code="99010100", policy__requires_approval=False)
    rental = confirmed(instrument=instrument, period=hours(0, 2))
    page = opened(manager_of(instrument))
    page.goto(TUESDAY)

    def onto(code: str) -> None:
        x, y = centre(piece(page, rental))
        drag(page, (x, y), (x, centre(page.locator("#board .ec-row-head", has_text=code))[1]))

    onto(unlike.code)
    expect(page.locator("#messages")).to_contain_text("same category only")
    expect(page.locator("#board-dialog")).to_be_hidden()
    onto(alike.code)

    expect(page.locator("#board-dialog #id_instrument")).to_have_value(alike.code)


def test_its_end_is_dragged_to_make_it_longer(opened: Callable[..., Page], instrument: Instrument) -> None:
    rental = confirmed(instrument=instrument, period=hours(0, 2))
    page = opened(manager_of(instrument))
    page.goto(TUESDAY)
    piece(page, rental).hover()
    box = piece(page, rental).bounding_box()
    assert box is not None
    edge = (box["x"] + box["width"] - 2, box["y"] + box["height"] / 2)

    drag(page, edge, (edge[0] + AN_HOUR, edge[1]))

    expect(page.locator("#board-dialog #id_start")).to_have_value("2026-11-24T09:00")
    expect(page.locator("#board-dialog #id_end")).to_have_value("2026-11-24T12:00")


def test_maintenance_is_dropped_on_an_instrument_and_whom_it_displaces_is_shown_first(
    opened: Callable[..., Page], instrument: Instrument
) -> None:
    rental = confirmed(instrument=instrument, period=hours(0, 2))
    page = opened(manager_of(instrument))
    page.goto(TUESDAY)
    expect(piece(page, rental)).to_be_visible()

    drag(page, centre(page.locator(".palette [data-kind=maintenance]")), centre(piece(page, rental)))
    dialog = page.locator("#board-dialog")
    expect(dialog.locator("#id_whose")).to_have_value(instrument.code)
    expect(dialog.locator("#id_kind")).to_have_value("maintenance")
    dialog.locator("button.btn-primary").click()
    expect(dialog.locator("table")).to_contain_text(rental.organisation.name_en)
    assert not Outage.objects.exists()
    dialog.locator("button.btn-danger").click()

    expect(piece(page, rental)).to_have_class(re.compile("needs-rebooking"))
    assert Outage.objects.get().instrument == instrument


def test_free_time_is_selected_to_take_the_instrument_out(opened: Callable[..., Page], instrument: Instrument) -> None:
    rental = confirmed(instrument=instrument, period=hours(0, 2))
    page = opened(manager_of(instrument))
    page.goto(TUESDAY)
    x, y = centre(piece(page, rental))

    drag(page, (x + 3 * AN_HOUR, y), (x + 5 * AN_HOUR - 5, y))

    expect(page.locator("#board-dialog #id_start")).to_have_value("2026-11-24T13:00")
    expect(page.locator("#board-dialog #id_end")).to_have_value("2026-11-24T15:00")


# --- Live --------------------------------------------------------------------------------------------------------


def test_another_persons_change_is_seen_within_two_seconds_and_keeps_what_one_writes(
    opened: Callable[..., Page], instrument: Instrument
) -> None:
    member = buyer()
    mine = confirmed(instrument=instrument, period=hours(0, 2), by=member)
    other = confirmed(instrument=instrument, period=hours(4, 5), by=member)
    watching, acting = opened(manager_of(instrument)), opened(manager_of(instrument))
    watching.goto(TUESDAY)
    expect(watching.locator("#board-live")).to_have_text("live")
    x, y = centre(piece(watching, mine))
    drag(watching, (x, y), (x + 3 * AN_HOUR, y))
    watching.locator("#board-dialog #id_reason").fill("half a sentence")
    watching.evaluate("window.sameDocument = true")

    acting.goto(f"/desk/rentals/{other.number}/")
    acting.locator("#id_reason").fill("设备故障")
    acting.locator("form[action$='/cancel/'] button").click()
    acting.wait_for_load_state()

    expect(piece(watching, other)).to_have_count(0, timeout=WITHIN_MS)
    expect(watching.locator("#lists")).not_to_contain_text(other.number, timeout=WITHIN_MS)
    assert watching.evaluate("window.sameDocument") is True
    expect(watching.locator("#board-dialog #id_reason")).to_have_value("half a sentence")


def test_a_booking_made_elsewhere_appears_within_two_seconds(
    opened: Callable[..., Page], instrument: Instrument
) -> None:
    page = opened(manager_of(instrument))
    page.goto(TUESDAY)
    expect(page.locator("#board-live")).to_have_text("live")

    rental = confirmed(instrument=instrument, period=hours(0, 2))

    expect(piece(page, rental)).to_be_visible(timeout=WITHIN_MS)


def test_nobody_asks_while_the_page_is_hidden(opened: Callable[..., Page], instrument: Instrument) -> None:
    page = opened(manager_of(instrument))
    page.goto(TUESDAY)
    expect(page.locator("#board-live")).to_have_text("live")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/board/events/" in request.url else None)

    page.evaluate(
        "Object.defineProperty(document, 'hidden', {configurable: true, get: () => true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    page.wait_for_timeout(1_700)  # a question that was under way may still be answered
    asked.clear()
    page.wait_for_timeout(3_500)
    assert asked == []

    page.evaluate(
        "Object.defineProperty(document, 'hidden', {configurable: true, get: () => false});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    page.wait_for_timeout(500)
    assert len(asked) == 1


# --- Without a mouse, without JavaScript ----------------------------------------------------------------------------


def test_by_keyboard_a_booking_opens_its_page_and_is_moved_there(
    opened: Callable[..., Page], instrument: Instrument
) -> None:
    rental = confirmed(instrument=instrument, period=hours(0, 2))
    page = opened(manager_of(instrument))
    page.goto(TUESDAY)
    piece(page, rental).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/desk/rentals/{rental.number}/")

    page.locator("a[href$='/move/']").click()

    expect(page.locator("#id_start")).to_have_value("2026-11-24T09:00")


def test_without_javascript_it_is_moved_by_its_form_and_maintenance_announced_by_its_link(
    opened: Callable[..., Page], instrument: Instrument
) -> None:
    rental = confirmed(instrument=instrument, period=hours(0, 2))
    page = opened(manager_of(instrument), javascript=False)
    page.goto(TUESDAY)
    page.locator("#lists a[href$='/move/']").click()
    page.locator("#id_start").fill("2026-11-24T13:00")
    page.locator("#id_end").fill("2026-11-24T15:00")
    page.locator("#id_reason").fill("x")
    page.locator("#id_consent").check()
    page.locator("main button.btn-primary").click()
    assert Rental.objects.get(pk=rental.pk).time == hours(4, 6)

    page.goto(TUESDAY)
    page.locator(".palette [data-kind=calibration]").click()
    assert f"/desk/lab/{instrument.lab.code}/hours/outage/" in page.url
    expect(page.locator("#id_kind")).to_have_value("calibration")
