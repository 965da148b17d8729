"""The demo's people: loaded twice, and records that cannot be used."""

import json
from pathlib import Path

import pytest

from accounts.models import District, Membership, Organisation, User
from demo import people

pytestmark = pytest.mark.django_db
DATA = Path(people.__file__).parent / "data"


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def copied(tmp_path: Path, **changes: dict[str, object]) -> Path:
    """Return a copy of the data with some fields of the first organisation, or district, changed."""
    for file in (people.DISTRICTS, people.ORGANISATIONS):
        records = json.loads((DATA / file).read_text())
        records[0] |= changes.get(file.removesuffix(".json"), {})
        (tmp_path / file).write_text(json.dumps(records))
    return tmp_path


def test_everybody_is_loaded_and_can_sign_in(client):
    counts = people.load(DATA)

    assert counts == {"districts": 11, "organisations": 28, "log-ins": 10}
    buyer = Organisation.objects.get(code="ORG-S03")
    assert (buyer.is_verified, buyer.is_sme, buyer.monthly_credit_fen) == (True, True, 5_000_000)
    answer = client.post("/accounts/login/", {"login": "buyer@sme.example", "password": people.PASSWORD})
    assert answer.status_code == 302
    assert [m.organisation.code for m in Membership.objects.of_user(User.objects.get(email="buyer@sme.example"))] == [
        "ORG-S03",
        "ORG-B01",
    ]
    assert Organisation.objects.get(verification="submitted").code == people.WAITING


def test_loading_again_brings_data_up_to_date_but_leaves_what_people_decided(django_assert_max_num_queries):
    people.load(DATA)
    Organisation.objects.filter(code=people.WAITING).update(verification="verified", name_zh="?")
    User.objects.filter(email="buyer@sme.example").update(name="陈")
    District.objects.update(name_zh="?")

    with django_assert_max_num_queries(15):
        people.load(DATA)

    waiting = Organisation.objects.get(code=people.WAITING)
    assert (waiting.verification, waiting.name_zh) == ("verified", "示例大岗机器人有限公司")
    assert User.objects.get(email="buyer@sme.example").name == "陈"
    assert (District.objects.count(), Organisation.objects.count(), Membership.objects.count()) == (11, 28, 11)
    assert District.objects.get(adcode="440103").name_zh == "荔湾区"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"organisations": {"uscc": "12440104DEMA00013S"}}, "organisations.json, ORG-L01, uscc: "),
        ({"organisations": {"adcode": "440199"}}, "organisations.json, ORG-L01, adcode: "),
        ({"organisations": {"org_type": "kingdom"}}, "organisations.json, ORG-L01, org_type: "),
        ({"organisations": {"employees": "many"}}, "organisations.json, ORG-L01, employees: "),
        ({"organisations": {"taxpayer_type": "king"}}, "organisations.json, ORG-L01, taxpayer_type: "),
        ({"districts": {"lat": "north"}}, "districts.json, 440103, lat: "),
    ],
)
def test_a_record_that_cannot_be_used_is_named(tmp_path: Path, changes: dict[str, dict[str, object]], named: str):
    with pytest.raises(people.RecordWrongError) as refused:
        people.load(copied(tmp_path, **changes))

    assert str(refused.value).startswith(named)
    assert not Organisation.objects.exists()


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(people.RecordWrongError, match=r"districts\.json, the file"):
        people.load(tmp_path)
