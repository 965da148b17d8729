"""Write docs/rental-states.md from the rules."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from bookings.rentals import drawing


class Command(BaseCommand):
    help = "Draw the states of a rental, from its rules, into docs/rental-states.md."

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "rental-states.md"
        path.write_text(drawing.page(), encoding="utf-8")
        self.stdout.write(str(path))
