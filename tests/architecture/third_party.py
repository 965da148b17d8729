"""
Routes of packages: they declare no rule of ours, so what keeps others out is said here, once.

A route of a package that is not named here fails the build.
"""

STAFF = "staff"
"""Only who `is_staff`: Django's own check sends everybody else to the log-in."""
PERSON = "person"
"""A person's own account: allauth's own checks, nothing of an organisation."""
DOOR = "door"
"""The way in and out: open to everybody by its nature, with allauth's rate limits."""

BY_NAME: dict[str, str] = {
    "account_login": DOOR,
    "account_logout": DOOR,
    "account_signup": DOOR,
    "account_signup_by_passkey": DOOR,
    "account_reauthenticate": PERSON,
    "account_email": PERSON,
    "account_inactive": DOOR,
    "account_confirm_email": DOOR,
    "account_email_verification_sent": DOOR,
    "account_change_password": PERSON,
    "account_set_password": PERSON,
    "account_reset_password": DOOR,
    "account_reset_password_done": DOOR,
    "account_reset_password_from_key": DOOR,
    "account_reset_password_from_key_done": DOOR,
    "account_confirm_login_code": DOOR,
    "account_request_login_code": DOOR,
    "account_verify_phone": DOOR,
    "account_change_phone": PERSON,
    "mfa_authenticate": DOOR,
    "mfa_trust": DOOR,
    "mfa_login_webauthn": DOOR,
    "mfa_signup_webauthn": DOOR,
    "openid_connect_login": DOOR,
    "openid_connect_callback": DOOR,
    "socialaccount_login_cancelled": DOOR,
    "socialaccount_login_error": DOOR,
    "socialaccount_signup": DOOR,
    "socialaccount_connections": PERSON,
}
BY_PREFIX: dict[str, str] = {"admin:": STAFF, "mfa_": PERSON}
BY_SHAPE: dict[str, str] = {"admin/": STAFF, "accounts/social/": DOOR}


def kind_of(name: str, shape: str) -> str | None:
    """Return what keeps others out of a package's route; None where nobody has said it."""
    if name in BY_NAME:
        return BY_NAME[name]
    for prefix, kind in BY_PREFIX.items():
        if name.startswith(prefix):
            return kind
    return next((kind for prefix, kind in BY_SHAPE.items() if not name and shape.startswith(prefix)), None)
