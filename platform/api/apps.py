from django.apps import AppConfig


class ApiConfig(AppConfig):
    """What all endpoints share: authentication, access, problems, pages, answers given once."""

    name = "api"

    def ready(self) -> None:
        from api import schema  # noqa: F401 -- registers the token scheme with drf-spectacular
