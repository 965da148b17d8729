"""The torture, small: for the long run `make torture ARGS="--seconds 600 --clients 24"`."""

import os
import subprocess
import sys

import pytest

from tests.serving import CHECKOUT

SECONDS = os.environ.get("GONGHENG_TORTURE_SECONDS", "20")
LEFT_OUT = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "PYTEST_CURRENT_TEST", "PYTEST_VERSION")


@pytest.mark.race
def test_what_clients_heard_is_what_the_database_says_after_kills_and_a_crash():
    command = [sys.executable, "-m", "tests.torture", "--seconds", SECONDS, "--clients", "6", "--crashes", "1"]
    environment = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}

    told = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)

    assert told.returncode == 0, told.stdout[-6_000:] + told.stderr[-6_000:]
    assert "0 anomalies" in told.stdout
