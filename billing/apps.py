from django.apps import AppConfig


class BillingConfig(AppConfig):
    """What is owed and paid."""

    name = "billing"
