from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, organisations, who belongs to which, and the tokens their programs carry."""

    name = "accounts"
