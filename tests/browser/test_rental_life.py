"""The life of a rental in a real browser: booked in three steps, moved by drag, handed over, cancelled, used."""

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from accounts.models import Membership
from bookings.models import Rental
from bookings.rentals import operations as rentals
from tests.factories.accounts import LabMembershipFactory, MembershipFactory
from tests.factories.bookings import TUESDAY_9, buyer, confirmed, hours
from tests.factories.labs import InstrumentFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]

type As = Callable[[Membership], Page]
HALF_HOUR = 24
"""How high half an hour is on the calendar, in pixels."""


@pytest.fixture(autouse=True)
def _nothing_fails_in_the_browser(context: BrowserContext) -> Iterator[None]:
    faults: list[str] = []
    context.on("weberror", lambda error: faults.append(str(error.error)))
    yield
    assert faults == []


def colleague_of(member: Membership) -> Membership:
    return MembershipFactory(organisation=member.organisation, role="technician")


def operator_of(rental: Rental) -> Membership:
    return LabMembershipFactory(organisation=rental.instrument.lab.organisation, role="lab_operator")


def in_use(member: Membership) -> Rental:
    rental = confirmed(by=member, period=hours(0, 2))
    return rentals.check_in(rental=rental, by=operator_of(rental), now=TUESDAY_9)


def drag(page: Page, event: Locator, *, days: int = 0, half_hours: int = 0) -> None:
    """Drag an event of the week so many days to the right and half hours down."""
    event.scroll_into_view_if_needed()
    box, column = event.bounding_box(), page.locator("#diary .ec-col-head").first.bounding_box()
    assert box
    assert column
    x, y = box["x"] + box["width"] / 2, box["y"] + 10
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 5, y + 5, steps=3)
    page.mouse.move(x + days * column["width"], y + half_hours * HALF_HOUR, steps=8)
    page.mouse.up()


def drawn_at(page: Page, event: Locator, box: Any) -> bool:
    """Whether an event is drawn at a place, once the calendar has drawn it anew."""
    for _ in range(50):
        if event.count() and event.bounding_box() == box:
            return True
        page.wait_for_timeout(100)
    return False


# --- The customer ------------------------------------------------------------------------------------------------


def test_a_buyer_books_in_three_steps(page_as: As) -> None:
    member = buyer()
    technician = colleague_of(member)
    instrument = InstrumentFactory(capacity=4, shared_condition_profile=True, materials_allowed=["flammable"])
    confirmed(instrument=instrument, units=4, period=hours(-0.5, 3))
    page = page_as(member)
    page.goto(f"/instruments/{instrument.code}/?date=2026-11-24&minutes=120&mode=assisted")

    # 1. The time: the next that fits, at one click.
    page.get_by_role("button", name="最近可约时段").click()
    expect(page.locator("#wish [name=start]")).to_have_value("12:00")
    page.locator("#hours summary").click()
    expect(page.locator("#hours")).to_contain_text("08:30–12:00 已占用")

    # 2. The details; what they cost is said at once.
    page.select_option("#wish [name=used_by]", str(technician.user_id))
    page.fill("#wish [name=profile]", "85 °C / 85 %")
    page.fill("#wish [name=units]", "2")
    page.locator("#wish [name=units]").press("Tab")
    expect(page.locator("#offer .price-lines tfoot td")).to_have_text("¥1,200.00")
    page.get_by_text("我会携带危险物质").click()
    page.check("#wish [name=materials][value=flammable]")
    page.fill("#purpose", "封装可靠性")

    # 3. Price and payment: held while one chooses, then confirmed.
    expect(page.locator("#hold input[name=materials]")).to_have_count(1)
    page.click("#hold button")
    page.wait_for_url("**/my/rentals/R*/")
    expect(page.locator("[data-left]")).to_have_text(re.compile(r"^(30:00|29:\d\d)$"))
    page.click("form[action$='/confirm/'] button")
    expect(page.locator(".badge.state-confirmed").first).to_be_visible()

    rental = Rental.objects.get(organisation=member.organisation)
    assert (rental.time, rental.units, rental.used_by, rental.materials) == (
        hours(3, 5), 2, technician.user, ["flammable"],
    )  # fmt: skip


def test_a_material_that_is_not_allowed_is_refused_and_said(page_as: As) -> None:
    instrument = InstrumentFactory()
    page = page_as(buyer())
    page.goto(f"/instruments/{instrument.code}/?date=2026-11-24&start=10:00&minutes=120&mode=assisted")

    page.get_by_text("我会携带危险物质").click()
    page.check("#wish [name=materials][value=radioactive]")

    expect(page.locator("#offer [role=alert]")).to_be_visible()
    expect(page.locator("#hold")).to_have_count(0)


def test_a_booking_is_dragged_to_another_day_once_its_price_is_agreed_to(page_as: As) -> None:
    member = buyer()
    rental = confirmed(by=member, period=hours(24, 26))
    page = page_as(member)
    page.goto("/my/calendar/?from=2026-11-25")
    event = page.locator("#diary .ec-event.state-confirmed")
    expect(event).to_be_visible()

    drag(page, event, days=1, half_hours=2)

    dialog = page.locator("#move-dialog")
    expect(dialog).to_contain_text("2026-11-26 周四 10:00–12:00 (UTC+8)")
    expect(dialog).to_contain_text("价格不变。")
    assert Rental.objects.get(pk=rental.pk).time == rental.time
    dialog.get_by_role("button", name="确认改期").click()
    page.wait_for_url("**/my/calendar/?from=2026-11-26")
    expect(page.get_by_text("已改期，您和实验室的日历同步更新。")).to_be_visible()
    assert Rental.objects.get(pk=rental.pk).time == hours(49, 51)


def test_a_drag_that_is_refused_explains_itself_and_snaps_back(page_as: As) -> None:
    member = buyer()
    rental = confirmed(by=member, period=hours(72, 74))
    page = page_as(member)
    page.goto("/my/calendar/?from=2026-11-27")
    event = page.locator("#diary .ec-event.state-confirmed")
    expect(event).to_be_visible()
    before = event.bounding_box()

    drag(page, event, days=1)

    dialog = page.locator("#move-dialog")
    expect(dialog.locator("[role=alert]")).to_contain_text("2026-11-28")
    dialog.get_by_text("保持不变").click()
    expect(dialog).to_be_hidden()
    assert drawn_at(page, event, before), "it is drawn where it was"
    assert Rental.objects.get(pk=rental.pk).time == rental.time


def test_it_is_moved_without_a_mouse_too(page_as: As) -> None:
    member = buyer()
    rental = confirmed(by=member, period=hours(48, 50))
    page = page_as(member)
    page.goto(f"/my/rentals/{rental.number}/")

    page.get_by_role("link", name="改期").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/move/")
    page.select_option("#wish [name=minutes]", "180")
    page.locator("#starts a[href*='minutes=180']", has_text="13:00").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#quote")).to_contain_text("比原来多 ¥300.00。")
    page.get_by_role("button", name="确认改期").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/my/rentals/{rental.number}/")

    assert Rental.objects.get(pk=rental.pk).time == hours(52, 55)


def test_it_is_handed_to_a_colleague_and_cancelled_at_the_fee_that_is_shown(page_as: As) -> None:
    member = buyer()
    technician = colleague_of(member)
    rental = confirmed(by=member, period=hours(1, 3))
    page = page_as(member)
    page.goto(f"/my/rentals/{rental.number}/")

    page.select_option("[name=to]", str(technician.user_id))
    page.get_by_role("button", name="转交").click()
    expect(page.get_by_text(f"使用人：{technician.user.name}")).to_be_visible()
    page.get_by_role("link", name="取消").click()
    expect(page.locator("main")).to_contain_text("¥180.00")
    page.locator("main form button.btn-danger").click()
    page.wait_for_url(f"**/my/rentals/{rental.number}/")

    rental.refresh_from_db()
    assert (rental.used_by, rental.status, rental.fee_fen) == (technician.user, "cancelled", 18_000)


def test_after_a_breakdown_the_rest_is_used_another_time(page_as: As, clock: Any) -> None:
    member = buyer()
    rental = in_use(member)
    now = TUESDAY_9 + timedelta(minutes=30)
    rentals.interrupt(
        rental=rental, fault="夹具打滑", expected_back_at=now + timedelta(hours=3), by=operator_of(rental), now=now
    )
    clock.move_to(now)
    page = page_as(member)
    page.goto("/my/")

    page.get_by_role("link", name="选择剩余时间如何处理").click()
    expect(page.locator("#choices")).to_contain_text("夹具打滑")
    page.get_by_role("link", name="在本仪器另选时间").click()
    page.wait_for_url("**/rebook/")
    page.fill("#wish [name=date]", "2026-11-27")
    page.locator("#wish [name=date]").press("Tab")
    page.locator("#starts a[href*='date=2026-11-27']", has_text="10:00").click()
    expect(page.locator("#quote")).to_contain_text("已付费用中 ¥450.00 可抵扣。")
    page.get_by_role("button", name="预约该时段").click()
    expect(page.get_by_text("已预约：剩余时长届时使用。")).to_be_visible()

    rental.refresh_from_db()
    new = Rental.objects.exclude(pk=rental.pk).get()
    assert (rental.status, new.status, new.time) == ("checked_out", "confirmed", hours(73, 74.5))


# --- The lab -----------------------------------------------------------------------------------------------------


def test_the_desk_checks_in_by_the_code_and_out_with_the_usage_record(page_as: As, clock: Any, tmp_path: Path) -> None:
    rental = confirmed(period=hours(0, 2))
    page = page_as(operator_of(rental))
    clock.move_to(TUESDAY_9 - timedelta(minutes=5))

    # The code that the customer shows opens this address on the phone of whoever scans it.
    page.goto(f"/desk/check-in/{rental.uuid}/")
    page.fill("[name=counter]", "100")
    page.get_by_role("button", name="签到").click()
    page.wait_for_url("**/desk/today/")
    expect(page.get_by_text("已签到")).to_be_visible()

    clock.move_to(TUESDAY_9 + timedelta(minutes=130))
    page.goto("/desk/today/")
    expect(page.locator(f"#visit-{rental.number}")).to_contain_text("已超时 10 分钟")
    page.locator(f"#visit-{rental.number}").get_by_role("link", name="签退").click()

    first, second = tmp_path / "run1.csv", tmp_path / "run2.csv"
    first.write_bytes(b"1,2,3")
    second.write_bytes(b"4,5,6")
    expect(page.locator("#choose-files")).to_be_visible()
    page.set_input_files("#choose-files", [str(first), str(second)])
    expect(page.locator("[name=files-1-sha256]")).to_have_value(hashlib.sha256(b"4,5,6").hexdigest())
    page.fill("[name=samples]", "3")
    page.check("[name=condition][value=good]")
    page.locator("form button.btn-primary").last.click()
    page.fill("[name=counter_end]", "102.2")  # the browser asks for what is still missing
    page.locator("form button.btn-primary").last.click()
    page.wait_for_url("**/desk/today/")

    rental.refresh_from_db()
    assert (rental.status, rental.usage.samples) == ("checked_out", 3)
    assert rental.usage.data_files == [
        {"name": "run1.csv", "sha256": hashlib.sha256(b"1,2,3").hexdigest()},
        {"name": "run2.csv", "sha256": hashlib.sha256(b"4,5,6").hexdigest()},
    ]


def test_elapsed_time_goes_on_while_the_page_is_open(page_as: As, clock: Any) -> None:
    rental = in_use(buyer())
    clock.move_to(TUESDAY_9 + timedelta(minutes=59))
    page = page_as(operator_of(rental))
    page.clock.install()
    page.goto("/desk/today/")
    told = page.locator(f"#visit-{rental.number} [data-elapsed]")
    expect(told).to_have_text("已用 59 分钟")

    page.clock.run_for(61_000)

    expect(told).to_have_text(re.compile("^已用 1 ?小时$"))


# --- Without JavaScript ------------------------------------------------------------------------------------------


def test_all_of_it_works_without_javascript(
    browser: Any, live_server: Any, client_as: Any, clock: Any, settings: Any
) -> None:
    member = buyer()
    instrument = InstrumentFactory()

    def page_of(who: Membership) -> Page:
        plain = browser.new_context(base_url=live_server.url, java_script_enabled=False)
        session = client_as(who).cookies[settings.SESSION_COOKIE_NAME].value
        plain.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page: Page = plain.new_page()
        return page

    page = page_of(member)
    page.goto(f"/instruments/{instrument.code}/?date=2026-11-26&minutes=120&mode=assisted")
    page.get_by_role("button", name="最近可约时段").click()
    page.click("#hold button")
    page.click("form[action$='/confirm/'] button")
    rental = Rental.objects.get()
    page.goto(f"/my/rentals/{rental.number}/move/?date=2026-11-27&start=10:00")
    page.get_by_role("button", name="确认改期").click()
    page.goto("/my/calendar/?from=2026-11-27")
    expect(page.locator(f"a[href='/my/rentals/{rental.number}/']")).to_be_visible()

    clock.move_to(hours(73, 75).start)
    desk = page_of(operator_of(rental))
    desk.goto("/desk/today/")
    desk.get_by_role("button", name="签到").click()
    desk.get_by_role("link", name="签退").click()
    desk.check("[name=condition][value=worn]")
    desk.get_by_role("button", name="签退").last.click()

    rental.refresh_from_db()
    assert (rental.time, rental.status, rental.usage.condition) == (hours(73, 75), "checked_out", "worn")
