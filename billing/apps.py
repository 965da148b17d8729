from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    """What is owed and paid."""

    name = "billing"
    verbose_name = _("What is owed")
