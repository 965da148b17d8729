"""The server of one's own: started once, found again, recovered when killed. Real servers in a folder of the test's."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from kernel import embedded_postgres

STARTED_ELSEWHERE = """
import sys
from pathlib import Path
from kernel import embedded_postgres
embedded_postgres.start(Path(sys.argv[1]), for_tests=True)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the server's user can enter, with a space and a quote in its path."""
    made = Path(tempfile.mkdtemp(dir="/var/tmp", prefix="gongheng test's "))
    made.chmod(0o711)
    yield made / "server"
    embedded_postgres.stop(made / "server")
    shutil.rmtree(made)


def ask(settings: dict[str, Any], question: str) -> Any:
    with psycopg.connect(
        host=settings["HOST"], port=settings["PORT"], user=settings["USER"], dbname=settings["NAME"], autocommit=True
    ) as connection:
        asked = connection.execute(question)
        return asked.fetchone()[0] if asked.description else None


def test_a_second_start_finds_the_running_server(folder: Path) -> None:
    first = embedded_postgres.start(folder, for_tests=True)
    process = embedded_postgres.server_process(folder)

    second = embedded_postgres.start(folder, for_tests=True)

    assert (second, embedded_postgres.server_process(folder)) == (first, process)


def test_the_database_knows_chinese_letters_and_is_closed_to_the_network(folder: Path) -> None:
    settings = embedded_postgres.start(folder, for_tests=True)

    ask(settings, "CREATE EXTENSION pg_trgm")

    assert ask(settings, "SELECT show_trgm('游标卡尺') <> '{}'") is True
    assert ask(settings, "SHOW listen_addresses") == ""
    assert folder.stat().st_mode & 0o077 == 0


def test_a_killed_server_is_recovered_with_what_was_written(folder: Path) -> None:
    settings = embedded_postgres.start(folder)
    ask(settings, "CREATE TABLE kept AS SELECT 42 AS answer")
    killed = embedded_postgres.server_process(folder)
    os.kill(killed, signal.SIGKILL)
    while embedded_postgres.server_process(folder):
        time.sleep(0.01)

    again = embedded_postgres.start(folder, for_tests=True)

    assert ask(again, "SELECT answer FROM kept") == 42
    assert embedded_postgres.server_process(folder) != killed


def test_a_dead_servers_number_may_belong_to_another_process(folder: Path) -> None:
    embedded_postgres.start(folder, for_tests=True)
    written = (folder / "data" / "postmaster.pid").read_text().splitlines()
    embedded_postgres.stop(folder)
    (folder / "data" / "postmaster.pid").write_text("\n".join([str(os.getpid()), *written[1:]]))

    settings = embedded_postgres.start(folder, for_tests=True)

    assert ask(settings, "SELECT 1") == 1


def test_processes_that_start_at_once_get_one_server(folder: Path) -> None:
    command = [sys.executable, "-c", STARTED_ELSEWHERE, str(folder)]
    environment = os.environ | {"PYTHONPATH": str(embedded_postgres.CHECKOUT / "platform")}

    starting = [subprocess.Popen(command, env=environment) for _ in range(3)]

    assert [process.wait(60) for process in starting] == [0, 0, 0]
    assert embedded_postgres.start(folder, for_tests=True)["HOST"] == str(folder)
    assert (folder / "server.log").read_text().count("ready to accept connections") == 1


def test_a_stopped_server_is_gone_and_stopping_again_does_nothing(folder: Path) -> None:
    settings = embedded_postgres.start(folder, for_tests=True)

    embedded_postgres.stop(folder)
    embedded_postgres.stop(folder)

    assert embedded_postgres.server_process(folder) == 0
    with pytest.raises(psycopg.OperationalError):
        ask(settings, "SELECT 1")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to someone else")
def test_a_folder_made_by_someone_else_is_refused(folder: Path) -> None:
    folder.mkdir()
    os.chown(folder, 12345, 12345)

    with pytest.raises(embedded_postgres.PostgresUnavailableError):
        embedded_postgres.start(folder, for_tests=True)
