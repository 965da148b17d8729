"""A lab's workbook goes out and comes back: unchanged, changed, wrong; whole or not at all."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils.translation import override

from accounts.models import Membership
from audit.models import AuditEvent
from labs.exchange import operations
from labs.hours import operations as hours
from labs.models import (
    CalibrationRecord,
    Capability,
    Instrument,
    Offering,
    OpeningWindow,
    Parameter,
    Tariff,
    WaitingWorkbook,
)
from labs.tariffs import operations as tariffs
from tests.conftest import MONDAY_9
from tests.factories.accounts import LabMembershipFactory
from tests.factories.labs import InstrumentFactory, LabFactory, ServiceFactory, StandardFactory
from tests.factories.racing import at_once
from tests.labs.exchange.workbooks import (
    BANDS,
    CERTIFICATES,
    HOURS,
    INSTRUMENTS,
    OFFERINGS,
    PARAMETERS,
    TARIFFS,
    brought,
    cell,
    changed,
    put,
    saved,
    taken_away,
    tried,
)

pytestmark = pytest.mark.django_db
NIGHT = {
    "name": "night", "name_zh": "夜间", "start": "22:00", "end": "00:00",
    "day_types": ["workday", "holiday"], "rate_bp": 6050,
}  # fmt: skip


def local(*day: int) -> datetime:
    """A moment as a spreadsheet keeps it: without a zone."""
    return datetime(*day)  # type: ignore[arg-type]  # noqa: DTZ001 -- a cell has no zone


@pytest.fixture
def instrument() -> Instrument:
    made = InstrumentFactory(
        code="EX-0001",
        description_zh="第一行\r\n第二行 ",
        tariff__bands=[NIGHT],
        tariff__sme_discount_bp=1250,
        keywords="拉伸",
        original_value_fen=123_456_789,
    )
    first = Parameter.objects.create(instrument=made, position=0, name_zh="试验力", range="0.4~100", unit="kN")
    Parameter.objects.create(instrument=made, position=1, name_zh="变形", accuracy="±0.5 %")
    Capability.objects.create(
        instrument=made,
        parameter=first,
        quantity="force",
        stated_low=1,
        stated_high=100,
        unit="kN",
        uncertainty="0.5 %",
    )
    ServiceFactory(
        code="SV-1", lab=made.lab, instruments=[made], standards=[StandardFactory()],
        tiers=[{"min_qty": 10, "price_bp": 9000}], urgent_options=[{"workdays": 3, "surcharge_bp": 5000}],
        report_languages=["zh", "en"],
    )  # fmt: skip
    return made


@pytest.mark.parametrize(("out", "back"), [("zh-hans", "zh-hans"), ("en", "en"), ("zh-hans", "en"), ("en", "zh-hans")])
def test_what_comes_back_as_it_went_changes_nothing(
    instrument: Instrument, manager: Membership, out: str, back: str
) -> None:
    InstrumentFactory(lab=instrument.lab, tariff=False, calibration=False, commissioned_year=2019)
    with override(out):
        content = saved(taken_away(instrument.lab))
    events = AuditEvent.objects.count()

    with override(back):
        report = tried(instrument.lab, content, manager)

    assert (report.problems, report.entries) == ([], [])
    assert report.unchanged == {
        "instruments": 2, "parameters": 2, "capabilities": 1, "certificates": 1, "offerings": 3, "tariffs": 1,
        "bands": 0, "policies": 2, "hours": 5,
    }  # fmt: skip
    assert AuditEvent.objects.count() == events


def test_the_file_holds_numbers_dates_and_texts_as_such(instrument: Instrument) -> None:
    instrument.name_zh = '=HYPERLINK("http://x")'
    instrument.save()
    found = taken_away(instrument.lab)

    assert (
        cell(found, INSTRUMENTS, 3, "original_value_fen").value,
        cell(found, INSTRUMENTS, 3, "name_zh").data_type,
    ) == (1_234_567.89, "s")
    assert cell(found, INSTRUMENTS, 3, "original_value_fen").number_format == "#,##0.00"
    assert cell(found, CERTIFICATES, 3, "valid_to").value == local(2028, 12, 31)
    assert cell(found, CERTIFICATES, 3, "valid_to").is_date
    assert cell(found, TARIFFS, 3, "base_rate_fen_per_hour").value == 300
    assert cell(found, TARIFFS, 3, "valid_from").value == local(2026, 1, 1)
    assert cell(found, BANDS, 3, "rate_bp").value == 60.5
    assert found.sheetnames[0] == "仪器 Instruments"
    assert found[INSTRUMENTS]["A1"].value == "编号 Code"


def test_all_sheets_change_in_one_go_through_their_operations(instrument: Instrument, manager: Membership) -> None:
    lab = instrument.lab

    def change(found: Any) -> None:
        put(found, INSTRUMENTS, 3, name_en="Renamed", original_value_fen=99.5, requires_calibration="否")
        put(found, INSTRUMENTS, 4, code="EX-NEW", name_zh="新仪器", category=201)
        put(found, PARAMETERS, 4, accuracy="±1 %")
        put(found, PARAMETERS, 5, instrument="EX-NEW", position=1, name_zh="长度")
        put(found, CERTIFICATES, 3, valid_to=date(2027, 6, 30))
        put(found, CERTIFICATES, 4, instrument="EX-NEW", certificate_no="N-1", kind="校准", calibrated_on="2026-01-01",
            valid_from="2026-01-01", valid_to="2026-12-31", result="合格")  # fmt: skip
        service = next(row for row in (3, 4) if cell(found, OFFERINGS, row, "code").value == "SV-1")
        put(found, OFFERINGS, service, unit_price_fen=175.5, tiers="5: 95 %", instruments="EX-0001; EX-NEW")
        put(found, OFFERINGS, 5, code="SV-2", kind="calibration", name_zh="卡尺校准", standards="gb/t228.1—2021")
        put(found, TARIFFS, 3, base_rate_fen_per_hour=333.33)
        put(
            found,
            BANDS,
            4,
            instrument="EX-0001",
            order=2,
            name_zh="午间",
            start="12:00",
            end="13:00",
            day_types="工作日",
            rate_bp=80,
        )
        put(found, HOURS, 3, opens="09:00")

    report = brought(lab, changed(lab, change), manager)

    assert (report.new, report.changed) == (3, 8)
    instrument.refresh_from_db()
    new = Instrument.objects.get(code="EX-NEW")
    assert (instrument.name_en, instrument.original_value_fen, instrument.requires_calibration) == (
        "Renamed",
        9_950,
        False,
    )
    assert (new.category.code, new.rental_offering.state, new.lab) == ("0201", "draft", lab)
    assert [row.accuracy for row in instrument.parameters.order_by("position")] == ["", "±1 %"]
    capability = Capability.objects.get(instrument=instrument)
    assert (capability.parameter.name_zh, capability.stated_high) == ("试验力", 100)
    assert [row.valid_to for row in CalibrationRecord.objects.order_by("pk")] == [date(2027, 6, 30), date(2026, 12, 31)]
    service = Offering.objects.get(code="SV-1")
    assert (service.unit_price_fen, service.tiers, service.instruments.count()) == (
        17_550,
        [{"min_qty": 5, "price_bp": 9500}],
        2,
    )
    assert [str(row.number) for row in Offering.objects.get(code="SV-2").standards.all()] == ["GB/T 228.1-2021"]
    tariff = Tariff.objects.get(instrument=instrument, version=2)
    assert (tariff.base_rate_fen_per_hour, tariff.valid_from, tariff.sme_discount_bp) == (33_333, MONDAY_9, 1250)
    assert [band["name"] for band in tariff.bands] == ["night", "午间"]
    assert OpeningWindow.objects.get(lab=lab, day=0).opens_minute == 540
    told = set(AuditEvent.objects.filter(actor=manager.user).values_list("name", flat=True))
    assert told >= {
        "instrument_edited", "instrument_added", "abilities_edited", "calibration_amended", "calibration_recorded",
        "offering_edited", "service_added", "tariff_published", "opening_hours_set", "workbook_brought_in",
    }  # fmt: skip
    assert WaitingWorkbook.objects.count() == 0


def test_the_same_file_twice_changes_nothing_more(instrument: Instrument, manager: Membership) -> None:
    def change(found: Any) -> None:
        put(found, INSTRUMENTS, 3, name_en="Renamed")
        put(found, PARAMETERS, 3, unit="N")
        put(found, TARIFFS, 3, base_rate_fen_per_hour=333.33, valid_from="2026-12-24 08:00")
        put(found, BANDS, 3, rate_bp=70)
        put(found, BANDS, 4, instrument="EX-0001", order=2, name="late", start="20:00", end="24:00",
            day_types="workday", rate_bp=70)  # fmt: skip
        put(found, HOURS, 3, closes="24:00")
        put(found, HOURS, 8, day="Saturday", opens="08:00", closes="12:00")
        put(found, HOURS, 9, day="Saturday", opens="12:00", closes="14:00")

    content = changed(instrument.lab, change)
    brought(instrument.lab, content, manager)

    assert tried(instrument.lab, content, manager).entries == []
    assert Tariff.objects.get(version=2).valid_from.isoformat() == "2026-12-24T00:00:00+00:00"
    with pytest.raises(operations.NothingToBringIn):
        brought(instrument.lab, content, manager)


def test_every_problem_is_told_with_its_place_and_nothing_changes(instrument: Instrument, manager: Membership) -> None:
    other = InstrumentFactory(code="OTHER-1")
    own_room = InstrumentFactory(lab=instrument.lab, code="EX-0002")

    def change(found: Any) -> None:
        put(found, INSTRUMENTS, 3, name_zh="", original_value_fen="viel", room="RM-X", name_en="Fine")
        put(found, INSTRUMENTS, 4, commissioned_year="=2000+19")
        put(found, INSTRUMENTS, 5, code=other.code, name_zh="抢注", category="0201")
        put(found, INSTRUMENTS, 6, code="a/b", name_zh="斜杠", category="0201")
        put(found, PARAMETERS, 5, instrument="NONE", position=1, name_zh="无")
        put(found, CERTIFICATES, 3, valid_to=date(2024, 1, 1))
        put(found, CERTIFICATES, 4, method="JJG 1")
        put(found, OFFERINGS, 3, safety_zh="小心", kind="代检代测")
        put(found, TARIFFS, 3, base_rate_fen_per_hour=1.005)
        put(found, TARIFFS, 4, base_rate_fen_per_hour=5, valid_from="2026-11-20 08:00")
        put(found, HOURS, 3, closes="08:00")
        found.create_sheet("Notes")["A3"] = "hello"

    content = changed(instrument.lab, change)
    events = AuditEvent.objects.count()

    with override("en"):
        report = tried(instrument.lab, content, manager)

    told = [(problem.sheet, problem.row, problem.column, problem.text) for problem in report.problems]
    assert told == [
        (INSTRUMENTS, 3, "中文名称 Chinese name", "This cell must be filled in."),
        (INSTRUMENTS, 3, "原值（元） Original value (¥)", "This is not a number."),
        (INSTRUMENTS, 4, "启用年份 In use since", "A formula is not read. Put in its value."),
        (INSTRUMENTS, 5, "编号 Code", "There is an instrument OTHER-1 already. Choose another code."),
        (INSTRUMENTS, 6, "编号 Code", "Use 2 to 39 letters, digits and hyphens: addresses carry the code."),
        (PARAMETERS, 5, "仪器编号 Instrument code", "The lab has no instrument NONE."),
        (CERTIFICATES, 3, "有效期至 Valid to",
         "A certificate is valid from its calibration or later, and ends after it begins."),
        (CERTIFICATES, 4, "依据 Method",
         "A recorded certificate keeps this. Record another one, or correct it at the desk."),
        (OFFERINGS, 3, "种类 Kind", "The kind of an offering stays what it was."),
        (TARIFFS, 3, "基准价（元/小时） Base rate (¥/h)", "At most 2 decimals."),
        (TARIFFS, 4, "生效时间（实验室当地时间） Holds from (lab's clock)",
         "New prices and terms hold from now on, or later."),
        (HOURS, 3, "开始 Opens",
         "Opening windows must be whole minutes of one day, end after they begin, and not overlap."),
        ("Notes", 1, "", "This sheet is not known. Its name must be one of those in the file that is taken away."),
    ]  # fmt: skip
    assert AuditEvent.objects.count() == events
    instrument.refresh_from_db()
    own_room.refresh_from_db()
    assert (instrument.name_en, Instrument.objects.count(), Tariff.objects.count()) == (
        "Universal testing machine",
        3,
        3,
    )


def test_a_file_with_a_problem_cannot_be_brought_in(instrument: Instrument, manager: Membership) -> None:
    content = changed(instrument.lab, lambda found: put(found, INSTRUMENTS, 3, name_zh="", name_en="New"))
    kept = operations.keep_workbook(lab=instrument.lab, content=content, file_name="x", by=manager, now=MONDAY_9)
    _report, mark = operations.try_out(workbook=kept, by=manager, now=MONDAY_9)

    with pytest.raises(operations.ComesOutOtherwise):
        operations.bring_in(workbook=kept, mark=mark, by=manager, now=MONDAY_9)
    instrument.refresh_from_db()
    assert instrument.name_en == "Universal testing machine"


def test_what_is_not_in_the_file_stays(instrument: Instrument, manager: Membership) -> None:
    def change(found: Any) -> None:
        for title in (PARAMETERS, CERTIFICATES, OFFERINGS, BANDS, HOURS):
            del found[title]
        found[INSTRUMENTS].delete_cols(5, 30)  # all but code, names and keywords
        put(found, INSTRUMENTS, 3, name_en="Renamed")
        put(found, TARIFFS, 3, setup_fee_fen=80)

    # the category is a column that must be there
    report = tried(instrument.lab, changed(instrument.lab, change), manager)
    assert [(problem.column, problem.text) for problem in report.problems] != []

    def gentler(found: Any) -> None:
        change(found)
        found[INSTRUMENTS].cell(1, 5).value = "分类代码"
        found[INSTRUMENTS].cell(3, 5).value = "0201"

    report = brought(instrument.lab, changed(instrument.lab, gentler), manager)
    assert [entry.sheet for entry in report.entries] == [INSTRUMENTS, TARIFFS]
    assert Tariff.objects.get(version=2).bands == [NIGHT]
    assert (Parameter.objects.count(), OpeningWindow.objects.count()) == (2, 5)


def test_a_row_may_stand_in_a_file_once(instrument: Instrument, manager: Membership) -> None:
    def change(found: Any) -> None:
        put(found, INSTRUMENTS, 4, code="EX-0001", name_zh="又一台", category="0201")

    with override("en"):
        report = tried(instrument.lab, changed(instrument.lab, change), manager)

    assert [(problem.row, problem.text) for problem in report.problems] == [(4, "The same as row 3.")]


def test_parameters_and_bands_that_are_taken_out_go(instrument: Instrument, manager: Membership) -> None:
    def change(found: Any) -> None:
        found[PARAMETERS].delete_rows(4)
        found[BANDS].delete_rows(3)

    brought(instrument.lab, changed(instrument.lab, change), manager)

    assert [row.name_zh for row in Parameter.objects.all()] == ["试验力"]
    assert Tariff.objects.get(version=2).bands == []


def test_an_edit_after_the_look_is_not_written_over(instrument: Instrument, manager: Membership) -> None:
    content = changed(instrument.lab, lambda found: put(found, TARIFFS, 3, base_rate_fen_per_hour=500))
    kept = operations.keep_workbook(lab=instrument.lab, content=content, file_name="x", by=manager, now=MONDAY_9)
    _report, mark = operations.try_out(workbook=kept, by=manager, now=MONDAY_9)
    tariffs.publish_tariff(
        instrument=instrument, valid_from=MONDAY_9, by=None, now=MONDAY_9, base_rate_fen_per_hour=700
    )

    with pytest.raises(operations.ComesOutOtherwise):
        operations.bring_in(workbook=kept, mark=mark, by=manager, now=MONDAY_9)
    assert Tariff.objects.count() == 2


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_files_and_an_edit_at_once_each_sees_what_the_other_did() -> None:
    lab = LabFactory()
    instrument = InstrumentFactory(lab=lab)
    one, two = (LabMembershipFactory(organisation=lab.organisation, role="lab_manager") for _ in range(2))
    kept = []
    for member, price in ((one, 400), (two, 500)):
        content = changed(lab, lambda found, price=price: put(found, TARIFFS, 3, base_rate_fen_per_hour=price))
        workbook = operations.keep_workbook(lab=lab, content=content, file_name="x", by=member, now=MONDAY_9)
        kept.append((workbook, member, operations.try_out(workbook=workbook, by=member, now=MONDAY_9)[1]))

    def bring(workbook: WaitingWorkbook, member: Membership, mark: str) -> Any:
        return lambda: operations.bring_in(workbook=workbook, mark=mark, by=member, now=MONDAY_9)

    def edit() -> Any:
        return tariffs.publish_tariff(
            instrument=instrument, valid_from=MONDAY_9, after=1, by=None, now=MONDAY_9, base_rate_fen_per_hour=600
        )

    answers = at_once(*(bring(*each) for each in kept), edit)

    refused = (operations.ComesOutOtherwise, tariffs.PublishedMeanwhile)
    assert sum(isinstance(answer, refused) for answer in answers) == 2
    assert list(Tariff.objects.order_by("version").values_list("version", flat=True)) == [1, 2]


def test_the_statements_of_taking_away_do_not_grow(instrument: Instrument, django_assert_num_queries: Any) -> None:
    from labs.exchange import queries

    with django_assert_num_queries(10) as few:
        queries.rows(instrument.lab)
    for _ in range(2):
        InstrumentFactory(lab=instrument.lab)
    with django_assert_num_queries(len(few)):
        queries.rows(instrument.lab)


def test_workbooks_run_out_and_only_few_wait(instrument: Instrument, manager: Membership) -> None:
    content = saved(taken_away(instrument.lab))
    for minutes in range(7):
        operations.keep_workbook(
            lab=instrument.lab, content=content, file_name="x", by=manager, now=MONDAY_9 + timedelta(minutes=minutes)
        )

    assert WaitingWorkbook.objects.count() == 5
    later = MONDAY_9 + timedelta(hours=2, minutes=4)
    assert WaitingWorkbook.objects.waiting_for(manager, later).count() == 2
    assert operations.forget_expired(later) == 3


def test_hours_that_hold_already_are_not_set_again(instrument: Instrument, manager: Membership) -> None:
    hours.set_opening_hours(lab=instrument.lab, weekly={0: [(0, 1440)]}, by=None, now=MONDAY_9)
    before = AuditEvent.objects.count()

    assert tried(instrument.lab, saved(taken_away(instrument.lab)), manager).unchanged["hours"] == 1
    assert AuditEvent.objects.count() == before
