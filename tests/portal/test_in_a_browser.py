"""What needs a real browser: the check while typing, the fields that follow the country, and a passkey."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Membership
from tests.factories.accounts import MembershipFactory, credit_code

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "plum-rain-in-guangzhou"


def person(**fields: object) -> Membership:
    member = MembershipFactory(**({"user__language": "en"} | fields))
    member.user.set_password(PASSWORD)
    member.user.save()
    return member


def test_a_credit_code_is_checked_while_it_is_typed(page_as):
    page: Page = page_as(person())
    page.goto("/organisation/new/")
    code = credit_code(9_000_001)

    page.get_by_label("Unified social credit code").press_sequentially(code[:4] + "O")
    expect(page.locator("#uscc-check")).to_contain_text("“O” at position 5")
    page.get_by_label("Unified social credit code").fill(code)

    expect(page.locator("#uscc-check")).to_contain_text("The code is right.")
    expect(page.locator("#uscc-check .is-wrong")).to_have_count(0)


def test_abroad_a_registration_number_is_asked_for_instead(page_as):
    page: Page = page_as(person())
    page.goto("/organisation/new/")
    uscc, number = page.get_by_label("Unified social credit code"), page.get_by_label("Registration number there")
    expect(uscc).to_be_visible()
    expect(number).to_be_hidden()

    page.get_by_label("Country or region").select_option("HK")

    expect(uscc).to_be_hidden()
    expect(number).to_be_visible()


def test_a_passkey_is_added_and_signs_in_without_a_password(page: Page, live_server):
    member = person()
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    page.context.add_cookies([{"name": "language", "value": "en", "url": live_server.url}])
    page.goto("/accounts/login/?next=/my/profile/")
    page.locator("#id_login").fill(member.user.email)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile(r"/my/profile/$"))

    page.goto("/accounts/2fa/webauthn/add/")
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.locator("#id_name").fill("Laptop")
    page.locator("#id_passwordless").check()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("Recovery", ignore_case=True)

    page.context.clear_cookies(name="sessionid")
    page.goto("/accounts/login/?next=/my/profile/")
    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page).to_have_url(re.compile(r"/my/profile/$"))
    expect(page.get_by_role("main")).to_contain_text(member.organisation.name_en)
