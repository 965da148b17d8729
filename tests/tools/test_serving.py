"""What `make demo` leaves running is found again, ended whole, and never mistaken for another process."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import serving
import steps

SLEEPS_WITH_A_CHILD = """
import subprocess, sys, time
print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]).pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[serving.Left]:
    monkeypatch.setattr(serving, "RUN", tmp_path)
    monkeypatch.setattr(serving, "LOGS", tmp_path / "logs")
    made = serving.Left("sleeper")
    yield made
    made.stop()


def test_a_process_is_ended_with_all_that_it_started(left: serving.Left) -> None:
    left.start(sys.executable, "-c", SLEEPS_WITH_A_CHILD)
    while not (child := left.log.read_text().strip()):
        time.sleep(0.01)

    assert left.stop() is True

    deadline = time.monotonic() + 5
    while serving._born(int(child)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert (left.pid, serving._born(int(child)), left.file.exists()) == (0, "", False)


def test_stopping_what_does_not_run_does_nothing(left: serving.Left) -> None:
    assert left.stop() is False


def test_another_process_with_the_same_number_is_left_alone(left: serving.Left) -> None:
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    left.file.write_text(f"{other.pid} 12345\n")

    assert left.stop() is False

    assert other.poll() is None
    other.kill()
    other.wait()


def test_a_taken_port_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind((serving.HOST, 0))
        taken.listen()
        monkeypatch.setattr(serving, "FIRST_PORT", taken.getsockname()[1])

        assert serving.free_port() > taken.getsockname()[1]


def test_a_failed_step_carries_what_the_program_said_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(steps, "LOGS", tmp_path)
    monkeypatch.setattr(steps, "CHECKOUT", tmp_path)

    with pytest.raises(steps.StepFailedError) as caught:
        steps.run(
            *(sys.executable, "-c", "import sys; sys.exit('no disk left')"),
            log="packages",
            failed="The packages could not be installed.",
            advice="make room.",
        )
    steps.show_failure(caught.value)

    said = capsys.readouterr().err
    assert "That did not work: The packages could not be installed." in said
    assert "  | no disk left" in said
    assert "What to do: make room." in said


def test_children_use_this_checkout_and_keep_compiled_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/another/checkout")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")

    environment = steps.environment()

    assert environment["PYTHONPATH"].split(os.pathsep) == [str(steps.CHECKOUT), str(steps.CHECKOUT / "platform")]
    assert "PYTHONDONTWRITEBYTECODE" not in environment
