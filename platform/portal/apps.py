from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The pages and endpoints of accounts: sign-up, organisations, members, tokens, verification."""

    name = "portal"
