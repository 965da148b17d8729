from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demo: data and the commands that load them; no tables."""

    name = "demo"
