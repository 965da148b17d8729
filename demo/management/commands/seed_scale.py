from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from demo import loading, scale
from labs.models import Instrument


class Command(BaseCommand):
    help = "Enlarge the demo's city by so many instruments, for measuring; the same seed gives the same city."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--instruments", type=int, default=10_000)
        parser.add_argument("--occupancies", type=int, default=0, help="bookings of all instruments together")
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        begun, now = perf_counter(), timezone.now()
        if not Instrument.objects.exists():
            for name, _ in loading.load(now):
                self.stdout.write(f"{name} loaded")
        try:
            made = scale.grow(
                instruments=options["instruments"],
                occupancies=options["occupancies"],
                seed=options["seed"],
                now=now,
                tell=lambda done: self.stdout.write(f"{perf_counter() - begun:7.1f} s  {done}"),
            )
        except scale.NothingToGrowFromError as error:
            raise CommandError(str(error)) from error
        scale.analyse()
        self.stdout.write(f"{made} instruments in {perf_counter() - begun:.1f} s")
