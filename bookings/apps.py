from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BookingsConfig(AppConfig):
    """What is promised and delivered."""

    name = "bookings"
    verbose_name = _("Bookings and the schedule")
