from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The roof: when everything below stands, it says who reacts to what."""

    name = "config"

    def ready(self) -> None:
        from config import reactions

        reactions.connect()
