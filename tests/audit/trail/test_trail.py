"""The audit's entries: every event, written once."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from audit.models import AuditEvent
from kernel.events import Event, announce
from kernel.refusals import violated
from tests.factories.accounts import MembershipFactory, PlatformMembershipFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class KettleBoiled(Event):
    kettle_id: int
    on: date
    cups: tuple[str, ...]


def boiled(member, **fields: object) -> KettleBoiled:
    common = {"occurred_at": NOW, "actor_id": member.user_id, "organisation_id": member.organisation_id}
    return KettleBoiled(**(common | {"kettle_id": 7, "on": date(2026, 11, 24), "cups": ("a", "b")} | fields))


def test_every_event_is_written_down_in_one_statement(django_assert_num_queries):
    member = MembershipFactory()

    with django_assert_num_queries(1):
        announce(boiled(member, reason="tea"))

    written = AuditEvent.objects.get()
    assert (written.name, written.actor, written.organisation, written.reason, written.occurred_at) == (
        "kettle_boiled",
        member.user,
        member.organisation,
        "tea",
        NOW,
    )
    assert written.facts == {"kettle_id": 7, "on": "2026-11-24", "cups": ["a", "b"]}


def test_an_event_of_nobody_is_written_down():
    announce(boiled(MembershipFactory(), actor_id=None, organisation_id=None))

    assert AuditEvent.objects.filter(actor=None, organisation=None).count() == 1


@pytest.mark.parametrize("act", ["update", "delete"])
def test_what_is_written_is_final(act: str):
    announce(boiled(MembershipFactory()))

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        AuditEvent.objects.update(reason="coffee") if act == "update" else AuditEvent.objects.all().delete()

    assert violated(refused.value) == "audit_event_is_final"


def test_members_see_what_was_done_for_their_organisation():
    member, other, platform = MembershipFactory(), MembershipFactory(), PlatformMembershipFactory()
    for who in (member, other):
        announce(boiled(who))

    assert [event.actor_id for event in AuditEvent.objects.visible_to(member)] == [member.user_id]
    assert AuditEvent.objects.visible_to(platform).count() == 2


@pytest.mark.django_db(transaction=True)
def test_an_event_is_announced_in_a_transaction_and_goes_with_it():
    member = MembershipFactory()

    @transaction.atomic
    def fails() -> None:
        announce(boiled(member))
        raise ZeroDivisionError

    with pytest.raises(RuntimeError):
        announce(boiled(member))
    with pytest.raises(ZeroDivisionError):
        fails()

    assert not AuditEvent.objects.exists()
