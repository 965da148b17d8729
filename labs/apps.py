from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LabsConfig(AppConfig):
    """What exists: labs and their instruments, whether calibrated, when open, with whom, at what price."""

    name = "labs"
    verbose_name = _("Labs and instruments")
