"""People, organisations and memberships for tests."""

from datetime import UTC, datetime

import factory
from allauth.account.models import EmailAddress

from accounts.invitations import rules as invitation_rules
from accounts.models import ApiToken, District, Invitation, Membership, Organisation, User
from accounts.organisations.rules import check_character, organisation_check_character
from accounts.tokens import rules as token_rules

MADE_AT = datetime(2026, 11, 1, 1, 0, tzinfo=UTC)
PASSWORD = "a-long-password-for-tests"


def credit_code(number: int, *, authority: str = "91", adcode: str = "440106") -> str:
    """Return a right credit code, another for each number."""
    body = f"T{number:07d}"
    first17 = f"{authority}{adcode}{body}{organisation_check_character(body)}"
    return first17 + check_character(first17)


class DistrictFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = District
        django_get_or_create = ("adcode",)

    adcode = "440106"
    name_zh = "天河区"
    name_en = "Tianhe"
    lat = 23.1247
    lon = 113.3612


class UserFactory(factory.django.DjangoModelFactory):
    """A person whose e-mail address is verified; no password unless a test gives one."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    name = factory.Sequence(lambda n: f"人员{n}")
    password = "!"

    @factory.post_generation
    def verified(self: User, create: bool, extracted: bool | None, **kwargs: object) -> None:
        if create and extracted is not False:
            EmailAddress.objects.create(user=self, email=self.email, verified=True, primary=True)


class OrganisationFactory(factory.django.DjangoModelFactory):
    """A verified small customer of Guangzhou."""

    class Meta:
        model = Organisation

    code = factory.Sequence(lambda n: f"ORG-T{n}")
    name_zh = factory.Sequence(lambda n: f"示例企业{n}")
    name_en = factory.Sequence(lambda n: f"Example Company {n}")
    org_type = Organisation.OrgType.ENTERPRISE
    uscc = factory.Sequence(credit_code)
    size = Organisation.Size.SMALL
    roles = [Organisation.Role.CUSTOMER]
    verification = Organisation.Verification.VERIFIED
    invoice_title = factory.SelfAttribute("name_zh")


class LabOrganisationFactory(OrganisationFactory):
    size = Organisation.Size.NOT_APPLICABLE
    roles = [Organisation.Role.LAB_OWNER]


class PlatformOrganisationFactory(OrganisationFactory):
    size = Organisation.Size.NOT_APPLICABLE
    roles = [Organisation.Role.PLATFORM_OPERATOR]


class MembershipFactory(factory.django.DjangoModelFactory):
    """A buyer of a verified small customer, who may book."""

    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    role = Membership.Role.BUYER


class LabMembershipFactory(MembershipFactory):
    """An operator of a lab owner."""

    organisation = factory.SubFactory(LabOrganisationFactory)
    role = Membership.Role.LAB_OPERATOR


class PlatformMembershipFactory(MembershipFactory):
    """A member of the platform's operator."""

    organisation = factory.SubFactory(PlatformOrganisationFactory)
    role = Membership.Role.OWNER


class InvitationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Invitation

    class Params:
        text = factory.LazyFunction(invitation_rules.new_text)

    organisation = factory.SubFactory(OrganisationFactory)
    email = factory.Sequence(lambda n: f"invited{n}@example.com")
    role = Membership.Role.BUYER
    token_hash = factory.LazyAttribute(lambda made: invitation_rules.hashed(made.text))
    invited_by = factory.SubFactory(UserFactory)
    created_at = MADE_AT
    expires_at = datetime(2099, 1, 1, tzinfo=UTC)


class ApiTokenFactory(factory.django.DjangoModelFactory):
    """A token with every scope; a test that needs its text gives it."""

    class Meta:
        model = ApiToken

    class Params:
        text = factory.LazyFunction(token_rules.new_text)

    membership = factory.SubFactory(MembershipFactory)
    name = "测试程序"
    token_prefix = factory.LazyAttribute(lambda made: token_rules.begins(made.text))
    token_hash = factory.LazyAttribute(lambda made: token_rules.hashed(made.text))
    scopes = list(token_rules.SCOPES)
    created_at = MADE_AT
