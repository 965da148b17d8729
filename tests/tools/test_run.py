"""`tools/run` finds an interpreter by running it: one on the PATH may be a shim that fails."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).resolve().parents[2] / "tools" / "run"
FOUND_BY = 'import os, sys; print(os.environ["FOUND"], *sys.argv[1:])'


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with tools/run, whose setup.py only says by which candidate it was reached."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "programs").mkdir()
    shutil.copy(RUN, tmp_path / "tools" / "run")
    (tmp_path / "tools" / "setup.py").write_text(FOUND_BY)
    for program in ("sh", "dirname", "cat"):
        (tmp_path / "programs" / program).symlink_to(shutil.which(program) or program)
    return tmp_path


def candidate(path: Path, *, works: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    works_or_not = f'FOUND={path.name} exec {sys.executable} "$@"' if works else "exit 127"
    path.write_text(f"#!/bin/sh\n{works_or_not}\n")
    path.chmod(0o755)


def started(checkout: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(checkout / "programs"), "HOME": str(checkout / "home")} | more
    return subprocess.run(
        [checkout / "tools" / "run", "demo"], env=environment, capture_output=True, text=True, check=False
    )


def test_a_shim_that_fails_when_run_is_passed_over(checkout: Path) -> None:
    candidate(checkout / "programs" / "python3.13", works=False)
    candidate(checkout / "programs" / "python3", works=True)

    assert started(checkout).stdout == "python3 demo\n"


def test_the_interpreter_that_is_named_goes_first(checkout: Path) -> None:
    candidate(checkout / "programs" / "python3.13", works=True)
    candidate(checkout / "named", works=True)

    assert started(checkout, PYTHON=str(checkout / "named")).stdout == "named demo\n"


def test_pyenv_is_looked_into_when_its_shims_fail(checkout: Path) -> None:
    candidate(checkout / "programs" / "python3", works=False)
    candidate(checkout / "home/.pyenv/versions/3.9.1/bin/python3", works=True)
    candidate(checkout / "home/.pyenv/versions/3.12.9/bin/python3", works=True)

    assert started(checkout).stdout == "python3 demo\n"


def test_without_any_interpreter_it_says_what_to_install(checkout: Path) -> None:
    outcome = started(checkout)

    assert (outcome.returncode, outcome.stdout) == (1, "")
    assert "apt-get install python3" in outcome.stderr
