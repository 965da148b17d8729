from django.apps import AppConfig


class WebConfig(AppConfig):
    """What all pages share: access, the acting organisation, language, forms, the frame of every page."""

    name = "web"
