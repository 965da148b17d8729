"""People, and what they say about themselves."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from accounts import access
from accounts.models import User
from accounts.people import operations as people
from audit.models import AuditEvent
from kernel.refusals import violated
from tests.factories.accounts import (
    LabMembershipFactory,
    MembershipFactory,
    PlatformMembershipFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def test_an_address_is_kept_and_found_in_lower_case():
    user = User.objects.create_user("Wang@Example.COM", "a-long-password")

    user.refresh_from_db()
    assert user.email == "wang@example.com"
    assert User.objects.get(email="WANG@example.com") == user
    assert user.check_password("a-long-password")


def test_an_address_belongs_to_one_person():
    UserFactory(email="wang@example.com")

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        UserFactory(email="WANG@example.com")

    assert violated(refused.value) == "user_email_is_unique"


def test_the_database_keeps_addresses_in_lower_case():
    user = UserFactory()

    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET email = 'Wang@example.com' WHERE id = %s", [user.pk])

    assert violated(refused.value) == "user_email_is_lower_case"


def test_a_person_without_a_name_is_called_by_the_address():
    assert str(User(email="wang@example.com")) == "wang@example.com"
    assert str(User(email="wang@example.com", name="王")) == "王"


def test_a_profile_is_edited_and_written_down():
    user = UserFactory(name="王")

    people.edit_profile(user=user, name=" 王芳 ", language="en", timezone="Europe/Berlin", now=NOW)

    user.refresh_from_db()
    assert (user.name, user.language, user.timezone, str(user.tz)) == ("王芳", "en", "Europe/Berlin", "Europe/Berlin")
    assert AuditEvent.objects.get().facts == {"user_id": user.pk, "changed": ["name", "language", "timezone"]}


@pytest.mark.parametrize(
    ("language", "timezone", "refusal"),
    [
        ("zh-hans", "Asia/Guangzhou", people.TimeZoneUnknown),
        ("zh-hans", "../etc/passwd", people.TimeZoneUnknown),
        ("fr", "Asia/Shanghai", people.LanguageUnknown),
    ],
)
def test_a_profile_the_platform_cannot_follow_is_refused(language: str, timezone: str, refusal: type[Exception]):
    with pytest.raises(refusal):
        people.edit_profile(user=UserFactory(), name="", language=language, timezone=timezone, now=NOW)


def test_each_rule_lets_in_its_members():
    buyer, viewer = MembershipFactory(), MembershipFactory(role="viewer")
    owner, operator = MembershipFactory(role="owner"), LabMembershipFactory()
    manager, platform = LabMembershipFactory(role="lab_manager"), PlatformMembershipFactory()
    everyone = {
        "nobody": None,
        "viewer": viewer,
        "buyer": buyer,
        "owner": owner,
        "operator": operator,
        "manager": manager,
        "platform": platform,
    }

    def let_in(rule: access.Rule) -> list[str]:
        return [who for who, member in everyone.items() if rule.allows(member)]

    assert let_in(access.ANYONE) == let_in(access.SIGNED_IN) == let_in(access.FEED_TOKEN) == list(everyone)
    assert let_in(access.MEMBER) == list(everyone)[1:]
    assert let_in(access.BUYER) == ["buyer", "owner", "platform"]
    assert let_in(access.ORGANISATION_OWNER) == ["owner", "platform"]
    assert let_in(access.LAB_STAFF) == ["operator", "manager"]
    assert let_in(access.LAB_MANAGER) == ["manager"]
    assert let_in(access.PLATFORM_OPERATOR) == ["platform"]
    assert [rule.name for rule in access.RULES if not rule.needs_session] == ["anyone", "feed_token"]
