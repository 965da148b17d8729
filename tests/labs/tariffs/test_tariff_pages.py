"""The desk's pages of price lists and terms of booking: who reads, who writes, what is refused beside which field."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from accounts.models import Membership
from audit.models import AuditEvent
from labs.models import BookingPolicy, Instrument, Tariff
from labs.tariffs import operations as tariffs
from tests.conftest import MONDAY_9
from tests.factories.accounts import LabMembershipFactory, MembershipFactory
from tests.factories.labs import InstrumentFactory, TariffFactory
from tests.factories.racing import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
NIGHT = {
    "name": "night",
    "name_zh": "夜间优惠",
    "start": "22:00",
    "end": "08:00",
    "day_types": ["workday", "restday"],
    "rate_bp": "60",
}
TERMS = {
    "after": "1", "starts": "", "base_rate_fen_per_hour": "320.50", "billing_increment_min": "30",
    "min_billable_minutes": "0", "min_charge_fen": "0", "setup_fee_fen": "80", "operator_fee_fen_per_hour": "0",
    "sme_discount_bp": "12.5", "bill_mode": "booked", "tax_category": "rental_self",
}  # fmt: skip
POLICY = {
    "after": "1", "starts": "", "slot_grid_min": "30", "min_minutes": "60", "max_minutes": "240", "pre_buffer_min": "0",
    "post_buffer_min": "15", "lead_time_min": "120", "advance_days": "60", "hold_minutes": "30", "sme_reserve_bp": "10",
    "requires_approval": "on", "week_max_minutes": "12.5", "no_show_grace_min": "45",
}  # fmt: skip


@pytest.fixture
def instrument() -> Instrument:
    return InstrumentFactory()


def of_lab(instrument: Instrument, role: str = "lab_manager") -> Membership:
    return LabMembershipFactory(organisation=instrument.lab.organisation, role=role)


def rows(prefix: str, *given: dict[str, Any]) -> dict[str, Any]:
    """Rows as a browser sends them."""
    sent: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": str(len(given)), f"{prefix}-INITIAL_FORMS": str(len(given))}
    return sent | {f"{prefix}-{place}-{name}": value for place, row in enumerate(given) for name, value in row.items()}


def path(instrument: Instrument, act: str = "tariff/new") -> str:
    return f"/desk/instruments/{instrument.code}/{act}/"


def publish(client: Client, instrument: Instrument, *bands: dict[str, Any], **changed: Any) -> Any:
    return client.post(path(instrument), {**TERMS, **changed, **rows("bands", *bands)})


# --- Who may -------------------------------------------------------------------------------------------------------


def test_staff_read_and_only_managers_write(client_as: Any, instrument: Instrument) -> None:
    operator, manager = client_as(of_lab(instrument, "lab_operator")), client_as(of_lab(instrument))

    assert [operator.get(path(instrument, act)).status_code for act in ("tariff", "tariff/new", "policy/new")] == [
        200,
        403,
        403,
    ]
    assert [manager.get(path(instrument, act)).status_code for act in ("tariff", "tariff/new", "policy/new")] == [
        200,
        200,
        200,
    ]
    assert publish(operator, instrument).status_code == 403
    assert "New price list" not in operator.get(path(instrument, "tariff")).content.decode()


@pytest.mark.parametrize("act", ["tariff", "tariff/new", "policy/new"])
def test_other_labs_strangers_and_customers_do_not_come_in(client_as: Any, instrument: Instrument, act: str) -> None:
    other = LabMembershipFactory(role="lab_manager")

    assert client_as(other).get(path(instrument, act)).status_code == 404
    assert client_as(MembershipFactory()).get(path(instrument, act)).status_code == 403
    assert client_as(None).get(path(instrument, act)).status_code == 302
    assert client_as(other).post(path(instrument, "tariff/picture"), TERMS).status_code == 404
    assert client_as(other).post(path(instrument, act if act != "tariff" else "tariff/new"), TERMS).status_code == 404
    assert Tariff.objects.count() == 1


# --- Price lists ---------------------------------------------------------------------------------------------------


def test_a_manager_publishes_a_price_list_with_bands(client_as: Any, instrument: Instrument) -> None:
    member = of_lab(instrument)

    answer = publish(client_as(member), instrument, NIGHT, {})

    assert (answer.status_code, answer.headers["Location"]) == (302, path(instrument, "tariff"))
    made = Tariff.objects.get(instrument=instrument, version=2)
    assert (made.valid_from, made.base_rate_fen_per_hour, made.setup_fee_fen, made.sme_discount_bp) == (
        MONDAY_9,
        32_050,
        8_000,
        1_250,
    )
    assert made.bands == [{**NIGHT, "rate_bp": 6000}]
    entry = AuditEvent.objects.get(name="tariff_published")
    assert (entry.actor_id, entry.facts["version"]) == (member.user_id, 2)


def test_the_beginning_is_read_on_the_labs_clock(client_as: Any) -> None:
    instrument = InstrumentFactory(lab__timezone="Europe/Berlin")

    publish(client_as(of_lab(instrument)), instrument, starts="2026-12-01T08:00")

    assert Tariff.objects.get(version=2).valid_from.isoformat() == "2026-12-01T07:00:00+00:00"


def test_bands_hold_in_the_order_given_and_without_those_taken_out(client_as: Any, instrument: Instrument) -> None:
    late = {**NIGHT, "name": "late", "ORDER": "1"}

    publish(
        client_as(of_lab(instrument)),
        instrument,
        {**NIGHT, "ORDER": "2"},
        late,
        {**NIGHT, "name": "gone", "DELETE": "on"},
    )

    assert [band["name"] for band in Tariff.objects.get(version=2).bands] == ["late", "night"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"starts": "2026-11-23T08:59"}, "starts"),
        ({"starts": "9999-12-31T23:59"}, "starts"),
        ({"starts": "soon"}, "starts"),
        ({"base_rate_fen_per_hour": "-1"}, "base_rate_fen_per_hour"),
        ({"base_rate_fen_per_hour": "1.005"}, "base_rate_fen_per_hour"),
        ({"base_rate_fen_per_hour": ""}, "base_rate_fen_per_hour"),
        ({"billing_increment_min": "0"}, "billing_increment_min"),
        ({"min_billable_minutes": "99999999999"}, "min_billable_minutes"),
        ({"sme_discount_bp": "100.01"}, "sme_discount_bp"),
        ({"bill_mode": "guessed"}, "bill_mode"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    client_as: Any, instrument: Instrument, changed: Any, field: str
) -> None:
    answer = publish(client_as(of_lab(instrument)), instrument, NIGHT, **changed)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert Tariff.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"start": ""}, "start"),
        ({"end": "25:00"}, "end"),
        ({"day_types": []}, "day_types"),
        ({"day_types": ["sunday"]}, "day_types"),
        ({"rate_bp": "1000.01"}, "rate_bp"),
        ({"rate_bp": "NaN"}, "rate_bp"),
        ({"name": "", "name_zh": ""}, "name_zh"),
    ],
)
def test_a_wrong_band_is_refused_in_its_row(client_as: Any, instrument: Instrument, changed: Any, field: str) -> None:
    answer = publish(client_as(of_lab(instrument)), instrument, NIGHT, {**NIGHT, **changed})

    assert answer.status_code == 422
    assert [list(errors) for errors in answer.context["rows"].errors] == [[], [field]]
    assert Tariff.objects.count() == 1


def test_another_row_is_given_without_publishing_and_keeps_what_was_written(
    client_as: Any, instrument: Instrument
) -> None:
    answer = publish(client_as(of_lab(instrument)), instrument, NIGHT, another="1", base_rate_fen_per_hour="77")

    assert answer.status_code == 200
    assert (len(answer.context["rows"].forms), answer.context["form"]["base_rate_fen_per_hour"].value()) == (2, "77")
    assert Tariff.objects.count() == 1


def test_the_picture_follows_what_is_written_even_where_parts_are_wrong(client_as: Any, instrument: Instrument) -> None:
    sent = {**TERMS, **rows("bands", NIGHT, {**NIGHT, "start": "?"}), "billing_increment_min": "0"}

    answer = client_as(of_lab(instrument)).post(
        path(instrument, "tariff/picture"), sent, headers={"HX-Request": "true"}
    )

    html = answer.content.decode()
    assert answer.status_code == 200
    assert html.lstrip().startswith('<div id="sketch"')
    assert "<!doctype" not in html
    assert "夜间优惠" not in html  # the page is English, and the band has an English name
    assert "night hours" in html
    assert "¥192.30" in html


def test_a_version_published_meanwhile_is_pointed_out_and_the_next_attempt_follows_it(
    client_as: Any, instrument: Instrument
) -> None:
    TariffFactory(instrument=instrument, version=2, valid_from=MONDAY_9)
    client = client_as(of_lab(instrument))

    refused = publish(client, instrument)

    assert refused.status_code == 422
    assert "Somebody published version 2 while you were writing." in refused.content.decode()
    assert 'name="after" value="2"' in refused.content.decode()
    assert publish(client, instrument, after="2").status_code == 302


def test_the_first_price_list_and_terms_can_be_written(client_as: Any) -> None:
    bare = InstrumentFactory(tariff=False, policy=False)
    client = client_as(of_lab(bare))

    assert "There is no price list yet" in client.get(path(bare, "tariff")).content.decode()
    assert publish(client, bare, after="0").status_code == 302
    answer = client.get(path(bare, "policy/new"))
    assert [form.initial["min_notice_hours"] for form in answer.context["rows"].initial_forms] == [72, 24, 4, 0]


def test_the_form_shows_the_newest_version(client_as: Any) -> None:
    instrument = InstrumentFactory(tariff__bands=[{**NIGHT, "rate_bp": 6050}], tariff__base_rate_fen_per_hour=12_345)

    html = client_as(of_lab(instrument)).get(path(instrument)).content.decode()

    assert 'value="123.45"' in html
    assert 'value="60.50"' in html
    assert 'value="22:00"' in html


# --- Terms of booking ----------------------------------------------------------------------------------------------


def test_a_manager_publishes_terms_with_a_ladder(client_as: Any, instrument: Instrument) -> None:
    steps = rows("steps", {"min_notice_hours": "0", "fee_bp": "50"}, {"min_notice_hours": "48", "fee_bp": "0"}, {})

    answer = client_as(of_lab(instrument)).post(path(instrument, "policy/new"), {**POLICY, **steps})

    assert answer.status_code == 302
    made = BookingPolicy.objects.get(instrument=instrument, version=2)
    assert (made.min_minutes, made.requires_approval, made.sme_reserve_bp, made.valid_from) == (
        60,
        True,
        1000,
        MONDAY_9,
    )
    assert (made.week_max_minutes, made.no_show_grace_min) == (750, 45)
    assert made.cancellation == [{"min_notice_hours": 48, "fee_bp": 0}, {"min_notice_hours": 0, "fee_bp": 5000}]


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([], "The last step must be for a notice of 0 hours"),
        ([(24, "0")], "The last step must be for a notice of 0 hours"),
        ([(24, "0"), (24, "10"), (0, "50")], "Two steps are for the same notice."),
        ([(24, "50"), (0, "10")], "With less notice, the fee must not fall."),
    ],
)
def test_a_ladder_that_is_none_is_refused_in_words(
    client_as: Any, instrument: Instrument, steps: Any, said: str
) -> None:
    """BL-20"""
    sent = rows("steps", *({"min_notice_hours": str(hours), "fee_bp": fee} for hours, fee in steps))

    answer = client_as(of_lab(instrument)).post(path(instrument, "policy/new"), {**POLICY, **sent})

    assert answer.status_code == 422
    assert said in " ".join(answer.context["rows"].non_form_errors())


def test_lengths_that_contradict_each_other_are_refused(client_as: Any, instrument: Instrument) -> None:
    sent = {**POLICY, "max_minutes": "30", **rows("steps", {"min_notice_hours": "0", "fee_bp": "0"})}

    answer = client_as(of_lab(instrument)).post(path(instrument, "policy/new"), sent)

    assert list(answer.context["form"].errors) == ["max_minutes"]
    assert BookingPolicy.objects.count() == 1


def test_a_price_list_keeps_what_it_is_taxed_as(client_as: Any, instrument: Instrument) -> None:
    """BL-17"""
    publish(client_as(of_lab(instrument)), instrument)

    assert Tariff.objects.get(version=2).tax_category == "rental_self"
    shown = client_as(of_lab(instrument)).get(path(instrument)).context["form"]
    assert shown.initial["tax_category"] == "rental_self"


# --- The list ------------------------------------------------------------------------------------------------------


def test_the_list_shows_own_instruments_and_filters(client_as: Any, instrument: Instrument) -> None:
    bare = InstrumentFactory(lab=instrument.lab, tariff=False, name_en="Caliper", name_zh="卡尺")
    InstrumentFactory()
    client = client_as(of_lab(instrument, "lab_operator"))

    def codes(**query: str) -> list[str]:
        return [line.instrument.code for line in client.get("/desk/tariffs/", query).context["lines"]]

    assert codes() == [instrument.code, bare.code]
    assert codes(missing="on") == [bare.code]
    assert codes(q="卡尺") == codes(q="cali") == [bare.code]
    assert codes(q="nothing") == []
    assert "¥300.00" in client.get("/desk/tariffs/").content.decode()
    assert client.get("/desk/tariffs/", {"format": "csv"}).content.decode("utf-8-sig").count("\r\n") == 3
    assert client.get("/desk/tariffs/", {"format": "xlsx"}).status_code == 200
    assert client_as(MembershipFactory()).get("/desk/tariffs/").status_code == 403


def test_the_statements_do_not_grow_with_rows(
    client_as: Any, instrument: Instrument, django_assert_num_queries: Any
) -> None:
    client = client_as(of_lab(instrument))
    for page in ("/desk/tariffs/", path(instrument, "tariff")):
        with django_assert_num_queries(12, exact=False) as few:
            client.get(page)
        for number in range(2, 4):
            InstrumentFactory(lab=instrument.lab)
            TariffFactory(
                instrument=instrument,
                version=number + int("tariff/" in page[-8:]) * 2,
                valid_from=MONDAY_9 + timedelta(days=number),
            )
        with django_assert_num_queries(len(few)):
            client.get(page)


# --- At once -------------------------------------------------------------------------------------------------------


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_managers_who_publish_at_once_the_second_is_told(instrument: Instrument) -> None:
    def write(fen: int) -> Any:
        return lambda: tariffs.publish_tariff(
            instrument=instrument, valid_from=MONDAY_9, by=None, now=MONDAY_9, after=1, base_rate_fen_per_hour=fen
        )

    answers = at_once(*(write(fen) for fen in (100, 200, 300)))

    refused = [answer for answer in answers if isinstance(answer, tariffs.PublishedMeanwhile)]
    assert (len(refused), {answer.facts["version"] for answer in refused}) == (2, {2})
    assert list(Tariff.objects.values_list("version", flat=True).order_by("version")) == [1, 2]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_versions_published_at_once_without_a_look_get_each_their_number(instrument: Instrument) -> None:
    def write() -> BookingPolicy:
        with transaction.atomic():
            return tariffs.publish_policy(instrument=instrument, valid_from=MONDAY_9, by=None, now=MONDAY_9)

    assert sorted(policy.version for policy in at_once(*[write] * 4)) == [2, 3, 4, 5]
