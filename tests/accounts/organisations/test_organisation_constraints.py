"""What PostgreSQL keeps true of organisations."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.db.models.deletion import ProtectedError

from accounts.models import TaxpayerStatus
from kernel.refusals import violated
from tests.factories.accounts import DistrictFactory, OrganisationFactory, credit_code

pytestmark = pytest.mark.django_db


def refused_by(**fields: object) -> str:
    """Return the constraint that refuses an organisation with these fields."""
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        OrganisationFactory(**fields)
    return violated(refused.value)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"uscc": "91440106T00000O16"}, "organisation_uscc_is_well_formed"),
        ({"uscc": "91110000600037341l"}, "organisation_uscc_is_well_formed"),
        ({"uscc": None}, "organisation_is_identified"),
        ({"uscc": None, "foreign_reg_no": "X1"}, "organisation_is_identified"),
        ({"uscc": None, "country": "GB"}, "organisation_is_identified"),
        ({"country": "gb"}, "organisation_country_is_a_code"),
        ({"roles": ["customer", "king"]}, "organisation_roles_are_known"),
        ({"verification": "perhaps"}, "organisation_verification_is_known"),
        ({"monthly_credit_fen": -1}, "organisation_amounts_are_not_negative"),
        ({"annual_revenue_fen": -1}, "organisation_amounts_are_not_negative"),
    ],
)
def test_the_database_refuses_what_cannot_be(fields: dict[str, object], constraint: str):
    assert refused_by(**fields) == constraint


def test_a_credit_code_belongs_to_one_organisation():
    OrganisationFactory(uscc=credit_code(5_000_000))

    assert refused_by(uscc=credit_code(5_000_000)) == "organisation_uscc_is_unique"


def test_a_code_belongs_to_one_organisation():
    OrganisationFactory(code="ORG-7")

    assert refused_by(code="ORG-7") == "organisation_code_is_unique"


def test_a_foreign_number_belongs_to_one_organisation_of_a_country():
    abroad = {"uscc": None, "foreign_reg_no": "77", "org_type": "foreign"}
    OrganisationFactory(country="GB", **abroad)
    OrganisationFactory(country="HK", **abroad)

    assert refused_by(country="GB", **abroad) == "organisation_foreign_number_is_unique"


def test_a_taxpayer_type_begins_once_a_day():
    organisation = OrganisationFactory()
    TaxpayerStatus.objects.create(organisation=organisation, taxpayer_type="general", valid_from=date(2026, 1, 1))

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        TaxpayerStatus.objects.create(
            organisation=organisation, taxpayer_type="small_scale", valid_from=date(2026, 1, 1)
        )

    assert violated(refused.value) == "taxpayer_status_one_a_day"


def test_a_district_with_organisations_cannot_go():
    organisation = OrganisationFactory(district=DistrictFactory())

    with pytest.raises(ProtectedError):
        organisation.district.delete()


def test_an_organisation_tells_its_name_in_the_language_of_the_reader(settings):
    from django.utils import translation

    organisation = OrganisationFactory(name_zh="示例", name_en="Example")
    nameless = OrganisationFactory(name_zh="示例", name_en="")

    with translation.override("en"):
        assert (organisation.name, nameless.name) == ("Example", "示例")
    with translation.override("zh-hans"):
        assert organisation.name == "示例"
