"""
Several management commands in one Django process: starting Django costs more than most of them.

Speaks to setup.py in lines of JSON; what the commands themselves say goes into the log of each step.
"""

import contextlib
import io
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

OLDEST_POSTGRES = 15


class TooOldError(Exception):
    """The PostgreSQL of DATABASE_URL is older than we support."""


def say(**message: Any) -> None:
    """Tell setup.py."""
    print(json.dumps(message), file=speaking, flush=True)


def log_into(path: Path) -> None:
    """Let all that is written from here on, by PostgreSQL's children too, go into a step's log."""
    sys.stdout.flush()
    sys.stderr.flush()
    written = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(written, 1)
    os.dup2(written, 2)
    os.close(written)


def postgresql() -> str:
    """Start Django, which starts the embedded PostgreSQL, and look at the version of whatever answers."""
    import django
    import psycopg
    from django.conf import settings

    django.setup()
    chosen = settings.DATABASES["default"]
    names = {"host": "HOST", "port": "PORT", "dbname": "NAME", "user": "USER", "password": "PASSWORD"}
    parameters = {name: chosen.get(key) or None for name, key in names.items()}
    with psycopg.connect(**parameters, connect_timeout=5) as connection:  # not by the pool, which waits half a minute
        version = connection.info.server_version // 10_000
    if version < OLDEST_POSTGRES:
        raise TooOldError(f"This is PostgreSQL {version}; Gongheng needs {OLDEST_POSTGRES} or newer.")
    return f"version {version}, {'of DATABASE_URL' if os.environ.get('DATABASE_URL') else 'embedded'}"


def command(*names: str) -> str:
    """Run management commands one after the other."""
    from django.core.management import call_command

    for name in names:
        options = {"interactive": False} if name in {"migrate", "collectstatic"} else {}
        call_command(name, verbosity=1, **options)
    return ""


def tables() -> str:
    """Migrate, unless every migration is applied: looking is ten times faster than migrating nothing."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return command("migrate", "createcachetable")
    return "unchanged"


def logins() -> str:
    """Return who may log in to the demo."""
    from django.core.management import call_command

    with contextlib.redirect_stdout(io.StringIO()) as told:
        call_command("demo_logins", stdout=told)
    say(logins=told.getvalue())
    return ""


STEPS = {
    "postgresql": postgresql,
    "tables": tables,
    "demo-data": lambda: command("load_demo"),
    "static-files": lambda: command("collectstatic"),
    "logins": logins,
}


def main(logs: Path, names: list[str]) -> int:
    """Do the named steps in order, and stop at the first that fails."""
    for name in names:
        say(begin=name)
        log_into(logs / f"{name}.log")
        try:
            say(end=name, remark=STEPS[name]())
        except Exception as error:
            traceback.print_exc()
            say(failed=name, error=f"{type(error).__name__}: {error}")
            return 1
    return 0


if __name__ == "__main__":
    speaking = os.fdopen(os.dup(1), "w")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
