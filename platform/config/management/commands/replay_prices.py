from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.models import Bill
from billing.pricing.replaying import difference
from bookings.models import Rental

AT_ONCE = 2_000


class Command(BaseCommand):
    help = (
        "Compute the price of every rental and every bill again from what is kept beside it; "
        "ends with an error where one differs by a fen."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--most", type=int, default=50, help="how many differences are shown")
        parser.add_argument("--every", type=int, default=20_000, help="after how many prices progress is said")

    def handle(self, *args: Any, **options: Any) -> None:
        done = unknown = 0
        differing: list[str] = []
        for name, lines, priced_from, total_fen in _frozen():
            done += 1
            unknown += priced_from is None
            if told := difference(priced_from, lines=lines, total_fen=total_fen):
                differing.append(name)
                if len(differing) <= options["most"]:
                    self.stdout.write(f"{name}: {told}")
            if done % options["every"] == 0:
                self.stderr.write(f"{done:,} prices, {len(differing):,} differ")
        if unknown:
            self.stdout.write(
                f"{unknown:,} prices were frozen before their inputs were kept; only their lines are summed."
            )
        if differing:
            raise CommandError(f"{len(differing):,} of {done:,} prices differ from what they were computed from.")
        self.stdout.write(f"{done:,} prices, each to the fen.")


def _frozen() -> Iterator[tuple[str, Any, Any, int]]:
    """Yield each frozen price: a name for people, its lines, its inputs, its total."""
    rentals = Rental.objects.order_by("pk").values_list("number", "price_lines", "priced_from", "total_fen")
    for number, lines, priced_from, total in rentals.iterator(AT_ONCE):
        yield f"rental {number}", lines, priced_from, total
    bills = Bill.objects.order_by("pk").values_list("order_number", "lines", "priced_from", "total_fen")
    for number, lines, priced_from, total in bills.iterator(AT_ONCE):
        yield f"bill {number}", lines, priced_from, total
