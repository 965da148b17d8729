"""The platform's staff keep reference data; open time follows whatever they change."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models.fields.files import FieldFile
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AuditEvent
from kernel.periods import Period
from labs.models import (
    BookingPolicy,
    CalibrationRecord,
    DateException,
    HolidayDate,
    Instrument,
    Lab,
    Offering,
    OpenTime,
    Outage,
    Tariff,
)
from tests.conftest import MONDAY_9
from tests.factories.accounts import PlatformMembershipFactory
from tests.factories.labs import (
    CategoryFactory,
    InstrumentFactory,
    LabFactory,
    OperatorQualificationFactory,
    RoomFactory,
    ServiceFactory,
    StandardFactory,
    UserQualificationFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
CHINA = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)


@pytest.fixture
def staff(client_as):
    return client_as(PlatformMembershipFactory(user__is_staff=True, user__is_superuser=True))


def filled(answer, **changed):
    """Return what a browser would send from the form of a page, with some fields changed."""
    form = answer.context["adminform"].form
    sent = {}
    forms = [form]
    for inline in answer.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for each in forms:
        for bound in each:
            value = bound.value()
            widget = bound.field.widget
            if value is None or value is False or (isinstance(value, FieldFile) and not value):
                continue
            for position, part in enumerate(widget.decompress(value) if hasattr(widget, "decompress") else [value]):
                name = f"{bound.html_name}_{position}" if hasattr(widget, "decompress") else bound.html_name
                if part is not None:
                    sent[name] = widget.format_value(part) if isinstance(part, (date, datetime)) else part
    return {name: value for name, value in {**sent, **changed}.items() if value is not None}


def add(staff, model, **fields):
    return staff.post(reverse(f"admin:labs_{model}_add"), fields)


def change(staff, row, **fields):
    path = reverse(f"admin:labs_{row._meta.model_name}_change", args=[row.pk])
    return staff.post(path, filled(staff.get(path), **fields))


def opens_on(instrument, day=MONDAY):
    whole = Period(
        datetime(day.year, day.month, day.day, tzinfo=CHINA),
        datetime(day.year, day.month, day.day, tzinfo=CHINA) + timedelta(days=1),
    )
    return [part for period in OpenTime.objects.get(instrument=instrument).open if (part := period.clipped(whole))]


def errors(answer):
    assert answer.status_code == 200, answer
    return {**answer.context["adminform"].form.errors}


def test_opening_hours_changed_by_hand_hold_at_once(staff):
    instrument = InstrumentFactory()
    monday = instrument.lab.opening_windows.get(day=0)

    path = reverse("admin:labs_lab_change", args=[instrument.lab.pk])
    sent = filled(staff.get(path), **{"opening_windows-0-closes_minute": "720"})
    assert sent["opening_windows-0-id"] == monday.pk
    assert staff.post(path, sent).status_code == 302

    assert [period.minutes for period in opens_on(instrument)] == [210]
    assert AuditEvent.objects.get(name="opening_hours_set").actor_id is not None


def test_windows_that_overlap_are_refused_on_the_form(staff):
    lab = LabFactory()
    path = reverse("admin:labs_lab_change", args=[lab.pk])
    sent = filled(
        staff.get(path),
        **{
            "opening_windows-TOTAL_FORMS": "6",
            "opening_windows-5-lab": str(lab.pk),
            "opening_windows-5-day": "0",
            "opening_windows-5-opens_minute": "1000",
            "opening_windows-5-closes_minute": "1200",
        },
    )

    answer = staff.post(path, sent)

    assert answer.status_code == 200
    assert lab.opening_windows.count() == 5


def test_another_makeup_policy_is_felt(staff):
    HolidayDate.objects.create(date=date(2026, 11, 28), kind="makeup_workday", name_zh="调休")
    instrument = InstrumentFactory()
    assert len(opens_on(instrument, date(2026, 11, 28))) == 1

    assert change(staff, instrument.lab, makeup_policy=Lab.MakeupPolicy.CLOSED).status_code == 302

    assert opens_on(instrument, date(2026, 11, 28)) == []


def test_a_new_instrument_has_open_time_and_a_draft_of_its_rental(staff):
    lab, category = LabFactory(), CategoryFactory()

    answer = add(
        staff,
        "instrument",
        code="N-1",
        name_zh="测试仪",
        lab=lab.pk,
        category=category.pk,
        class_kind="general",
        original_value_fen="0",
        status="available",
        capacity="1",
        capacity_unit_zh="台",
        rental_mode="both",
        requires_calibration="on",
        **{"parameters-TOTAL_FORMS": "0", "parameters-INITIAL_FORMS": "0"},
    )

    assert answer.status_code == 302, errors(answer)
    instrument = Instrument.objects.get(code="N-1")
    assert instrument.rental_offering.state == Offering.State.DRAFT
    assert len(opens_on(instrument)) == 1


def test_an_instrument_out_of_order_is_away_until_its_return(staff):
    instrument = InstrumentFactory()

    answer = change(staff, instrument, status="fault", expected_back_at_0="2026-11-25", expected_back_at_1="09:00:00")

    assert answer.status_code == 302, errors(answer)
    back = datetime(2026, 11, 25, 9, tzinfo=CHINA)
    assert OpenTime.objects.get(instrument=instrument).blocked == [Period(MONDAY_9, back)]
    assert AuditEvent.objects.get(name="instrument_status_set").facts["status"] == "fault"
    assert list(errors(change(staff, instrument, status="retired"))) == ["expected_back_at"]


def test_an_outage_is_announced_and_lifted(staff):
    instrument = InstrumentFactory()
    given = {"instrument": instrument.pk, "kind": "maintenance", "period_0": "2026-11-23 10:00"}
    assert list(errors(add(staff, "outage", **given, period_1="2026-11-23 09:00"))) == ["period"]

    answer = add(staff, "outage", **given, period_1="2026-11-23 11:00")

    assert answer.status_code == 302, errors(answer)
    outage = Outage.objects.get()
    assert OpenTime.objects.get(instrument=instrument).blocked == [outage.stretch]
    assert outage.created_by is not None
    assert staff.post(reverse("admin:labs_outage_delete", args=[outage.pk]), {"post": "yes"}).status_code == 302
    assert OpenTime.objects.get(instrument=instrument).blocked == []
    assert AuditEvent.objects.filter(name="outage_lifted").count() == 1


def test_an_exception_of_a_date_is_added_and_removed(staff):
    instrument = InstrumentFactory()
    given = {"lab": instrument.lab.pk, "date": "2026-11-23"}

    assert list(errors(add(staff, "dateexception", windows="[[60, 30]]", **given))) == ["windows"]
    answer = add(staff, "dateexception", windows="[[600, 660]]", **given)

    assert answer.status_code == 302, errors(answer)
    assert [period.minutes for period in opens_on(instrument)] == [60]
    exception = DateException.objects.get()
    chosen = {"action": "delete_selected", "_selected_action": exception.pk, "post": "yes"}
    assert staff.post(reverse("admin:labs_dateexception_changelist"), chosen).status_code == 302
    assert [period.minutes for period in opens_on(instrument)] == [570]


def test_certificates_are_recorded_and_amended_but_never_deleted(staff):
    instrument = InstrumentFactory(calibration=False)
    given = {
        "instrument": instrument.pk,
        "kind": "calibration",
        "certificate_no": "1",
        "calibrated_on": "2026-11-01",
        "valid_from": "2026-11-01",
        "valid_to": "2026-12-31",
        "result": "pass",
    }

    assert list(errors(add(staff, "calibrationrecord", **given | {"valid_to": "2026-10-01"}))) == ["valid_to"]
    answer = add(staff, "calibrationrecord", **given)

    assert answer.status_code == 302, errors(answer)
    record = CalibrationRecord.objects.get()
    assert OpenTime.objects.get(instrument=instrument).calibrated[0].end == datetime(2027, 1, 1, tzinfo=CHINA)
    assert change(staff, record, result="fail").status_code == 302
    assert OpenTime.objects.get(instrument=instrument).calibrated == []
    assert staff.post(reverse("admin:labs_calibrationrecord_delete", args=[record.pk])).status_code == 403


def test_prices_and_terms_are_new_versions(staff):
    instrument = InstrumentFactory()
    given = {"instrument": instrument.pk, "valid_from_0": "2026-12-01", "valid_from_1": "00:00"}
    tariff = {
        "base_rate_fen_per_hour": "1",
        "billing_increment_min": "30",
        "setup_fee_fen": "0",
        "operator_fee_fen_per_hour": "0",
        "min_charge_fen": "0",
        "min_billable_minutes": "0",
        "bill_mode": "booked",
        "tax_category": "rental_self",
        "sme_discount_bp": "0",
    }

    bad = add(staff, "tariff", **given, **tariff | {"bands": '[{"name": "night"}]'})
    assert list(errors(bad)) == ["bands"]
    past = add(staff, "tariff", **given | {"valid_from_0": "2026-11-01"}, **tariff, bands="[]")
    assert list(errors(past)) == ["valid_from"]
    answer = add(staff, "tariff", **given, **tariff, bands="[]")
    assert answer.status_code == 302, errors(answer)

    made = Tariff.objects.get(version=2)
    assert made.valid_from == datetime(2026, 12, 1, tzinfo=CHINA)
    path = reverse("admin:labs_tariff_change", args=[made.pk])
    assert staff.get(path).status_code == 200
    assert staff.post(path, {}).status_code == 403
    policy = {
        name: str(BookingPolicy._meta.get_field(name).default)
        for name in (
            "slot_grid_min",
            "min_minutes",
            "max_minutes",
            "pre_buffer_min",
            "post_buffer_min",
            "lead_time_min",
            "advance_days",
            "sme_reserve_bp",
            "hold_minutes",
            "no_show_grace_min",
        )
    }
    ladder = '[{"min_notice_hours": 0, "fee_bp": 0}]'
    answer = add(staff, "bookingpolicy", **given, **policy, cancellation=ladder)
    assert answer.status_code == 302, errors(answer)
    assert BookingPolicy.objects.get(version=2).cancellation == [{"min_notice_hours": 0, "fee_bp": 0}]


def test_a_holiday_added_and_taken_back_is_felt(staff):
    instrument = InstrumentFactory()

    assert add(staff, "holidaydate", date="2026-11-24", kind="holiday", name_zh="临时假日").status_code == 302
    assert opens_on(instrument, date(2026, 11, 24)) == []

    holiday = HolidayDate.objects.get()
    assert staff.post(reverse("admin:labs_holidaydate_delete", args=[holiday.pk]), {"post": "yes"}).status_code == 302
    assert len(opens_on(instrument, date(2026, 11, 24))) == 1


def test_services_are_published_together(staff):
    drafts = [ServiceFactory(state=Offering.State.DRAFT).pk for _ in range(2)]

    staff.post(reverse("admin:labs_offering_changelist"), {"action": "publish", "_selected_action": drafts})

    assert Offering.objects.published().count() == 2
    assert AuditEvent.objects.filter(name="offering_state_set").count() == 2


LISTS = (
    "instrumentcategory",
    "standard",
    "holidaydate",
    "lab",
    "room",
    "instrument",
    "offering",
    "calibrationrecord",
    "dateexception",
    "outage",
    "operator",
    "userqualification",
    "tariff",
    "bookingpolicy",
)


@pytest.mark.parametrize("model", LISTS)
def test_lists_are_searched_in_a_constant_number_of_statements(staff, model):
    def rows():
        qualified = OperatorQualificationFactory()
        UserQualificationFactory(instrument=qualified.instrument)
        RoomFactory()
        number = HolidayDate.objects.count()
        StandardFactory(number=f"GB {number}-2021")
        HolidayDate.objects.create(date=date(2026, 11, 1 + number), kind="holiday", name_zh="假日")
        DateException.objects.create(lab=qualified.operator.lab, date=MONDAY)
        Outage.objects.create(
            instrument=qualified.instrument,
            kind="closure",
            period=Period(MONDAY_9, MONDAY_9 + timedelta(hours=1)).as_range(),
        )

    counts = []
    for _ in range(2):
        rows()
        with CaptureQueriesContext(connection) as captured:
            answer = staff.get(reverse(f"admin:labs_{model}_changelist"))
        assert answer.status_code == 200
        counts.append(len(captured))
        assert staff.get(reverse(f"admin:labs_{model}_changelist"), {"q": "示例"}).status_code == 200

    assert counts[0] >= counts[1]  # the first sees the session and content types too
