from django.apps import AppConfig


class KernelConfig(AppConfig):
    """Values without tables; its one migration brings PostgreSQL's extensions and the numbering function."""

    name = "kernel"
