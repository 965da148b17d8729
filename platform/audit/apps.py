from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Who did what, and which requests were already answered."""

    name = "audit"
