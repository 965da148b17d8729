"""All of the demo, in the order of the flow: people, then what exists, then what happens."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from bookings.discovery import operations as discovery
from demo import coming_days, invoices, labs, lives, payouts, people, rentals, series, transfers, vouchers, waiting
from notices import operations as notices

DATA = Path(__file__).parent / "data"

type Loader = Callable[[Path, datetime], dict[str, int]]


def _people(folder: Path, now: datetime) -> dict[str, int]:
    return people.load(folder)


def _punctuality(folder: Path, now: datetime) -> dict[str, int]:
    del folder
    return {"labs that tell of it": discovery.count_punctuality(now=now)}


LOADERS: list[tuple[str, Loader]] = [
    ("people and organisations", _people),
    ("labs and instruments", labs.load),
    ("vouchers", vouchers.load),
    ("the coming days", coming_days.load),
    ("rentals", rentals.load),
    ("the last days", lives.load),
    ("payouts", payouts.load),
    ("invoices", invoices.load),
    ("series", series.load),
    ("waitlist", waiting.load),
    ("bank transfers", transfers.load),
    ("punctuality", _punctuality),
]
"""Each in a transaction of its own, and each may run twice."""


def load(now: datetime, folder: Path = DATA) -> Iterator[tuple[str, dict[str, int]]]:
    """
    Load the demo part by part, and yield after each what it was and how many records of which kind it holds.

    Whom it concerns reads so in the platform; nobody is mailed.

    Raises:
        RecordWrongError: a record cannot be used; the message names file, record and field.
    """
    for name, loader in LOADERS:
        with notices.unmailed():
            counts = loader(folder, now)
        yield name, counts
