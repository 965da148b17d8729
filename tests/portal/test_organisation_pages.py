"""Registering an organisation, its profile, and the check of its credit code while typing."""

from datetime import date

import pytest

from accounts.models import Membership, Organisation
from accounts.organisations.rules import check_character
from tests.factories.accounts import DistrictFactory, MembershipFactory, OrganisationFactory, UserFactory, credit_code

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def person(client):
    person = UserFactory(language="en")
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    return person


def typed(**changes: str) -> dict[str, str]:
    return {
        "country": "CN",
        "uscc": credit_code(3_000_001),
        "name_zh": "示例精工",
        "org_type": "enterprise",
    } | changes


def check(client, uscc: str) -> str:
    return client.get("/organisation/new/check/", {"uscc": uscc}, headers=HTMX).content.decode()


def test_who_registers_acts_for_the_new_organisation_at_once(client, person):
    answer = client.post("/organisation/new/", typed())

    assert (answer.status_code, answer.url) == (302, "/organisation/verification/")
    membership = Membership.objects.get()
    assert (membership.user, membership.role) == (person, "owner")
    assert membership.organisation.name_zh.encode() in client.get("/organisation/").content


def test_a_wrong_code_is_refused_beside_its_field_with_every_position(client, person):
    answer = client.post("/organisation/new/", typed(uscc="9I44010 6O3"))

    assert answer.status_code == 422
    told = answer.context["form"].errors["uscc"]
    assert [("“I” at position 2" in told[0]), ("“O” at position 9" in told[1])] == [True, True]
    assert not Organisation.objects.exists()


def test_a_taken_code_is_refused_beside_its_field(client, person):
    OrganisationFactory(uscc=credit_code(3_000_001))

    answer = client.post("/organisation/new/", typed())

    assert answer.status_code == 422
    assert "already registered" in answer.context["form"].errors["uscc"][0]


def test_an_organisation_abroad_gives_its_number_there(client, person):
    refused = client.post("/organisation/new/", typed(country="HK", uscc=""))
    kept = client.post("/organisation/new/", typed(country="HK", uscc="", foreign_reg_no="1234567"))

    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["foreign_reg_no"])
    assert kept.status_code == 302
    assert Organisation.objects.get().registration_number == "1234567"


def test_the_check_names_character_and_position_while_one_types(client, person):
    assert "“O” at position 5" in check(client, "9111O")
    assert "13 more characters" in check(client, "91110")
    assert "1 more character." in check(client, "91110000600037341")
    assert "The code is right." in check(client, "91110000-60003734 1l")
    assert "does not fit" in check(client, "91110000600037341M")
    assert "has 18 characters; this one has 19" in check(client, "91110000600037341L0")
    assert "The code is right." not in check(client, "")


def test_the_check_is_a_part_of_the_page_and_works_without_htmx(client, person):
    part = client.get("/organisation/new/check/", {"uscc": "9111"}, headers=HTMX).content.decode()
    page = client.get("/organisation/new/check/", {"uscc": "9111"}).content.decode()

    assert part.strip().startswith('<div id="uscc-check"')
    assert "<html" in page
    assert 'value="9111"' in page


def test_the_check_escapes_what_is_typed(client, person):
    assert "<script" not in check(client, "<script>alert(1)</script>")


def test_the_check_warns_of_an_odd_organisation_code_and_of_a_taken_one(client, person):
    first17 = "91110000600037342"
    OrganisationFactory(uscc=credit_code(3_000_002))

    assert "would usually end in 1, not 2" in check(client, first17 + check_character(first17))
    assert "already registered" in check(client, credit_code(3_000_002))


def test_ones_own_code_is_not_taken(client_as):
    owner = MembershipFactory(role="owner", user__language="en")

    assert "The code is right." in check(client_as(owner), owner.organisation.uscc)


def profile_of(organisation: Organisation, **changes: object) -> dict[str, object]:
    return {
        "country": "CN",
        "uscc": organisation.uscc,
        "name_zh": organisation.name_zh,
        "name_en": organisation.name_en,
        "org_type": organisation.org_type,
        "size": organisation.size,
        "timezone": "Asia/Shanghai",
        "invoice_title": organisation.invoice_title,
    } | changes


def test_an_owner_edits_the_profile(client_as):
    owner = MembershipFactory(role="owner")
    district = DistrictFactory()
    changes = {"annual_revenue": "62000000.50", "employees": "86", "district": district.pk, "bank_name": "示例银行"}

    answer = client_as(owner).post("/organisation/edit/", profile_of(owner.organisation, **changes))

    assert answer.status_code == 302
    edited = Organisation.objects.get()
    assert (edited.annual_revenue_fen, edited.employees, edited.district, edited.bank_name, edited.is_verified) == (
        6_200_000_050,
        86,
        district,
        "示例银行",
        True,
    )


def test_an_unchanged_form_changes_nothing(client_as):
    owner = MembershipFactory(role="owner", organisation__annual_revenue_fen=6_200_000_050)
    client = client_as(owner)
    before = Organisation.objects.values().get()

    shown = client.get("/organisation/edit/").context["form"]
    client.post("/organisation/edit/", {name: shown[name].value() or "" for name in shown.fields})

    assert Organisation.objects.values().get() == before


def test_a_new_name_ends_the_verification_and_says_so(client_as):
    owner = MembershipFactory(role="owner", user__language="en")

    answer = client_as(owner).post(
        "/organisation/edit/", profile_of(owner.organisation, name_zh="另一个名字"), follow=True
    )

    assert Organisation.objects.get().verification == "unverified"
    assert b"please have it verified again" in answer.content


def test_a_form_shown_for_one_organisation_never_edits_another(client_as):
    owner = MembershipFactory(role="owner")
    other = MembershipFactory(role="owner", user=owner.user)
    before = other.organisation.phone

    client_as(other).post("/organisation/edit/", profile_of(owner.organisation, phone="020-7", acting=owner.pk))

    owner.organisation.refresh_from_db()
    other.organisation.refresh_from_db()
    assert (owner.organisation.phone, other.organisation.phone) == ("020-7", before)


def test_an_owner_records_a_taxpayer_type_once_a_day(client_as):
    owner = MembershipFactory(role="owner")
    client = client_as(owner)
    said = {"taxpayer_type": "general", "valid_from": "2026-07-01"}

    first = client.post("/organisation/taxpayer-type/", said)
    second = client.post("/organisation/taxpayer-type/", said)

    assert (first.status_code, second.status_code) == (302, 422)
    assert list(second.context["taxpayer_form"].errors) == ["valid_from"]
    assert owner.organisation.taxpayer_statuses.get().valid_from == date(2026, 7, 1)


@pytest.mark.parametrize(("role", "sees"), [("owner", True), ("finance", True), ("buyer", False), ("viewer", False)])
def test_money_matters_are_shown_to_owners_and_finance(client_as, role: str, sees: bool):
    member = MembershipFactory(role=role, organisation__bank_account="6200 0001")

    assert (b"6200 0001" in client_as(member).get("/organisation/").content) is sees
