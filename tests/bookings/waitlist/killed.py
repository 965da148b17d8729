"""A process that offers freed time and is killed half-way: `python -m tests.bookings.waitlist.killed <instant>`."""

import os
import signal
import sys
from datetime import datetime
from typing import Any, NoReturn

import django


def die(*_args: Any, **_how: Any) -> NoReturn:
    """End this process as a crash does: nothing is tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise SystemExit


def main() -> None:
    """Offer what is free as of an instant; the process dies when the hold is placed and the offer is not yet kept."""
    django.setup()
    from bookings.waitlist import operations as waitlist
    from bookings.waitlist.models import WaitlistOffer

    WaitlistOffer.objects.create = die  # type: ignore[method-assign]  # the crash
    waitlist.offer_freed(now=datetime.fromisoformat(sys.argv[1]))


if __name__ == "__main__":
    main()
