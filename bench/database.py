"""A database of the benchmark's own: the demo's 62 instruments, or thousands; made anew at each run."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections


@contextmanager
def made(name: str) -> Iterator[dict[str, Any]]:
    """Give an empty, migrated database, and drop it at the end."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    database = settings.DATABASES["default"]
    home = database["NAME"]
    _administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    connection.close_pool()
    connection.settings_dict["NAME"] = database["NAME"] = name
    database["OPTIONS"]["pool"] = connection.settings_dict["OPTIONS"]["pool"] = False
    try:
        call_command("migrate", verbosity=0)
        yield connection.settings_dict
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = database["NAME"] = home
        _administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _administer(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()


def server_process() -> list[int]:
    """The PostgreSQL server's process, where it runs on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('data_directory')")
        folder = cursor.fetchone()[0]
    try:
        with open(f"{folder}/postmaster.pid") as written:
            return [int(written.readline())]
    except OSError:
        return []


def about() -> str:
    """What the database says of itself: version and how safely it commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), current_setting('fsync'), current_setting('synchronous_commit')"
        )
        version, fsync, commit = cursor.fetchone()
    return f"PostgreSQL {version}, fsync {fsync}, synchronous_commit {commit}, {os.cpu_count()} processors"
