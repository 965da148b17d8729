#!/usr/bin/env python
"""Run a management command of the platform."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Put the frame on the path, relative to this file (two checkouts never mix), and hand over to Django."""
    sys.path[:0] = [str(HERE), str(HERE / "platform")]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
