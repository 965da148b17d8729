"""A lab puts an instrument into the catalogue all by itself, in a real browser, and a visitor finds it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from labs.models import Instrument

pytestmark = pytest.mark.django_db(transaction=True)
PDF = b"%PDF-1.7\n% an example of a certificate\n%%EOF\n"
CODE = "DESK-001"
HOME = f"/desk/instruments/{CODE}/"


@pytest.fixture(autouse=True)
def _files_of_this_test(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def test_a_manager_makes_an_instrument_and_a_visitor_finds_it(
    demo: None, signed_in: Callable[..., Page], visitor: Callable[..., Page]
) -> None:
    manager = signed_in("manager@lab.example")

    # The list, and a new instrument as a draft.
    manager.goto("/desk/instruments/")
    manager.click("a[href='/desk/instruments/new/']")
    manager.fill("#id_code", CODE)
    manager.fill("#id_name_zh", "示例冲击试验台")
    manager.fill("#id_name_en", "Example impact bench")
    manager.select_option("#id_category", index=3)
    manager.fill("#id_model", "示例 IB-9")
    manager.click("main form[method=post] button.btn-primary")
    manager.wait_for_url(f"**{HOME}")

    # What it measures: the live check says how it was understood, before anything is kept.
    manager.goto(f"{HOME}abilities/")
    manager.fill("#id_parameters-0-name_zh", "冲击力")
    manager.select_option("#id_capabilities-0-quantity", "force")
    manager.fill("#id_capabilities-0-stated_low", "1")
    manager.fill("#id_capabilities-0-stated_high", "73")
    manager.fill("#id_capabilities-0-unit", "kN")
    manager.fill("#id_capabilities-0-uncertainty", "±0.5 %")
    expect(manager.locator("#understood")).to_contain_text("1000–73000 N")
    manager.fill("#id_capabilities-0-of_parameter", "冲击力")
    manager.click("button[name=save].btn-primary")
    expect(manager.locator("#messages")).to_be_visible()

    # Its certificate, with the file.
    today = timezone.localdate()
    manager.goto(f"{HOME}calibration/new/")
    manager.fill("#id_certificate_no", "示例校字第 D-1 号")
    for name, day in (("calibrated_on", today), ("valid_from", today), ("valid_to", today + timedelta(days=365))):
        manager.fill(f"#id_{name}", str(day))
    manager.set_input_files("#id_certificate", {"name": "d1.pdf", "mimeType": "application/pdf", "buffer": PDF})
    manager.click("main form button.btn-primary")
    manager.wait_for_url(f"**{HOME}calibration/")
    expect(manager.locator(f"a[href^='/instruments/{CODE}/certificates/']")).to_be_visible()

    # Not yet: a price and terms are missing, and it says so.
    manager.goto(f"{HOME}rental/")
    expect(manager.locator("button[value=published]")).to_be_disabled()
    manager.goto(f"{HOME}tariff/new/")
    manager.fill("#id_base_rate_fen_per_hour", "260")
    manager.click("button[name=publish].btn-primary")
    manager.wait_for_url(f"**{HOME}tariff/")
    manager.goto(f"/desk/instruments/{CODE}/policy/new/")
    manager.click("button[name=publish].btn-primary")
    manager.wait_for_url(f"**{HOME}tariff/")

    # Published, and found by what it can.
    manager.goto(f"{HOME}rental/")
    manager.click("button[value=published]")
    expect(manager.locator(f"a[href='/instruments/{CODE}/']")).to_be_visible()
    assert Instrument.objects.get(code=CODE).rental_offering.state == "published"
    guest = visitor()
    guest.goto("/catalogue/?q=冲击试验台")
    expect(guest.locator(f"#found a[href='/instruments/{CODE}/']").first).to_be_visible()
    guest.goto(f"/instruments/{CODE}/")
    expect(guest.get_by_role("heading", name="示例冲击试验台")).to_be_visible()

    # All of it stands in the history.
    manager.goto(f"{HOME}history/")
    expect(manager.get_by_text("登记证书：示例校字第 D-1 号")).to_be_visible()
    expect(manager.get_by_text("发布状态：草稿 → 已发布")).to_be_visible()
