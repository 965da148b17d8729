import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.invariants import ALL
from kernel.invariants import verified


class Command(BaseCommand):
    help = "Ask of all the data what must always be true; ends with an error where something is not."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", help="which invariants; all where none is named")
        parser.add_argument("--first", type=int, default=5, help="how many offenders are shown of each")
        parser.add_argument("--json", action="store_true", help="one line of JSON for each, for programs")
        parser.add_argument("--list", action="store_true", help="only say which invariants there are")

    def handle(self, *args: Any, **options: Any) -> None:
        names = set(options["names"])
        if unknown := names - {invariant.name for invariant in ALL}:
            raise CommandError(f"No such invariant: {', '.join(sorted(unknown))}. --list names them.")
        chosen = [invariant for invariant in ALL if not names or invariant.name in names]
        if options["list"]:
            for invariant in chosen:
                self.stdout.write(f"{invariant.name:<32} {invariant.says}")
            return
        broken, seconds = 0, 0.0
        for verdict in verified(chosen, now=timezone.now(), most=options["first"]):
            name = verdict.invariant.name
            broken, seconds = broken + bool(verdict.count), seconds + verdict.seconds
            if options["json"]:
                found = {"name": name, "count": verdict.count, "first": verdict.first, "seconds": verdict.seconds}
                self.stdout.write(json.dumps(found, ensure_ascii=False))
                continue
            self.stdout.write(f"{name:<32} {verdict.count:>9,} offenders {verdict.seconds:7.2f} s")
            if verdict.count:
                self.stdout.write(f"    {verdict.invariant.says}")
            for key, told in verdict.first:
                self.stdout.write(f"    {key}: {told}")
        if broken:
            raise CommandError(f"{broken} of {len(chosen)} invariants are broken ({seconds:.1f} s).")
        if not options["json"]:
            self.stdout.write(f"{len(chosen)} invariants hold ({seconds:.1f} s).")
