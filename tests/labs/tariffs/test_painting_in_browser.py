"""A price list is painted on the grid of hours and days, tried on last month, and published: a browser, in Chinese."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Membership
from labs.models import Tariff
from tests.factories.accounts import LabMembershipFactory
from tests.factories.labs import InstrumentFactory

pytestmark = pytest.mark.django_db(transaction=True)
NIGHT = {
    "name": "night", "name_zh": "夜间优惠", "start": "22:00", "end": "08:00",
    "day_types": ["workday", "restday", "holiday"], "rate_bp": 6_000,
}  # fmt: skip


def drag(page: Page, *, days: tuple[str, str], hours: tuple[float, float]) -> None:
    """Drag from an hour of one kind of day to just before an hour of another."""
    page.locator("#sketch").scroll_into_view_if_needed()
    places = []
    for day, hour in zip(days, (hours[0] + 0.1, hours[1] - 0.1), strict=True):
        box = page.locator(f"#sketch .band-strip[data-day={day}]").bounding_box()
        assert box is not None
        places.append((box["x"] + box["width"] * hour / 24, box["y"] + box["height"] / 2))
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(*places[1], steps=5)
    expect(page.locator("#sketch .paint-mark").first).to_be_visible()
    page.mouse.up()


def test_a_manager_paints_hours_tries_them_and_publishes(page_as: Callable[[Membership], Page]) -> None:
    instrument = InstrumentFactory(tariff__bands=[NIGHT])
    page = page_as(LabMembershipFactory(organisation=instrument.lab.organisation, role="lab_manager"))
    page.goto(f"/desk/instruments/{instrument.code}/tariff/new/")

    # A new band, over the noon of workdays and rest days.
    expect(page.locator("#id_paint-rate_bp")).to_be_hidden()
    page.select_option("#id_paint-brush", label="新时段……")
    page.fill("#id_paint-name_zh", "午间")
    page.fill("#id_paint-rate_bp", "50")
    drag(page, days=("workday", "restday"), hours=(12, 14))
    expect(page.locator("#id_bands-1-name_zh")).to_have_value("午间")
    expect(page.locator("#id_bands-1-start")).to_have_value("12:00")
    expect(page.locator("#id_bands-1-end")).to_have_value("14:00")
    expect(page.locator("#id_paint-brush option:checked")).to_have_text("午间 50 %")

    # It is the one to paint with now; the base rate takes some of the night away again.
    drag(page, days=("holiday", "holiday"), hours=(0, 24))
    expect(page.locator("#id_bands-2-start")).to_have_value("00:00")
    page.select_option("#id_paint-brush", label="标准时段 100 %")
    drag(page, days=("workday", "workday"), hours=(22, 24))
    expect(page.locator("#id_bands-0-start")).to_have_value("00:00")

    page.get_by_role("button", name="按此价目").click()
    expect(page.locator("#last-month")).to_contain_text("没有人使用")
    page.get_by_role("button", name="发布").click()
    page.wait_for_url(f"**/desk/instruments/{instrument.code}/tariff/")
    made = Tariff.objects.get(instrument=instrument, version=2)
    assert [(band["name_zh"], band["start"], band["end"], band["day_types"]) for band in made.bands] == [
        ("夜间优惠", "00:00", "08:00", ["workday"]),
        ("夜间优惠", "22:00", "08:00", ["restday"]),
        ("午间", "12:00", "14:00", ["workday", "restday"]),
        ("午间", "00:00", "00:00", ["holiday"]),
    ]
