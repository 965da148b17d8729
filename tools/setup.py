"""What each target of the Makefile does. Plain standard library: it runs before anything is installed."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import installation
import serving
from steps import (
    CHECKOUT,
    LOGS,
    PYTHON,
    RUN,
    VENV,
    StepFailedError,
    Steps,
    environment,
    fingerprint,
    is_stamped,
    put_stamp,
    run,
    show_failure,
)

PREPARED = {
    "postgresql": "PostgreSQL",
    "tables": "Tables",
    "demo-data": "Demo data",
    "static-files": "Static files",
    "logins": "Log-ins",
}
ADVICE = {
    "postgresql": "without DATABASE_URL the embedded PostgreSQL is used: see the log. With it: look whether that "
    "server runs, is 15 or newer, and has the database and the user (createuser, createdb).",
    "tables": "if an older demo is in the way: make clean, then make demo.",
    "demo-data": "the error names the file, the record and the field.",
}
LOCKED = ("requirements", "requirements-dev", "requirements-setup", "requirements-node")


# --- Setting up -----------------------------------------------------------------------------------------------------


def install(steps: Steps, *, development: bool) -> None:
    """Install what all other targets need: four steps."""
    steps.do(f"Python {sys.version.split()[0]}", str)
    steps.do("Virtual environment", installation.virtual_environment)
    steps.do("Python packages", partial(installation.python_packages, development=development))
    steps.do("Front-end files", installation.front_end_files)


def prepare(steps: Steps, *names: str, after_tables: Iterable[Callable[[], None]], **more: str) -> str:
    """
    Do steps that need Django, all in one process; return what there is to know about log-ins.

    What can begin once the tables are there is begun then, and has its start behind it when the rest is done.

    Raises:
        StepFailedError: the first of them that cannot be done.
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    logins = ""
    process = subprocess.Popen(
        [PYTHON, CHECKOUT / "tools" / "prepare.py", LOGS, *names],
        cwd=CHECKOUT,
        env=environment() | more,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        for line in process.stdout or ():
            told = json.loads(line)
            if "begin" in told:
                steps.begin(PREPARED[told["begin"]])
            elif "end" in told:
                steps.end(told["remark"])
                if told["end"] == "tables":
                    for begin in after_tables:
                        begin()
            elif "failed" in told:
                name = told["failed"]
                raise StepFailedError(told["error"], advice=ADVICE.get(name, ""), log=LOGS / f"{name}.log")
            logins = told.get("logins", logins)
    if process.returncode:
        raise StepFailedError("The preparation ended without a word.", log=LOGS / f"{names[0]}.log")
    return logins


def translations() -> str:
    """Compile the translations with Babel, as GNU gettext is rarely installed. Return a remark."""
    texts = list((CHECKOUT / "locale").rglob("*.po"))
    stamp, mark = RUN / "stamps" / "translations", fingerprint(texts)
    if is_stamped(stamp, mark) and all(text.with_suffix(".mo").exists() for text in texts):
        return "unchanged"
    for text in texts:
        run(
            *(PYTHON, "-m", "babel.messages.frontend", "compile"),
            *("--input-file", text, "--output-file", text.with_suffix(".mo"), "--locale", text.parts[-3]),
            log="translations",
            failed=f"{text.relative_to(CHECKOUT)} cannot be compiled.",
            advice="the log names the line.",
        )
    put_stamp(stamp, mark)
    return ""


def static_files_made_from() -> str:
    """Return the fingerprint of all that static files are collected from."""
    own = [path for folder in CHECKOUT.glob("**/static") if _is_source(folder) for path in folder.rglob("*")]
    other = [VENV / "stamp-packages", CHECKOUT / "node_modules" / ".stamp"]
    other += [CHECKOUT / "platform/config/settings.py", CHECKOUT / "platform/web/storage.py"]
    return fingerprint(path for path in (*own, *other) if path.is_file())


STATIC_FILES = RUN / "stamps" / "static-files"


def has_static_files(mark: str) -> bool:
    """Whether static files made from what has this fingerprint are collected."""
    return is_stamped(STATIC_FILES, mark) and (RUN / "static" / "staticfiles.json").exists()


def _is_source(folder: Path) -> bool:
    return not {".venv", "node_modules", ".run"} & set(folder.relative_to(CHECKOUT).parts)


# --- Targets --------------------------------------------------------------------------------------------------------


def demo() -> None:
    """Set up, fill, serve, and say where."""
    began = time.monotonic()
    if serving.stop():
        print("The demo was running: it is started anew.")
    port = serving.free_port()
    url = serving.address(port)
    try:
        logins = fill_and_serve(port, url)
    except BaseException:
        serving.stop()
        raise
    if port != serving.FIRST_PORT:
        print(f"Port {serving.FIRST_PORT} is taken by another program, so it is {port}.")
    print(f"\nReady after {time.monotonic() - began:.0f} s. Open  {url}/\n")
    print(logins.strip("\n"))
    print("\nTo end it: make stop")


def fill_and_serve(port: int, url: str) -> str:
    """Take the steps of the demo, leaving out what is made already; return what there is to know about log-ins."""
    steps = Steps(11)
    install(steps, development=False)
    steps.do("Translations", translations)
    names = ["postgresql", "tables", "demo-data", "static-files", "logins"]
    mark = static_files_made_from()
    begun = [partial(serving.start_worker, url), partial(serving.start_web, port, url)]
    if has_static_files(mark):
        names.remove("static-files")
        steps.do(PREPARED["static-files"], lambda: "unchanged")
    else:
        begun.pop()  # the web server reads the list of static files when it starts
    logins = prepare(steps, *names, after_tables=begun, GONGHENG_URL=url)
    put_stamp(STATIC_FILES, mark)
    if not serving.WEB.pid:
        serving.start_web(port, url)
    steps.do("Web server and job worker", partial(serving.await_web, port))
    (RUN / "address").write_text(f"{url}\n")
    return logins


def stop() -> None:
    """End what demo left. The tests' PostgreSQL stays, for tests may be running."""
    for name in serving.stop():
        print(f"Stopped the {name}.")
    (RUN / "address").unlink(missing_ok=True)
    if _has_packages():
        run(PYTHON, "-m", "kernel.embedded_postgres", "stop", log="stop", failed="PostgreSQL does not stop.")
        print("Stopped PostgreSQL.")


def clean() -> None:
    """Stop, and remove what was installed and made."""
    stop()
    if _has_packages():
        run(PYTHON, "-m", "kernel.embedded_postgres", "remove", log="stop", failed="The database cannot be removed.")
    for name in (".venv", "node_modules", ".run", ".mypy_cache", ".ruff_cache", ".import_linter_cache", ".hypothesis"):
        shutil.rmtree(CHECKOUT / name, ignore_errors=True)
    print("Removed the virtual environment, the front-end files, the demo database, caches and logs.")


def _has_packages() -> bool:
    return (VENV / "stamp-packages").exists()


def only_install() -> None:
    """Install the development tools and the front-end files."""
    install(Steps(4), development=True)


def test(*arguments: str) -> None:
    """
    Set up all that tests need, run them two at a time, then the races by themselves; pytest's closing line is the last.

    Races measure how long somebody waits: they have the machine to themselves. With arguments, one pytest gets them.
    """
    steps = Steps(7)
    install(steps, development=True)
    steps.do("Translations", translations)
    steps.do("Chromium", installation.chromium)
    steps.do("Chinese font", installation.chinese_font)
    (RUN / "static").mkdir(exist_ok=True)
    pytest = (PYTHON, "-m", "pytest")
    if arguments:
        become(*pytest, "-n", "auto", *arguments)
    in_parallel = [*pytest, "-n", "auto", "-m", "not race"]
    sys.stdout.flush()
    failed = subprocess.run([str(part) for part in in_parallel], cwd=CHECKOUT, env=environment(), check=False)
    if failed.returncode:
        sys.exit(failed.returncode)
    become(*pytest, "-m", "race")


def become(*command: object) -> None:
    """Give this process over to another program, which then has the terminal and the exit code to itself."""
    sys.stdout.flush()
    os.chdir(CHECKOUT)
    os.execve(str(command[0]), [str(part) for part in command], environment())  # noqa: S606 -- our own


def check() -> None:
    """Run every check, fastest first, and say at the end which of them failed."""
    tools = VENV / "bin"
    checks: dict[str, Sequence[object]] = {
        "ruff check": (tools / "ruff", "check", "."),
        "ruff format": (tools / "ruff", "format", "--check", "."),
        "djade": (tools / "djade", "--check", "--target-version", "6.1", *_templates()),
        "lint-imports": (tools / "lint-imports", "--no-logo"),
        "migrations": (PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"),
        "mypy": (tools / "mypy", "."),
    }
    steps = Steps(4 + len(checks))
    install(steps, development=True)
    failures = []
    for name, command in checks.items():
        log = name.replace(" ", "-")
        (LOGS / f"{log}.log").unlink(missing_ok=True)
        steps.begin(name)
        try:
            run(*command, log=log, failed=f"{name} finds fault.")
            steps.end()
        except StepFailedError as failure:
            failures.append(failure)
            steps.end("FAULTS")
    for found in failures:
        print(f"\n{found.what}")
        if found.log:
            print(found.log.read_text(errors="replace").strip())
    if failures:
        raise StepFailedError(" ".join(found.what for found in failures), advice="make format mends some of it.")


def code_format() -> None:
    """Write code and templates as the checks want them."""
    install(Steps(4), development=True)
    tools = VENV / "bin"
    run(tools / "ruff", "check", "--fix-only", "--quiet", ".", log="format", failed="ruff cannot read the code.")
    run(tools / "ruff", "format", ".", log="format", failed="ruff cannot format the code.")
    subprocess.run([tools / "djade", "--target-version", "6.1", *_templates()], cwd=CHECKOUT, check=False)


def _templates() -> list[Path]:
    folders = [folder for folder in CHECKOUT.glob("**/templates") if _is_source(folder)]
    return sorted({path.relative_to(CHECKOUT) for folder in folders for path in folder.rglob("*.html")})


def messages() -> None:
    """Collect the texts to translate, with GNU gettext."""
    install(Steps(4), development=True)
    if not shutil.which("xgettext"):
        installation.apt_get("gettext", log="messages", otherwise="Collecting texts needs GNU gettext.")
    ignored = [f"--ignore={name}" for name in (".venv", "node_modules", ".run", "tests", "bench", "tools")]
    become(PYTHON, "manage.py", "makemessages", "--all", "--no-location", *ignored)


def lock() -> None:
    """Pin all requirements anew, with hashes and without the hosts they come from."""
    for name in LOCKED:
        run(
            *(installation.uv(), "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-header"),
            *("--no-annotate", "--upgrade", "--python-version", "3.12", f"{name}.in", "--output-file", f"{name}.txt"),
            log="lock",
            failed=f"{name}.in cannot be locked.",
        )
    run("npm", "install", "--package-lock-only", "--ignore-scripts", log="lock", failed="npm cannot lock package.json.")
    print("Locked. What changed: git diff --stat")


def bench(*arguments: str) -> None:
    """Measure, on the embedded PostgreSQL or that of DATABASE_URL; pages are served with their static files."""
    steps = Steps(7)
    install(steps, development=True)
    steps.do("Translations", translations)
    mark = static_files_made_from()
    if has_static_files(mark):
        steps.do(PREPARED["static-files"], lambda: "unchanged")
        prepare(steps, "postgresql", after_tables=())
    else:
        prepare(steps, "postgresql", "static-files", after_tables=())
        put_stamp(STATIC_FILES, mark)
    become(PYTHON, "-m", "bench", *arguments)


def torture(*arguments: str) -> None:
    """Let many processes do random acts and die, and hold what they heard against the database (its own PostgreSQL)."""
    install(Steps(4), development=True)
    become(PYTHON, "-m", "tests.torture", *arguments)


def screenshots(*arguments: str) -> None:
    """Take pictures of the pages of the running demo."""
    steps = Steps(6)
    install(steps, development=True)
    steps.do("Chromium", installation.chromium)
    steps.do("Chinese font", installation.chinese_font)
    become(PYTHON, CHECKOUT / "tools" / "screenshots.py", *arguments)


TARGETS: dict[str, Callable[..., None]] = {
    "demo": demo,
    "stop": stop,
    "test": test,
    "check": check,
    "bench": bench,
    "torture": torture,
    "screenshots": screenshots,
    "format": code_format,
    "messages": messages,
    "lock": lock,
    "install": only_install,
    "clean": clean,
}


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let calls in the same checkout wait for each other; one that becomes another program lets the next go on."""
    RUN.mkdir(exist_ok=True)
    with (RUN / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another call is at work in this checkout; waiting for it ...", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Do the named target; say what went wrong in words, not in a traceback."""
    if len(sys.argv) == 1 or sys.argv[1] not in TARGETS:
        print(f"usage: tools/run {'|'.join(TARGETS)}", file=sys.stderr)
        return 2
    try:
        with one_at_a_time():
            TARGETS[sys.argv[1]](*sys.argv[2:])
    except StepFailedError as failure:
        show_failure(failure)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; run it again to go on from here.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
