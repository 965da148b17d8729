"""
Measure, and print each figure beside the bare SQL that does the same.

    make bench                          everything
    make bench ARGS="holds --seconds 20"
    make bench ARGS="catalogue --instruments 100000 --occupancies 20000000"

CPU is what an act cost in processor time, in PostgreSQL, in the web server and in the measuring process where the act
runs there; `CPU/SQL` is that against the same statements sent bare over one connection in the same run.
"""

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(HERE), str(HERE / "platform")]

from bench import database  # noqa: E402 -- after the path
from bench.measuring import HEADING  # noqa: E402 -- after the path

PARTS = ("holds", "engine", "pages", "catalogue", "feed", "pricing", "ledger")


def main() -> None:
    """Read the arguments, make a database, and print the table."""
    arguments = argparse.ArgumentParser(prog="make bench", description="Measure against bare SQL.")
    arguments.add_argument("parts", nargs="*", choices=[*PARTS, []], help="which figures; all where none is named")
    arguments.add_argument("--acts", type=int, default=300, help="how often each act in this process is done")
    arguments.add_argument("--seconds", type=float, default=10.0, help="how long clients send holds over HTTP")
    arguments.add_argument("--instruments", type=int, default=10_000, help="how many the large catalogue has")
    arguments.add_argument("--occupancies", type=int, default=2_000_000, help="how many bookings that catalogue has")
    chosen = arguments.parse_args()
    for part in chosen.parts or PARTS:
        if part == "feed":
            from bench import feed

            feed.main()
            continue
        if part == "pricing":
            from bench import pricing

            pricing.main()
            continue
        with database.made("gongheng_bench"):
            from bench import catalogue, engine, holds, ledger, pages

            print(f"\n{part}: {database.about()}\n\n{HEADING}")
            now = holds.utc_now()
            if part == "holds":
                lines = holds.measure(now, acts=chosen.acts, seconds=chosen.seconds)
            elif part == "engine":
                lines = engine.measure(
                    now,
                    acts=chosen.acts,
                    seconds=chosen.seconds,
                    instruments=chosen.instruments,
                    occupancies=chosen.occupancies,
                )
            elif part == "ledger":
                lines = ledger.measure(now, acts=chosen.acts)
            elif part == "catalogue":
                lines = catalogue.measure(
                    now,
                    acts=min(chosen.acts, 100),
                    instruments=chosen.instruments,
                    occupancies=chosen.occupancies,
                )
            else:
                lines = pages.measure(
                    now, acts=min(chosen.acts, 100), seconds=chosen.seconds, instruments=chosen.instruments
                )
            for line in lines:
                print(line, flush=True)


if __name__ == "__main__":
    main()
