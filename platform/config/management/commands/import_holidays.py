import csv
import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from bookings.rentals.models import Rental
from kernel.refusals import Refusal
from labs.hours import operations as hours
from web import moments


class Command(BaseCommand):
    help = (
        "Take in the holiday arrangement of whole years (BK-23) from a JSON or CSV file of date, kind (holiday or"
        " makeup_workday), name_zh, name_en. Says first which bookings it would leave without opening hours, and"
        " changes nothing; with --confirm it does."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a list of objects in JSON, or CSV with a first line of names")
        parser.add_argument("--confirm", action="store_true", help="change the hours, and mark the bookings")

    def handle(self, *args: Any, **options: Any) -> None:
        lines = [_line(number, row) for number, row in enumerate(_rows(options["file"]), start=1)]
        with transaction.atomic():
            before = set(_marked().values_list("pk", flat=True))
            try:
                changed = hours.import_holidays(announced=lines, by=None, now=timezone.now())
            except Refusal as refusal:
                raise CommandError(str(refusal)) from refusal
            concerned = list(_marked().exclude(pk__in=before).with_places().order_by("period", "pk"))
            transaction.set_rollback(not options["confirm"])
        self.stdout.write(f"{len(changed)} dates differ from what is known: {', '.join(map(str, changed)) or 'none'}.")
        for rental in concerned:
            when = moments.period(rental.time, rental.instrument.lab.tz)
            self.stdout.write(f"    {rental.number}  {rental.instrument.code}  {when}  {rental.organisation.name_zh}")
        self.stdout.write(f"{len(concerned)} bookings would need another time." if not options["confirm"] else
                          f"{len(concerned)} bookings need another time now; their customers are told.")  # fmt: skip
        if not options["confirm"]:
            self.stdout.write("Nothing is changed. Say --confirm to take it in.")


def _marked() -> Any:
    return Rental.objects.filter(needs_rebooking_since__isnull=False)


def _rows(path: Path) -> Iterable[Mapping[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = json.loads(text) if path.suffix.lower() == ".json" else list(csv.DictReader(text.splitlines()))
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from error
    if not isinstance(rows, list) or not rows:
        raise CommandError(f"{path} holds no list of dates.")
    return rows


def _line(number: int, row: Mapping[str, Any]) -> hours.Announced:
    try:
        day, kind, name = date.fromisoformat(row["date"]), str(row["kind"]), str(row["name_zh"])
    except (KeyError, TypeError, ValueError) as error:
        raise CommandError(f"Line {number}: a date (2027-01-01), a kind and a name_zh are needed.") from error
    return hours.Announced(day, kind, name, str(row.get("name_en") or ""))
