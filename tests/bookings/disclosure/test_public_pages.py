"""The public pages of labs, services and standards: what may be relied on (LAB-1, LAB-2, STD-1)."""

import json
import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.discovery.disclosure.rules import Line, coverage, worked
from kernel.money import Money
from labs.catalogue.rules import InScope
from labs.models import Offering
from tests.factories.accounts import LabMembershipFactory, MembershipFactory
from tests.factories.labs import (
    AccreditationFactory,
    ClusterFactory,
    HonourFactory,
    InstrumentFactory,
    LabFactory,
    MeasurementStandardFactory,
    ScopeEntryFactory,
    ServiceFactory,
    StandardFactory,
    ZoneFactory,
)

DATA = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
OLD, NEW = "GB/T 228.1-2010", "GB/T 228.1-2021"
TODAY = date(2026, 11, 23)


def said(client, path, **query):
    answer = client.get(path, query)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def things(page):
    return [json.loads(text) for text in DATA.findall(page)]


def tensile(**how):
    """A tensile test that claims CMA, in scope of it."""
    lab = LabFactory(contact_phone="020-1")
    entry = ScopeEntryFactory(
        accreditation__lab=lab, accreditation__kind="CMA", accreditation__number="250019020001", parameter_zh="抗拉强度"
    )
    return ServiceFactory(
        lab=lab,
        **{
            "parameter_zh": "抗拉强度",
            "cma_in_scope": True,
            "standards": [entry.standard],
            "tiers": [{"min_qty": 10, "price_bp": 9000}],
            "urgent_options": [{"workdays": 1, "surcharge_bp": 10000}],
            **how,
        },
    )


@pytest.mark.parametrize(
    ("tiers", "least", "steps"),
    [
        ([], 1, [(1, 15_000, 15_000)]),
        ([{"min_qty": 10, "price_bp": 9000}], 1, [(1, 15_000, 15_000), (10, 13_500, 135_000)]),
        ([{"min_qty": 2, "price_bp": 9000}], 5, [(5, 13_500, 67_500)]),
        ([{"min_qty": 50, "price_bp": 8000}, {"min_qty": 10, "price_bp": 9000}], 1,
         [(1, 15_000, 15_000), (10, 13_500, 135_000), (50, 12_000, 600_000)]),
    ],
)  # fmt: skip
def test_a_price_is_worked_out_at_each_tier(tiers, least, steps):
    found = worked(Money(15_000), tiers, min_qty=least)

    assert [(step.quantity, step.each.fen, step.total.fen) for step in found] == steps


def line(to=date(2027, 12, 31), kind="CMA", **how):
    scope = {
        "standards": (NEW,),
        "parameters": ("抗拉强度", "tensile strength"),
        "valid_from": date(2025, 1, 1),
        "valid_to": None,
        "accredited_from": date(2025, 1, 1),
        "accredited_to": to,
        **how,
    }
    return Line(kind, f"{kind} 25", InScope(**scope))


@pytest.mark.parametrize(
    ("standard", "names", "lines", "covered", "was"),
    [
        (NEW, ["抗拉强度"], [line()], True, None),
        (NEW, ["", "tensile strength"], [line()], True, None),
        (OLD, ["抗拉强度"], [line()], False, None),
        (NEW, ["硬度"], [line()], False, None),
        (NEW, ["抗拉强度"], [line(to=date(2026, 1, 1))], False, date(2026, 1, 1)),
        (NEW, ["抗拉强度"], [line(valid_to=date(2026, 2, 1))], False, date(2026, 2, 1)),
        (NEW, [], [line()], False, None),
    ],
)
def test_lab_1_a_standard_is_covered_today_or_was_until_a_day(standard, names, lines, covered, was):
    (found, *_) = coverage(standard, names, lines, on=TODAY)

    assert (found.is_covered, found.was.ends_on if found.was else None) == (covered, was)


def test_lab_2_what_has_run_out_is_told_beside_what_still_covers():
    found = coverage(NEW, ["抗拉强度"], [line(to=date(2026, 1, 1)), line(kind="CNAS")], on=TODAY)

    assert [(each.is_covered, (each.line or each.was).name) for each in found] == [(True, "CNAS 25"), (False, "CMA 25")]


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
class TestService:
    def test_it_says_standard_sample_turnaround_price_and_who_covers_it(self, client):
        service = tensile(sample_requirement_zh="每组3根", instruments=[InstrumentFactory(name_zh="示例拉力机")])

        page = said(client, f"/services/{service.code}/")

        for text in (NEW, "250019020001", "每组3根", "5 个工作日", "¥150.00", "¥135.00", "¥1,350.00", "¥300.00",
                     "示例拉力机", "tel:020-1"):  # fmt: skip
            assert text in page
        assert "未获资质" not in page

    def test_lab_2_after_expiry_it_stays_visible_and_is_labelled(self, client):
        service = tensile()
        service.lab.accreditations.update(valid_to=date(2026, 11, 22))

        page = said(client, f"/services/{service.code}/")

        assert "未获资质" in page
        assert "没有有效的 CMA 资质" in page  # what must be ticked when ordering

    def test_std_1_a_superseded_standard_is_said_with_what_replaced_it(self, client):
        old = StandardFactory(number=OLD, status="superseded", superseded_by=StandardFactory(number=NEW))
        service = tensile(standards=[old], cma_in_scope=False)

        page = said(client, f"/services/{service.code}/")

        assert f"知晓其已被 {NEW} 代替" in page
        assert "/standards/GBT228.12021/" in page

    def test_a_draft_is_seen_by_its_lab_alone(self, client, client_as):
        service = tensile(state=Offering.State.DRAFT)
        path = f"/services/{service.code}/"

        assert client.get(path).status_code == 404
        assert client_as(MembershipFactory(role="owner")).get(path).status_code == 404
        assert client_as(LabMembershipFactory()).get(path).status_code == 404
        own = client_as(LabMembershipFactory(organisation=service.lab.organisation, role="lab_operator"))
        assert "只有贵实验室" in said(own, path)

    def test_a_rental_is_no_service(self, client):
        instrument = InstrumentFactory()

        assert client.get(f"/services/{instrument.rental_offering.code}/").status_code == 404

    def test_its_data_can_be_read_by_machines_and_ends_no_element(self, client):
        service = tensile(name_zh="拉伸</script><script>alert(1)</script>&")

        page = said(client, f"/services/{service.code}/")
        (thing,) = things(page)

        assert (thing["@context"], thing["@type"], thing["name"]) == (
            "https://schema.org",
            "Service",
            "拉伸</script><script>alert(1)</script>&",
        )
        assert (thing["offers"]["price"], thing["offers"]["priceCurrency"]) == ("150.00", "CNY")
        assert "<script>alert" not in page
        assert 'hreflang="en"' in page
        assert f'rel="canonical" href="http://127.0.0.1:8000/services/{service.code}/"' in page

    def test_the_address_names_the_language(self, client):
        service = tensile()

        page = said(client, f"/services/{service.code}/", lang="en")

        assert "Tensile test of metals" in page
        assert f'href="http://127.0.0.1:8000/services/{service.code}/?lang=en"' in page

    def test_three_standards_and_instruments_ask_as_many_statements_as_one(self, client):
        one, three = tensile(instruments=[InstrumentFactory()]), tensile(instruments=InstrumentFactory.create_batch(3))
        three.standards.add(StandardFactory(number="ISO 6892-1:2019"), StandardFactory(number="GB/T 3-2020"))

        assert statements(client, f"/services/{one.code}/") == statements(client, f"/services/{three.code}/")


def statements(client, path):
    client.get(path)
    with CaptureQueriesContext(connection) as caught:
        client.get(path)
    return len(caught)


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
class TestStandard:
    def test_it_says_who_can_do_it_at_what_price_and_in_scope_or_not(self, client):
        covered = tensile(unit_price_fen=20_000, instruments=[InstrumentFactory(name_zh="示例拉力机")])
        outside = ServiceFactory(standards=[covered.standards.get()], lab__name_zh="示例别的实验室")

        page = said(client, "/standards/GBT228.12021/")

        assert page.index(outside.lab.name_zh) < page.index(covered.lab.name_zh)  # the cheaper first
        assert ("CMA" in page, "不在资质能力范围内" in page, "示例拉力机" in page) == (True, True, True)

    @pytest.mark.parametrize("written", ["gb∕t228.1—2021", "GB T 228.1-2021", "gbt228.12021"])
    def test_however_it_is_written_it_leads_to_one_address(self, client, written):
        StandardFactory()
        if "∕" in written:
            written = "gbt228.1—2021"

        answer = client.get(f"/standards/{written}/")

        assert (answer.status_code, answer.headers["Location"]) == (301, "/standards/GBT228.12021/")

    def test_an_old_edition_says_what_replaced_it_and_the_new_one_what_it_replaces(self, client):
        new = StandardFactory(number=NEW)
        StandardFactory(number=OLD, status="superseded", superseded_by=new)

        assert NEW in said(client, "/standards/GBT228.12010/")
        assert OLD in said(client, "/standards/GBT228.12021/")
        assert client.get("/standards/none-1/").status_code == 404

    def test_what_is_not_published_is_not_shown(self, client, client_as):
        draft = tensile(state=Offering.State.DRAFT)
        own = client_as(LabMembershipFactory(organisation=draft.lab.organisation))

        for reader in (client, own):
            assert draft.code not in said(reader, "/standards/GBT228.12021/")

    def test_three_services_ask_as_many_statements_as_one(self, client):
        tensile(instruments=[InstrumentFactory()])
        path = "/standards/GBT228.12021/"
        one = statements(client, path)
        for _ in range(2):
            ServiceFactory(standards=[StandardFactory()], instruments=[InstrumentFactory()])

        assert statements(client, path) == one


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
class TestLab:
    def test_it_discloses_what_it_is_recognised_for_and_until_when(self, client):
        service = tensile()
        lab = service.lab
        AccreditationFactory(lab=lab, number="CNAS L00009", valid_to=date(2026, 11, 22))
        standard = MeasurementStandardFactory(lab=lab)
        honour = HonourFactory(lab=lab)
        lab.zones.add(ZoneFactory())
        lab.clusters.add(ClusterFactory())

        page = said(client, f"/labs/{lab.code}/")

        for text in ("250019020001", "有效期至 2028-12-31", "CNAS L00009", "2026-11-22 已过期", standard.certificate_no,
                     honour.name_zh, "科学城", "化妆品", "暂无数据", "5 个工作日", "¥150.00", "08:30–18:00",
                     f"/services/{service.code}/"):  # fmt: skip
            assert text in page, text
        (thing,) = things(page)
        assert [each["identifier"] for each in thing["hasCredential"]] == ["250019020001"]  # what has run out is none

    def test_its_scope_is_searched_by_word_and_by_number(self, client):
        lab = tensile().lab
        ScopeEntryFactory(
            accreditation=lab.accreditations.get(), parameter_zh="布氏硬度", standard=None, method="自编法"
        )

        def found(text):
            part = client.get(f"/labs/{lab.code}/", {"scope": text}, headers={"HX-Request": "true"}).content.decode()
            return ("抗拉强度" in part, "布氏硬度" in part)

        assert [found(text) for text in ("", "硬度", "gb/t228.1", "金属 自编", "x")] == [
            (True, True), (False, True), (True, False), (False, True), (False, False),
        ]  # fmt: skip

    def test_an_inactive_lab_is_seen_by_itself_alone(self, client, client_as):
        lab = LabFactory(is_active=False)
        path = f"/labs/{lab.code}/"

        assert client.get(path).status_code == 404
        assert client_as(MembershipFactory(role="buyer")).get(path).status_code == 404
        assert client_as(LabMembershipFactory(organisation=lab.organisation)).get(path).status_code == 200

    def test_three_of_everything_ask_as_many_statements_as_one(self, client):
        counts = []
        for number in (1, 3):
            lab = LabFactory()
            for _ in range(number):
                accreditation = AccreditationFactory(lab=lab)
                ScopeEntryFactory(accreditation=accreditation)
                MeasurementStandardFactory(lab=lab)
                HonourFactory(lab=lab)
                ServiceFactory(lab=lab, standards=[StandardFactory()])
                InstrumentFactory(lab=lab)
            counts.append(statements(client, f"/labs/{lab.code}/"))

        assert counts[0] == counts[1] <= 20


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_an_instrument_is_a_product_rented_by_the_hour(client):
    instrument = InstrumentFactory(maker="示例仪器厂", serial_no="SECRET-1", asset_no="SECRET-2")

    page = said(client, f"/instruments/{instrument.code}/")
    (thing,) = things(page)

    assert (thing["@type"], thing["sku"], thing["offers"]["price"]) == ("Product", instrument.code, "300.00")
    assert "SECRET" not in page


@pytest.mark.django_db
def test_the_strict_policy_stands_beside_the_data(client):
    answer = client.get(f"/services/{tensile().code}/")

    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert things(answer.content.decode())


@pytest.mark.django_db
def test_a_language_chosen_on_the_page_counts_after_an_address_that_named_another(client):
    answer = client.post("/language/", {"language": "zh-hans", "next": "/labs/X/?lang=en&scope=a"})

    assert answer.headers["Location"] == "/labs/X/?scope=a"


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_lab_2_a_card_of_the_catalogue_says_which_mark_does_not_stand(client):
    service = tensile(cnas_in_scope=True)

    page = said(client, "/catalogue/")

    assert f"/services/{service.code}/" in page
    assert "CNAS：当前未获资质" in page.replace(": ", "：")
    assert "CMA：当前未获资质" not in page.replace(": ", "：")
