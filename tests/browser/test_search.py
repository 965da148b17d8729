"""The search as a small company uses it, in a real browser and without script: typed, narrowed, free, held."""

import re
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from bookings.models import Rental

pytestmark = pytest.mark.django_db(transaction=True)

MACHINE = "/instruments/TH-006/"
"""The universal testing machine of the university's lab."""
ZONE = ZoneInfo("Asia/Shanghai")


def free_days() -> tuple[str, str]:
    """Return the first and the last minute of a week that begins the day after tomorrow, as the fields take them."""
    first = timezone.now().astimezone(ZONE).date() + timedelta(days=2)
    return f"{first}T00:00", f"{first + timedelta(days=7)}T00:00"


def chips(page: Page) -> list[str]:
    return [text.strip() for text in page.locator("#found a.chip").all_inner_texts()]


def test_a_company_types_picks_narrows_and_holds_the_time_it_was_offered(
    demo: None, signed_in: Callable[..., Page]
) -> None:
    page = signed_in("buyer@sme.example")

    # Typing: help comes grouped by kind, and is reached with the keyboard.
    page.goto("/catalogue/")
    page.locator("#q").press_sequentially("拉伸", delay=30)
    box = page.locator("#suggestions")
    expect(box).to_be_visible()
    expect(page.locator("#q")).to_have_attribute("aria-expanded", "true")
    expect(box.locator("[role=group]")).not_to_have_count(0)
    standard = box.locator("[role=option]", has_text="GB/T 228.1-2021")
    place = int(re.sub(r"\D", "", standard.get_attribute("id") or ""))
    for _ in range(place + 1):
        page.press("#q", "ArrowDown")
    expect(standard).to_have_attribute("aria-selected", "true")
    page.press("#q", "Enter")
    page.wait_for_url("**/catalogue/?standard=*")
    assert chips(page) == ["标准：GB/T 228.1-2021"]

    # One box: what is understood becomes chips beside the one that stands.
    page.fill("#q", "50kN 天河 拉力机")
    page.press("#q", "Enter")
    expect(page.locator("#found a.chip")).to_have_count(4)
    assert chips(page) == ["“拉力机”", "标准：GB/T 228.1-2021", "力 50 kN", "行政区：天河区"]
    expect(page.locator("#q")).to_have_value("拉力机")
    expect(page.locator("#found .why li").first).to_contain_text("50 kN")

    # A chip is taken away.
    page.locator("#found a.chip", has_text="天河区").click()
    expect(page.locator("#found a.chip")).to_have_count(3)

    # A capability that no machine has finds nothing, and says what to loosen; then it is set right.
    page.fill("#id_uncertainty", "0.001 %")
    page.locator(".facets button", has_text="显示符合的结果").click()
    expect(page.locator("#loosen a").first).to_be_visible()
    page.fill("#id_uncertainty", "0.5 %")
    page.fill("#id_uncertainty", "1 %")
    page.locator(".facets button", has_text="显示符合的结果").click()
    expect(page.locator(f"#found a[href^='{MACHINE}']")).to_be_visible()

    # Free between: the card says the time and the price, and leads to the instrument with that time chosen.
    first, last = free_days()
    page.fill("#id_free_from", first)
    page.fill("#id_free_to", last)
    page.fill("#id_minutes", "120")
    page.locator(".facets button", has_text="显示符合的结果").click()
    card = page.locator("#found article", has=page.locator(f"a[href^='{MACHINE}']"))
    expect(card).to_contain_text("可连续使用")
    offered = card.locator("time").inner_text()
    price = card.locator("strong").inner_text()
    card.locator(f"a[href^='{MACHINE}']").click()
    page.wait_for_url(f"**{MACHINE}?date=*")
    expect(page.locator("#offer .price-lines tfoot td")).to_have_text(price)
    page.click("#hold button")
    page.wait_for_url("**/my/rentals/R*/")
    rental = Rental.objects.get()
    local = rental.time.start.astimezone(ZONE)
    assert offered.startswith(f"{local:%Y-%m-%d}")
    assert f"{local:%H:%M}" in offered
    assert (rental.time.minutes, str(rental.total)) == (120, price)


def test_the_search_works_without_script(demo: None, visitor: Callable[..., Page]) -> None:
    page = visitor(javascript=False)
    page.goto("/")
    page.fill("main input[name=q]", "GB/T 228.1 拉伸 50kN 天河")
    page.press("main input[name=q]", "Enter")
    assert chips(page) == ["标准：GB/T 228.1", "参数：拉伸", "力 50 kN", "行政区：天河区"]
    expect(page.locator(f"#found a[href^='{MACHINE}']")).to_be_visible()

    page.locator("#found a.chip", has_text="参数").click()
    assert chips(page) == ["标准：GB/T 228.1", "力 50 kN", "行政区：天河区"]

    first, last = free_days()
    page.fill("#id_free_from", first)
    page.fill("#id_free_to", last)
    page.fill("#id_minutes", "60")
    page.locator(".facets button").first.click()
    expect(page.locator(f"#found a[href^='{MACHINE}?date=']")).to_be_visible()
    page.locator("#found a", has_text="对比").first.click()
    page.locator("#tray a.btn-primary").click()
    expect(page.locator(".side-by-side")).to_contain_text("示例型号 TH-006")
    page.goto("/catalogue/?view=map&kind=rental")
    expect(page.locator("#places li")).not_to_have_count(0)
    expect(page.locator("#map svg.city-map")).to_be_visible()


def test_the_map_shows_the_labs_and_leads_to_what_they_have(demo: None, visitor: Callable[..., Page]) -> None:
    page = visitor()
    page.goto("/catalogue/?view=map")
    expect(page.locator("#map .map-point").first).to_be_visible()
    expect(page.locator("#map .district-label").first).to_be_visible()

    page.locator("#map .map-point").last.press("Enter")
    popup = page.locator(".leaflet-popup-content")
    expect(popup).to_be_visible()
    popup.locator("a").last.click()
    page.wait_for_url("**/catalogue/?*lab=*")
    expect(page.locator("#found article").first).to_be_visible()


def test_a_comparison_scrolls_on_a_phone_and_the_page_does_not(demo: None, visitor: Callable[..., Page]) -> None:
    page = visitor(width=390)
    page.goto("/catalogue/compare/?i=TH-006&i=HZ-001&i=HP1-007")

    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    table = page.locator(".table-responsive")
    heading = page.locator(".side-by-side tbody th[scope=row]").first
    before = heading.bounding_box()
    table.evaluate("element => { element.scrollLeft = 300; }")
    after = heading.bounding_box()
    assert before
    assert after
    assert before["x"] == after["x"]
    page.locator(".side-by-side thead a.btn").first.click()
    expect(page.locator(".side-by-side thead th")).to_have_count(2)
