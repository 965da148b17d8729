"""What the platform's staff see and decide in the administration."""

import pytest
from django.contrib import admin

from accounts.models import Organisation
from audit.models import AuditEvent
from tests.factories.accounts import (
    ApiTokenFactory,
    DistrictFactory,
    InvitationFactory,
    MembershipFactory,
    OrganisationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    person = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    return person


def rows() -> None:
    """Make one row of everything the administration shows."""
    token = ApiTokenFactory()
    InvitationFactory()
    DistrictFactory()
    AuditEvent.objects.create(name="it_rained", occurred_at=token.created_at, actor=token.membership.user)


@pytest.mark.parametrize("app", ["accounts", "audit"])
def test_every_list_and_every_row_can_be_looked_at(client, staff, app: str):
    rows()

    models = [model for model in admin.site._registry if model._meta.app_label == app]
    for model in models:
        name = model._meta.model_name
        assert client.get(f"/admin/{app}/{name}/").status_code == 200
        row = model._default_manager.first()
        assert client.get(f"/admin/{app}/{name}/{row.pk}/change/").status_code == 200
    assert models


def test_terms_are_set_by_the_operation_that_writes_them_down(client, staff):
    organisation = OrganisationFactory()
    terms = {
        "roles": ["customer", "lab_owner"],
        "monthly_credit_fen": "5000000",
        "suspended_until_0": "",
        "suspended_until_1": "",
        **{f"{inline}-{count}_FORMS": "0" for inline in INLINES for count in ("TOTAL", "INITIAL")},
    }

    answer = client.post(f"/admin/accounts/organisation/{organisation.pk}/change/", terms)

    assert answer.status_code == 302
    organisation.refresh_from_db()
    assert (organisation.roles, organisation.monthly_credit_fen) == (["customer", "lab_owner"], 5_000_000)
    assert AuditEvent.objects.get().facts == {
        "roles": ["customer", "lab_owner"],
        "monthly_credit_fen": 5_000_000,
        "suspended_until": None,
    }


INLINES = ("memberships", "taxpayer_statuses")


def test_nobody_is_made_or_taken_away_there(client, staff):
    membership = MembershipFactory()

    assert client.get("/admin/accounts/organisation/add/").status_code == 403
    assert client.post(f"/admin/accounts/organisation/{membership.organisation_id}/delete/").status_code == 403
    assert Organisation.objects.count() == 1


def test_the_administration_is_closed_to_members(client_as):
    assert client_as(MembershipFactory(role="owner")).get("/admin/accounts/organisation/").status_code == 302
