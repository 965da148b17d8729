"""Founding an organisation's membership, changing roles, ending memberships."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.memberships import rules
from accounts.memberships.events import MemberJoined, MembershipEnded, RoleChanged
from accounts.memberships.models import Membership
from accounts.organisations import operations as organisations
from accounts.organisations.models import Organisation
from accounts.people.models import User
from kernel.events import announce
from kernel.locks import lock
from kernel.refusals import Refusal


class LastOwner(Refusal):
    code = "last_owner"
    message = _("{person} is the only owner of {organisation}. Make someone else an owner first.")


class NoLongerOwner(Refusal):
    code = "no_longer_owner"
    message = _("You no longer manage the members of {organisation}.")
    status = 403


class NoLongerMember(Refusal):
    code = "no_longer_member"
    message = _("{person} is no longer a member of {organisation}.")


class RoleUnsuitable(Refusal):
    code = "role_unsuitable"
    message = _("{organisation} has no members with the role “{role}”: only the owners of labs do.")
    status = 422


class RoleUnchanged(Refusal):
    code = "role_unchanged"
    message = _("{person} already has that role.")


@transaction.atomic
def register_organisation(*, by: User, now: datetime, **details: Any) -> Membership:
    """
    Register an organisation and make who registers it its owner; `details` as `organisations.register` takes them.

    Raises:
        Refusal: whatever `organisations.register` refuses.
    """
    organisation = organisations.register(by=by, now=now, **details)
    membership = Membership.objects.create(
        user=by, organisation=organisation, role=Membership.Role.OWNER, created_at=now
    )
    announce(
        MemberJoined(
            occurred_at=now,
            actor_id=by.pk,
            organisation_id=organisation.pk,
            membership_id=membership.pk,
            user_id=by.pk,
            role=membership.role,
        )
    )
    return membership


@transaction.atomic
def change_role(*, membership: Membership, role: str, by: Membership, now: datetime) -> Membership:
    """
    Give a member another role.

    Raises:
        NoLongerOwner: whoever asks was demoted or removed meanwhile.
        NoLongerMember: the member was removed meanwhile.
        RoleUnsuitable: a lab's role, in an organisation that owns no lab.
        RoleUnchanged: they have that role.
        LastOwner: nobody would be left to manage the organisation.
        Busy: others are changing the members for too long.
    """
    organisation, current = _locked(membership, by)
    if not by_owner(by, organisation):
        raise NoLongerOwner(organisation=organisation.name)
    if role not in rules.roles_of(organisation.roles):
        raise RoleUnsuitable(organisation=organisation.name, role=role)
    if current.role == role:
        raise RoleUnchanged(person=str(current.user))
    _keep_an_owner(current, after=role, organisation=organisation)
    before, current.role = current.role, role
    current.save(update_fields=["role"])
    announce(
        RoleChanged(
            occurred_at=now,
            actor_id=by.user_id,
            organisation_id=organisation.pk,
            membership_id=current.pk,
            user_id=current.user_id,
            before=before,
            after=role,
        )
    )
    return current


@transaction.atomic
def remove(*, membership: Membership, by: Membership, now: datetime) -> Membership:
    """
    End a membership: an owner removes anyone, everyone may leave. Tokens of the membership end with it.

    Raises:
        NoLongerOwner: whoever asks was demoted or removed meanwhile.
        NoLongerMember: the member is gone already.
        LastOwner: nobody would be left to manage the organisation.
        Busy: others are changing the members for too long.
    """
    organisation, current = _locked(membership, by)
    if current.pk != by.pk and not by_owner(by, organisation):
        raise NoLongerOwner(organisation=organisation.name)
    _keep_an_owner(current, after=None, organisation=organisation)
    current.is_active = False
    current.save(update_fields=["is_active"])
    announce(
        MembershipEnded(
            occurred_at=now,
            actor_id=by.user_id,
            organisation_id=organisation.pk,
            membership_id=current.pk,
            user_id=current.user_id,
            role=current.role,
        )
    )
    return current


def by_owner(by: Membership, organisation: Organisation) -> bool:
    """Whether who asks still owns the organisation; asked under its lock, for two owners may act at once."""
    return Membership.objects.owners().filter(pk=by.pk, organisation=organisation).exists()


def _locked(membership: Membership, by: Membership) -> tuple[Organisation, Membership]:
    """Lock the organisation, and return it with the member as they are now."""
    if membership.organisation_id != by.organisation_id:
        raise ValueError("members are managed by their own organisation")
    [organisation] = lock(Organisation.objects.filter(pk=by.organisation_id))
    current = Membership.objects.select_related("user").get(pk=membership.pk)
    if not current.is_active:
        raise NoLongerMember(person=str(current.user), organisation=organisation.name)
    return organisation, current


def _keep_an_owner(current: Membership, *, after: str | None, organisation: Organisation) -> None:
    others = Membership.objects.owners().filter(organisation=organisation).exclude(pk=current.pk).count()
    if rules.leaves_no_owner(before=current.role, after=after, other_owners=others):
        raise LastOwner(person=str(current.user), organisation=organisation.name)
