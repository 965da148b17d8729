from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The roof: when everything below stands, it says who reacts to what, and what people may be told."""

    name = "config"

    def ready(self) -> None:
        from config import evidence, kinds, reactions

        evidence.connect()
        kinds.connect()
        reactions.connect()
