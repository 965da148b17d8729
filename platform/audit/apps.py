from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    """Who did what, and which requests were already answered."""

    name = "audit"
    verbose_name = _("What was done")
