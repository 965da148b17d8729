from typing import Any

from django.apps import AppConfig, apps


class WebConfig(AppConfig):
    """What all pages share: access, the acting organisation, language, forms, the frame of every page."""

    name = "web"

    def ready(self) -> None:
        from web.storage import NEVER_SHOWN

        staticfiles: Any = apps.get_app_config("staticfiles")
        staticfiles.ignore_patterns = [*staticfiles.ignore_patterns, *NEVER_SHOWN]
