"""What instruments measure, and how they may be booked, in a lab's workbook."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Membership
from labs.models import Capability, Instrument, Parameter
from tests.factories.labs import InstrumentFactory
from tests.labs.exchange.workbooks import CAPABILITIES, POLICIES, brought, changed, put, tried

pytestmark = pytest.mark.django_db


@pytest.fixture
def instrument() -> Instrument:
    made = InstrumentFactory(code="EX-0001")
    first = Parameter.objects.create(instrument=made, position=0, name_zh="试验力", range="0.4~100", unit="kN")
    Parameter.objects.create(instrument=made, position=1, name_zh="变形", accuracy="±0.5 %")
    Capability.objects.create(
        instrument=made, parameter=first, quantity="force", stated_low=1, stated_high=100, unit="kN",
        uncertainty="0.5 %",
    )  # fmt: skip
    return made


def test_capabilities_change_and_keep_their_parameter(instrument: Instrument, manager: Membership) -> None:
    def change(book: Any) -> None:
        put(book, CAPABILITIES, 3, stated_high=200, uncertainty="±1 %")
        put(
            book, CAPABILITIES, 4, instrument=instrument.code, order=2, parameter="变形", quantity="长度",
            stated_low=0, stated_high=0.05, unit="mm",
        )  # fmt: skip

    report = brought(instrument.lab, changed(instrument.lab, change), manager)

    rows = Capability.objects.order_by("pk").values_list(
        "parameter__name_zh", "quantity", "stated_high", "unit", "uncertainty"
    )
    assert list(rows) == [("试验力", "force", 200, "kN", "±1 %"), ("变形", "length", Decimal("0.05"), "mm", "")]
    assert report.changed == 2


@pytest.mark.parametrize(
    ("values", "column", "says"),
    [
        ({"unit": "°C"}, "单位 Unit", "°C"),
        ({"parameter": "硬度"}, "所属参数（中文名称） Of the parameter (Chinese name)", "硬度"),
        ({"stated_low": 300}, "上限 To", ""),
        ({"quantity": "magic"}, "量 Quantity", ""),
    ],
)
def test_a_capability_that_does_not_compare_is_named_by_its_column(
    values: dict[str, Any], column: str, says: str, instrument: Instrument, manager: Membership
) -> None:
    content = changed(instrument.lab, lambda book: put(book, CAPABILITIES, 3, **values))

    [problem] = tried(instrument.lab, content, manager).problems

    assert (problem.sheet, problem.row, problem.column) == (CAPABILITIES, 3, column)
    assert says in problem.text


def test_new_terms_of_booking_are_a_new_version(instrument: Instrument, manager: Membership) -> None:
    def change(book: Any) -> None:
        put(book, POLICIES, 3, max_minutes=240, cancellation="48: 0 %; 0: 50 %", sme_reserve_bp=30)

    brought(instrument.lab, changed(instrument.lab, change), manager)

    last = instrument.booking_policies.order_by("-version").first()
    assert last is not None
    assert (last.version, last.max_minutes, last.sme_reserve_bp, last.cancellation) == (
        2, 240, 3_000, [{"min_notice_hours": 48, "fee_bp": 0}, {"min_notice_hours": 0, "fee_bp": 5_000}],
    )  # fmt: skip


def test_terms_that_do_not_hold_together_are_refused_in_words(instrument: Instrument, manager: Membership) -> None:
    content = changed(instrument.lab, lambda book: put(book, POLICIES, 3, min_minutes=600, max_minutes=60))

    [problem] = tried(instrument.lab, content, manager).problems

    assert problem.column == "最长预约（分钟） Longest booking (min)"
    assert "max_minutes" not in problem.text
