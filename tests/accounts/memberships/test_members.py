"""Changing roles, removing members, leaving; and what the last owner cannot do."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from accounts.memberships import operations as memberships
from accounts.memberships import rules
from accounts.models import ApiToken, Membership
from audit.models import AuditEvent
from kernel.refusals import violated
from tests.factories.accounts import (
    ApiTokenFactory,
    LabOrganisationFactory,
    MembershipFactory,
    OrganisationFactory,
    UserFactory,
)
from tests.factories.racing import at_once

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("owner", ("book", "money", "manage", "operate", "prices")),
        ("buyer", ("book",)),
        ("finance", ("money",)),
        ("technician", ()),
        ("viewer", ()),
        ("lab_manager", ("operate", "prices")),
        ("lab_operator", ("operate",)),
    ],
)
def test_each_role_may_do_its_part(role: str, may: tuple[str, ...]):
    lab = ["lab_owner"]
    allowed = {
        "book": rules.may_book(role),
        "money": rules.may_see_money(role),
        "manage": rules.may_manage_organisation(role),
        "operate": rules.may_operate_lab(role, lab),
        "prices": rules.may_manage_lab(role, lab),
    }

    assert tuple(what for what, is_allowed in allowed.items() if is_allowed) == may


@pytest.mark.parametrize("role", ["owner", "lab_manager", "lab_operator"])
def test_nobody_operates_a_lab_their_organisation_does_not_own(role: str):
    assert not rules.may_operate_lab(role, ["customer"])
    assert not rules.may_manage_lab(role, ["customer"])


def test_only_owners_of_labs_have_the_roles_of_labs():
    assert rules.roles_of(["customer"]) == ["owner", "buyer", "finance", "technician", "viewer"]
    assert rules.roles_of(["lab_owner"])[-2:] == ["lab_manager", "lab_operator"]


def test_a_person_belongs_to_an_organisation_once():
    membership = MembershipFactory()

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        MembershipFactory(user=membership.user, organisation=membership.organisation)

    assert violated(refused.value) == "membership_once"


def test_a_membership_has_a_known_role():
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        MembershipFactory(role="king")

    assert violated(refused.value) == "membership_role_is_known"


def test_an_owner_gives_a_member_another_role():
    owner = MembershipFactory(role="owner")
    member = MembershipFactory(organisation=owner.organisation, role="viewer")

    changed = memberships.change_role(membership=member, role="buyer", by=owner, now=NOW)

    assert (changed.role, changed.may_book) == ("buyer", True)
    written = AuditEvent.objects.get()
    assert (written.name, written.actor_id, written.facts) == (
        "role_changed",
        owner.user_id,
        {"membership_id": member.pk, "user_id": member.user_id, "before": "viewer", "after": "buyer"},
    )


def test_a_lab_has_operators_and_others_do_not():
    lab_owner = MembershipFactory(organisation=LabOrganisationFactory(), role="owner")
    technician = MembershipFactory(organisation=lab_owner.organisation, role="technician")
    owner = MembershipFactory(role="owner")

    changed = memberships.change_role(membership=technician, role="lab_operator", by=lab_owner, now=NOW)

    assert changed.may_operate_lab
    with pytest.raises(memberships.RoleUnsuitable):
        memberships.change_role(
            membership=MembershipFactory(organisation=owner.organisation), role="lab_operator", by=owner, now=NOW
        )


def test_a_role_one_has_is_not_given_again():
    owner = MembershipFactory(role="owner")

    with pytest.raises(memberships.RoleUnchanged):
        memberships.change_role(
            membership=MembershipFactory(organisation=owner.organisation, role="buyer"), role="buyer", by=owner, now=NOW
        )


def test_the_last_owner_keeps_the_role_and_stays():
    owner = MembershipFactory(role="owner")
    MembershipFactory(organisation=owner.organisation, role="buyer")
    MembershipFactory(organisation=owner.organisation, role="owner", is_active=False)
    MembershipFactory(organisation=owner.organisation, role="owner", user=UserFactory(is_active=False))

    with pytest.raises(memberships.LastOwner):
        memberships.change_role(membership=owner, role="buyer", by=owner, now=NOW)
    with pytest.raises(memberships.LastOwner):
        memberships.remove(membership=owner, by=owner, now=NOW)

    owner.refresh_from_db()
    assert (owner.role, owner.is_active) == ("owner", True)


def test_one_of_two_owners_may_leave():
    owner = MembershipFactory(role="owner")
    MembershipFactory(organisation=owner.organisation, role="owner")

    assert not memberships.remove(membership=owner, by=owner, now=NOW).is_active


def test_everyone_may_leave_but_only_owners_remove_others():
    buyer = MembershipFactory(role="buyer")
    viewer = MembershipFactory(organisation=buyer.organisation, role="viewer")

    with pytest.raises(memberships.NoLongerOwner):
        memberships.remove(membership=viewer, by=buyer, now=NOW)
    assert not memberships.remove(membership=buyer, by=buyer, now=NOW).is_active


def test_a_removed_member_loses_tokens_for_good():
    owner = MembershipFactory(role="owner")
    member = MembershipFactory(organisation=owner.organisation)
    ApiTokenFactory(membership=member)
    kept = ApiTokenFactory(membership=owner)

    memberships.remove(membership=member, by=owner, now=NOW)

    assert list(ApiToken.objects.filter(revoked_at__isnull=True)) == [kept]
    assert AuditEvent.objects.get().name == "membership_ended"


def test_a_member_is_removed_once():
    owner = MembershipFactory(role="owner")
    member = MembershipFactory(organisation=owner.organisation)
    memberships.remove(membership=member, by=owner, now=NOW)

    with pytest.raises(memberships.NoLongerMember):
        memberships.remove(membership=member, by=owner, now=NOW)
    with pytest.raises(memberships.NoLongerMember):
        memberships.change_role(membership=member, role="viewer", by=owner, now=NOW)


def test_members_of_another_organisation_are_out_of_reach():
    with pytest.raises(ValueError, match="own organisation"):
        memberships.remove(membership=MembershipFactory(), by=MembershipFactory(role="owner"), now=NOW)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_owners_who_remove_each_other_leave_one_owner():
    for _ in range(5):
        one = MembershipFactory(role="owner")
        other = MembershipFactory(organisation=one.organisation, role="owner")

        outcomes = at_once(
            lambda one=one, other=other: memberships.remove(membership=other, by=one, now=NOW),
            lambda one=one, other=other: memberships.remove(membership=one, by=other, now=NOW),
        )

        refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        assert [type(refusal) for refusal in refused] in ([memberships.NoLongerOwner], [memberships.NoLongerMember])
        assert Membership.objects.owners().filter(organisation=one.organisation).count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_owners_who_step_down_at_once_leave_one_owner():
    for _ in range(5):
        one = MembershipFactory(role="owner")
        other = MembershipFactory(organisation=one.organisation, role="owner")

        outcomes = at_once(
            lambda one=one: memberships.change_role(membership=one, role="viewer", by=one, now=NOW),
            lambda other=other: memberships.remove(membership=other, by=other, now=NOW),
        )

        assert [type(o) for o in outcomes if isinstance(o, Exception)] == [memberships.LastOwner]
        assert Membership.objects.owners().filter(organisation=one.organisation).count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_the_same_credit_code_registered_at_once_is_kept_once():
    from accounts.models import Organisation
    from accounts.organisations import operations as organisations
    from tests.factories.accounts import credit_code

    people = [UserFactory() for _ in range(4)]

    outcomes = at_once(
        *(
            lambda person=person: memberships.register_organisation(
                by=person, now=NOW, name_zh="示例", org_type="enterprise", uscc=credit_code(4_000_009)
            )
            for person in people
        )
    )

    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert [type(refusal) for refusal in refused] == [organisations.CreditCodeTaken] * 3
    assert Organisation.objects.filter(uscc=credit_code(4_000_009)).count() == 1
    assert Membership.objects.count() == 1


def test_the_organisation_with_its_members_is_told_apart_from_others():
    mine = MembershipFactory()
    MembershipFactory(organisation=OrganisationFactory())

    assert list(Membership.objects.visible_to(mine)) == [mine]
