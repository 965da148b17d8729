from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """People, organisations, who belongs to which, and the tokens their programs carry."""

    name = "accounts"
    verbose_name = _("People and organisations")
