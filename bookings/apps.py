from django.apps import AppConfig


class BookingsConfig(AppConfig):
    """What is promised and delivered."""

    name = "bookings"
