"""The open catalogue as data, the sitemap, and what search engines are told."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

import jsonschema
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookings.publishing import queries, sitemaps
from bookings.publishing.rules import TABLES
from labs.models import Offering, OfferingVersion
from tests.factories.accounts import LabMembershipFactory, MembershipFactory
from tests.factories.labs import (
    AccreditationFactory,
    CapabilityFactory,
    InstrumentFactory,
    LabFactory,
    ParameterFactory,
    ScopeEntryFactory,
    ServiceFactory,
    StandardFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
JSON, SITEMAP = "/open-data/catalogue.json", "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def city(number=1):
    """A lab with so many instruments and services; what is private of them says SECRET."""
    lab = LabFactory()
    AccreditationFactory(lab=lab)
    for _ in range(number):
        instrument = InstrumentFactory(lab=lab, serial_no="SECRET", asset_no="SECRET", original_value_fen=777_123_456)
        ParameterFactory(instrument=instrument)
        CapabilityFactory(instrument=instrument)
        ServiceFactory(lab=lab, instruments=[instrument], standards=[StandardFactory()])
    return lab


def read(client, path=JSON, **headers):
    answer = client.get(path, headers=headers)
    return answer, b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_the_file_is_as_its_own_schema_says(client):
    lab = city(2)
    ScopeEntryFactory(accreditation=lab.accreditations.get(), parameter_zh="抗拉强度")
    Offering.objects.services().update(parameter_zh="抗拉强度")

    _, content = read(client)
    _, schema = read(client, "/open-data/schema.json")

    told = json.loads(content)
    jsonschema.validate(told, json.loads(schema), cls=jsonschema.Draft202012Validator)
    assert (len(told["labs"]), len(told["instruments"]), len(told["services"])) == (1, 2, 2)
    assert told["licence"] == "CC BY 4.0"
    assert told["instruments"][0]["base_rate_fen_per_hour"] == 30_000
    assert told["instruments"][0]["calibrated_until"] == "2028-12-31"
    assert told["instruments"][0]["capabilities"] == [
        {"quantity": "force", "low": 0.2, "high": 100.0, "unit": "kN", "uncertainty": "±0.5 %"}
    ]
    assert told["services"][0]["accredited"] == ["CNAS"]


def test_nothing_private_and_nothing_unpublished_is_in_it_whoever_asks(client, client_as):
    lab = city()
    draft = ServiceFactory(lab=lab, state=Offering.State.DRAFT)
    hidden = InstrumentFactory(lab=lab, published=False)
    ServiceFactory(lab=lab, instruments=[hidden])
    gone = city()
    gone.is_active = False
    gone.save()
    readers = [
        client,
        client_as(MembershipFactory(role="owner")),
        client_as(LabMembershipFactory(organisation=lab.organisation)),
    ]

    for reader in readers:
        for path in (JSON, *(f"/open-data/{table}.csv" for table in TABLES)):
            text = read(reader, path)[1].decode()
            assert [
                secret for secret in ("SECRET", "777123456", draft.code, hidden.code, gone.code) if secret in text
            ] == []


@pytest.mark.parametrize("table", TABLES)
def test_a_table_has_its_fields_as_columns(client, table):
    city()
    InstrumentFactory(name_zh="=1+1")

    content = read(client, f"/open-data/{table}.csv")[1].decode("utf-8-sig")

    head, *rows = csv.reader(io.StringIO(content))
    assert head == [field.name for field in TABLES[table]]
    assert {len(row) for row in rows} == {len(head)}
    assert "\n=1+1" not in content
    assert ",=1+1" not in content
    assert client.get("/open-data/rentals.csv").status_code == 404


def test_it_is_sent_again_only_where_something_has_changed(client, clock):
    lab = city()
    first, _ = read(client)
    mark = first.headers["ETag"]

    assert read(client, **{"If-None-Match": mark})[0].status_code == 304
    lab.name_zh = "示例改名实验室"
    lab.save()
    changed, content = read(client, **{"If-None-Match": mark})
    assert (changed.status_code, "示例改名实验室" in content.decode()) == (200, True)
    clock.shift(timedelta(days=1))
    assert read(client, **{"If-None-Match": changed.headers["ETag"]})[0].status_code == 200
    assert "max-age=3600" in first.headers["Cache-Control"]


def test_three_things_ask_as_many_statements_as_one_and_batches_lose_nothing(client, monkeypatch):
    def statements():
        with CaptureQueriesContext(connection) as caught:
            read(client)
        return len(caught)

    city()
    one = statements()
    city(3)
    assert statements() == one
    monkeypatch.setattr(queries, "BATCH", 2)
    now = timezone.now()
    codes = [row["code"] for row in queries.rows("instruments", today=now.date(), now=now)]
    assert len(codes) == len(set(codes)) == 4


def test_the_page_says_licence_files_and_fields(client):
    page = client.get("/open-data/").content.decode()

    assert "CC BY 4.0" in page
    assert [name for fields in TABLES.values() for name in (field.name for field in fields) if name not in page] == []
    english = client.get("/open-data/?lang=en").content.decode()
    assert "base rate (fen an hour, tax included)" in english


# --- Search engines -----------------------------------------------------------------------------------------------


def addresses(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/xml")
    root = ET.fromstring(answer.content)  # noqa: S314 -- our own
    return [(each.findtext(f"{SITEMAP}loc"), each.findtext(f"{SITEMAP}lastmod")) for each in root]


def test_the_sitemap_leads_to_every_public_page_and_says_when_it_changed(client):
    lab = city()
    instrument, service = lab.instruments.get(), lab.offerings.services().get()
    InstrumentFactory(lab=lab, published=False)
    OfferingVersion.objects.create(
        offering=service, version=1, state="published", snapshot={}, published_at=datetime(2026, 11, 1, tzinfo=UTC)
    )

    files = addresses(client, "/sitemap.xml")
    found = dict(
        pair for location, _ in files for pair in addresses(client, location.removeprefix("http://127.0.0.1:8000"))
    )

    base = "http://127.0.0.1:8000"
    assert set(found) == {
        f"{base}/", f"{base}/catalogue/", f"{base}/open-data/", f"{base}/labs/{lab.code}/",
        f"{base}/instruments/{instrument.code}/", f"{base}/services/{service.code}/", f"{base}/standards/GBT228.12021/",
    }  # fmt: skip
    assert found[f"{base}/services/{service.code}/"] == "2026-11-01"
    for address in found:
        assert client.get(address.removeprefix(base)).status_code == 200


def test_the_sitemap_is_split_at_scale_with_few_statements(client, monkeypatch, django_assert_max_num_queries):
    city(3)
    monkeypatch.setattr(sitemaps.Pages, "limit", 2)

    with django_assert_max_num_queries(5):  # when anything was published, and one a section
        files = addresses(client, "/sitemap.xml")
    instruments = [location for location, _ in files if "instruments" in location]
    assert len(instruments) == 2
    with django_assert_max_num_queries(2):
        assert len(addresses(client, "/sitemaps/instruments-2.xml")) == 1
    assert client.get("/sitemaps/instruments-3.xml").status_code == 404
    assert client.get("/sitemaps/rentals-1.xml").status_code == 404


def test_robots_are_kept_from_what_is_somebodys_own(client):
    text = client.get("/robots.txt").content.decode()

    assert [path for path in ("/my/", "/desk/", "/ops/", "/admin/") if f"Disallow: {path}\n" not in text] == []
    assert "Sitemap: http://127.0.0.1:8000/sitemap.xml" in text
