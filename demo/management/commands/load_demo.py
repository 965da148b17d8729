from pathlib import Path
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from demo import loading
from demo.people import RecordWrongError


class Command(BaseCommand):
    help = "Load the demo's data, part by part; may run twice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--data", type=Path, default=loading.DATA, help="another folder of data files")

    def handle(self, *args: Any, **options: Any) -> None:
        begun = perf_counter()
        try:
            for name, counts in loading.load(timezone.now(), options["data"]):
                told = ", ".join(f"{number} {what}" for what, number in counts.items())
                self.stdout.write(f"{name}: {told} ({perf_counter() - begun:.1f} s)")
                begun = perf_counter()
        except RecordWrongError as error:
            raise CommandError(str(error)) from error
