"""Registering an organisation and editing its profile."""

from datetime import UTC, date, datetime

import pytest

from accounts.memberships import operations as memberships
from accounts.models import Membership, Organisation
from accounts.organisations import operations as organisations
from accounts.organisations.rules import check_character, taxpayer_type_on
from audit.models import AuditEvent
from kernel.refusals import Refusals
from tests.factories.accounts import OrganisationFactory, UserFactory, credit_code

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def details(**changes: str) -> dict[str, str]:
    return {"name_zh": "示例精工", "org_type": "enterprise", "uscc": credit_code(4_000_001)} | changes


def edited(organisation: Organisation, **changes: object) -> Organisation:
    identity = {
        "uscc": organisation.uscc or "",
        "country": organisation.country,
        "foreign_reg_no": organisation.foreign_reg_no,
    }
    return organisations.edit(organisation=organisation, by=UserFactory(), now=NOW, **(identity | changes))


def test_who_registers_an_organisation_owns_it():
    person = UserFactory()

    membership = memberships.register_organisation(by=person, now=NOW, **details())

    assert (membership.user, membership.role, membership.created_at) == (person, Membership.Role.OWNER, NOW)
    organisation = Organisation.objects.get()
    assert (organisation.name_zh, organisation.roles, organisation.verification) == (
        "示例精工",
        ["customer"],
        "unverified",
    )
    assert organisation.invoice_title == "示例精工"


def test_organisations_are_numbered_as_they_come():
    first = memberships.register_organisation(by=UserFactory(), now=NOW, **details()).organisation
    second = memberships.register_organisation(
        by=UserFactory(), now=NOW, **details(uscc=credit_code(4_000_002))
    ).organisation

    assert first.code.startswith("ORG-")
    assert int(second.code.removeprefix("ORG-")) == int(first.code.removeprefix("ORG-")) + 1


def test_registering_is_written_down():
    person = UserFactory()

    organisation = memberships.register_organisation(by=person, now=NOW, **details()).organisation

    written = AuditEvent.objects.order_by("pk").values_list("name", "actor", "organisation")
    assert list(written) == [
        ("organisation_registered", person.pk, organisation.pk),
        ("member_joined", person.pk, organisation.pk),
    ]


def test_a_typed_credit_code_is_kept_folded():
    typed = f" {credit_code(4_000_001).lower()[:8]}-{credit_code(4_000_001)[8:]} "

    organisation = memberships.register_organisation(by=UserFactory(), now=NOW, **details(uscc=typed)).organisation

    assert organisation.uscc == credit_code(4_000_001)


def test_a_credit_code_with_an_odd_organisation_code_is_taken():
    first17 = "91110000600037342"

    organisation = memberships.register_organisation(
        by=UserFactory(), now=NOW, **details(uscc=first17 + check_character(first17))
    ).organisation

    assert organisation.uscc == first17 + check_character(first17)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"uscc": ""}, organisations.CreditCodeMissing),
        ({"uscc": " - "}, organisations.CreditCodeMissing),
        ({"uscc": "91440106O"}, Refusals),
        ({"name_zh": "  "}, organisations.NameMissing),
        ({"country": "HK"}, organisations.ForeignNumberMissing),
        ({"country": "GBR", "foreign_reg_no": "1"}, organisations.ForeignNumberMissing),
    ],
)
def test_an_organisation_that_cannot_be_identified_is_refused(changes: dict[str, str], refusal: type[Exception]):
    with pytest.raises(refusal):
        memberships.register_organisation(by=UserFactory(), now=NOW, **details(**changes))

    assert not Organisation.objects.exists()
    assert not AuditEvent.objects.exists()


def test_an_organisation_of_hong_kong_gives_its_number_there():
    organisation = memberships.register_organisation(
        by=UserFactory(), now=NOW, **details(uscc="ignored", country="hk", foreign_reg_no=" 1234567 ")
    ).organisation

    assert (organisation.uscc, organisation.country, organisation.foreign_reg_no) == (None, "HK", "1234567")


def test_a_registered_credit_code_is_refused_by_name():
    OrganisationFactory(uscc=credit_code(4_000_001))

    with pytest.raises(organisations.CreditCodeTaken) as refused:
        memberships.register_organisation(by=UserFactory(), now=NOW, **details())

    assert refused.value.facts == {"uscc": credit_code(4_000_001)}
    assert not Membership.objects.exists()


def test_a_registered_foreign_number_is_refused_by_name():
    abroad = {"uscc": "", "country": "GB", "foreign_reg_no": "77"}
    memberships.register_organisation(by=UserFactory(), now=NOW, **details(**abroad))

    with pytest.raises(organisations.ForeignNumberTaken):
        memberships.register_organisation(by=UserFactory(), now=NOW, **details(**abroad))


def test_nobody_gives_themselves_a_role_or_credit():
    with pytest.raises(TypeError):
        memberships.register_organisation(by=UserFactory(), now=NOW, **details(), monthly_credit_fen=10)
    with pytest.raises(TypeError):
        edited(OrganisationFactory(), roles=["platform_operator"])


def test_an_edited_profile_is_kept_and_written_down():
    organisation = edited(OrganisationFactory(), phone="020-1", bank_name="示例银行")

    organisation.refresh_from_db()
    assert (organisation.phone, organisation.bank_name, organisation.is_verified) == ("020-1", "示例银行", True)
    assert AuditEvent.objects.get().facts == {"changed": ["bank_name", "phone"], "verification_lost": False}


@pytest.mark.parametrize(
    "changes",
    [{"name_zh": "另一个名字"}, {"uscc": credit_code(4_500_000)}, {"size": "micro"}, {"org_type": "government"}],
)
def test_a_change_of_what_was_verified_ends_the_verification(changes: dict[str, str]):
    organisation = edited(OrganisationFactory(), **changes)

    assert organisation.verification == "unverified"
    assert AuditEvent.objects.get().facts["verification_lost"] is True


def test_editing_towards_a_taken_credit_code_is_refused_by_name():
    OrganisationFactory(uscc=credit_code(4_000_001))

    with pytest.raises(organisations.CreditCodeTaken):
        edited(OrganisationFactory(), uscc=credit_code(4_000_001))


def test_the_taxpayer_type_of_a_day_is_the_one_recorded_last_before_it():
    history = [(date(2026, 1, 1), "small_scale"), (date(2026, 7, 1), "general")]

    assert taxpayer_type_on(history, date(2025, 12, 31)) is None
    assert taxpayer_type_on(history, date(2026, 6, 30)) == "small_scale"
    assert taxpayer_type_on(history, date(2026, 7, 1)) == "general"


def test_a_taxpayer_type_is_recorded_once_a_day():
    organisation = OrganisationFactory()
    on = {"organisation": organisation, "valid_from": date(2026, 7, 1), "by": UserFactory(), "now": NOW}
    organisations.record_taxpayer_type(taxpayer_type="general", **on)

    with pytest.raises(organisations.TaxpayerTypeAlreadyRecorded):
        organisations.record_taxpayer_type(taxpayer_type="small_scale", **on)

    assert organisation.taxpayer_statuses.get().taxpayer_type == "general"


def terms(**changes: object) -> Organisation:
    wanted = {"roles": ["lab_owner", "customer"], "monthly_credit_fen": 100, "suspended_until": NOW} | changes
    return organisations.set_terms(organisation=OrganisationFactory(), by=UserFactory(), now=NOW, **wanted)


def test_the_operators_terms_are_kept_and_written_down():
    organisation = terms()

    organisation.refresh_from_db()
    assert (organisation.roles, organisation.monthly_credit_fen, organisation.suspended_until) == (
        ["customer", "lab_owner"],
        100,
        NOW,
    )
    assert AuditEvent.objects.get().name == "organisation_terms_set"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"roles": ["king"]}, organisations.RoleUnknown),
        ({"monthly_credit_fen": -1}, organisations.CreditNegative),
    ],
)
def test_terms_that_cannot_be_are_refused(changes: dict[str, object], refusal: type[Exception]):
    with pytest.raises(refusal):
        terms(**changes)
