"""From a stranger to a member: sign-up, the mail that confirms, where one lands, and guessing made slow."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from accounts.models import User
from tests.factories.accounts import (
    InvitationFactory,
    LabMembershipFactory,
    MembershipFactory,
    PlatformMembershipFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
PASSWORD = "plum-rain-in-guangzhou"
PASSWORDS = {"password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def sign_up(client, email: str = "New@Example.com", **more: str):
    return client.post("/accounts/signup/", {"email": email, "name": "王芳", **PASSWORDS, **more})


def link_in(message: mail.EmailMessage) -> str:
    found = re.search(r"http://[^/\s]+(/accounts/confirm-email/\S+)", message.body)
    assert found
    return found[1]


def with_password(member):
    member.user.set_password(PASSWORD)
    member.user.save()
    return member.user


def log_in(client, email: str, password: str = PASSWORD):
    return client.post("/accounts/login/", {"login": email, "password": password})


def test_who_signs_up_confirms_the_address_and_registers_an_organisation(client):
    answer = sign_up(client)

    assert answer.url == "/accounts/confirm-email/"
    user = User.objects.get()
    assert (user.email, user.name, user.language) == ("new@example.com", "王芳", "zh-hans")
    assert not EmailAddress.objects.get().verified

    client.post(link_in(mail.outbox[0]))

    assert EmailAddress.objects.get().verified
    assert log_in(client, "new@example.com").url == "/organisation/new/"


def test_nobody_comes_in_before_the_address_is_confirmed(client):
    sign_up(client)

    assert log_in(client, "new@example.com").url == "/accounts/confirm-email/"
    assert client.get("/my/profile/").status_code == 302


def test_the_language_of_the_sign_up_is_kept_and_written_in(client):
    client.cookies["language"] = "en"

    sign_up(client)

    assert User.objects.get().language == "en"
    [message] = mail.outbox
    assert message.subject == "Please Confirm Your Email Address"
    assert "公衡 Gongheng" in message.body
    assert "example.com!" not in message.body


def test_a_name_is_asked_for(client):
    assert "name" in sign_up(client, name="").context["form"].errors


def test_an_address_signed_up_twice_tells_its_reader_alone(client):
    UserFactory(email="new@example.com")

    answer = sign_up(client)

    assert answer.url == "/accounts/confirm-email/"
    assert User.objects.count() == 1
    assert mail.outbox[0].to == ["new@example.com"]


@pytest.mark.parametrize(
    ("factory", "fields", "lands"),
    [
        (MembershipFactory, {"role": "buyer"}, "/my/"),
        (LabMembershipFactory, {}, "/desk/"),
        (PlatformMembershipFactory, {}, "/ops/verification/"),
    ],
)
def test_each_lands_where_their_work_is(client, factory, fields: dict[str, str], lands: str):
    user = with_password(factory(**fields))

    assert log_in(client, user.email).url == lands


def test_who_is_invited_lands_at_the_invitations(client):
    user = UserFactory(email="new@example.com")
    user.set_password(PASSWORD)
    user.save()
    InvitationFactory(email="new@example.com")

    assert log_in(client, user.email).url == "/invitations/"


def test_a_log_in_leads_back_to_where_one_came_from(client):
    user = with_password(MembershipFactory())

    answer = client.post(
        "/accounts/login/", {"login": user.email, "password": PASSWORD, "next": "/organisation/members/"}
    )

    assert answer.url == "/organisation/members/"


def test_guessing_a_password_is_stopped(client):
    user = with_password(MembershipFactory())
    client.cookies["language"] = "en"

    answers = [log_in(client, user.email, "wrong") for _ in range(6)]

    assert "Too many failed login attempts" in answers[-1].context["form"].errors["__all__"][0]
    assert log_in(client, user.email).status_code == 200


@pytest.mark.parametrize(
    "page",
    [
        "login/",
        "signup/",
        "password/reset/",
        "password/reset/done/",
        "confirm-email/",
        "password/reset/key/done/",
        "inactive/",
    ],
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_pages_before_the_log_in_stand_in_our_frame(client, page: str, language: str):
    client.cookies["language"] = language

    answer = client.get(f"/accounts/{page}")

    assert answer.status_code == 200
    assert "skip-link" in answer.content.decode()


@pytest.mark.parametrize(
    "page", ["email/", "password/change/", "2fa/", "logout/", "2fa/totp/activate/", "2fa/webauthn/", "reauthenticate/"]
)
def test_the_pages_of_ones_account_stand_in_our_frame(client, page: str):
    user = with_password(MembershipFactory())
    log_in(client, user.email)

    answer = client.get(f"/accounts/{page}", follow=True)

    assert answer.status_code == 200
    assert "skip-link" in answer.content.decode()


def test_an_authenticator_app_is_switched_on_and_asked_for(client):
    from allauth.mfa.totp.internal import auth as totp

    user = with_password(MembershipFactory())
    log_in(client, user.email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    code = totp.format_hotp_value(totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time()))))

    activated = client.post("/accounts/2fa/totp/activate/", {"code": code})
    codes = client.get("/accounts/2fa/recovery-codes/")
    client.post("/accounts/logout/")
    asked = log_in(client, user.email)

    assert activated.status_code == 302
    assert len(codes.context["unused_codes"]) == 10
    assert asked.url == "/accounts/2fa/authenticate/"
    assert client.get(asked.url).status_code == 200
    assert client.get("/my/profile/").status_code == 302
    recovered = client.post(asked.url, {"code": codes.context["unused_codes"][0]})
    assert recovered.url == "/my/"
