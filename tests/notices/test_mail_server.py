"""Mails and a real mail server, in a process of its own: down, up, slow, and whoever mails killed in the middle."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from notices import jobs, posting
from notices.models import Notice
from tests.factories.accounts import MembershipFactory
from tests.factories.notices import told
from tests.factories.racing import at_once
from tests.serving import CHECKOUT, database_url

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.race,
    pytest.mark.filterwarnings("ignore:The EMAIL_"),  # as in config.settings
]
SERVER = Path(__file__).with_name("mail_server.py")
PATIENCE_SECONDS = 30.0
DELIVER = """
import django
from django.conf import settings
django.setup()
settings.EMAIL_USE_TLS = False
from notices import jobs
jobs.deliver(notice_id={notice_id})
"""

type Starting = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def port(settings: Any) -> int:
    """The port where a mail server is looked for; nobody listens there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = probe.getsockname()[1]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS, settings.EMAIL_TIMEOUT = "127.0.0.1", False, 20
    return settings.EMAIL_PORT


@pytest.fixture
def start(port: int, tmp_path: Path) -> Iterator[Starting]:
    """Start the mail server, which takes so many seconds for a mail; it ends with the test."""
    running = []

    def started(seconds: float = 0) -> subprocess.Popen[bytes]:
        server = subprocess.Popen([sys.executable, SERVER, str(port), tmp_path, str(seconds)])
        running.append(server)
        wait_for(lambda: answers(port))
        return server

    yield started
    for server in running:
        server.kill()
        server.wait()


@pytest.fixture(autouse=True)
def _nothing_known_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting._Server, "away_until", 0.0)


@pytest.fixture
def notice() -> Notice:
    """A notice told just now, in the real time of the processes below."""
    reader = MembershipFactory(user__language="en")
    (notice,) = told(reader, occurred_at=datetime.now(UTC), urgent=True)
    return notice


def environment(port: int) -> dict[str, str]:
    """Return what a process needs that mails from this test's database through this test's server."""
    return {
        **os.environ,
        "DATABASE_URL": database_url(connection.settings_dict),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "GONGHENG_DEMO": "1",
        "GONGHENG_MAIL_HOST": "127.0.0.1",
        "GONGHENG_MAIL_PORT": str(port),
        "PYTHONPATH": os.pathsep.join([str(CHECKOUT), str(CHECKOUT / "platform")]),
    }


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < deadline, "it did not come in time"
        time.sleep(0.05)


def kept(folder: Path) -> list[Any]:
    """Return the mails that the server has taken."""
    return [message_from_bytes(path.read_bytes()) for path in sorted(folder.glob("*.eml"))]


def work() -> None:
    """Do all that is due, as the worker does, and return."""
    with app.replace_connector(app.connector.get_worker_connector()) as working:
        working.run_worker(queues=["mail"], wait=False, listen_notify=False, install_signal_handlers=False)


def test_a_mail_waits_for_a_server_that_is_down_and_is_sent_when_it_is_up(
    notice: Notice, start: Starting, tmp_path: Path
) -> None:
    with pytest.raises(posting.MailServerAwayError):
        jobs.deliver(notice_id=notice.pk)
    notice.refresh_from_db()
    assert (notice.delivery, notice.sending_until) == (Notice.Delivery.OWED, None)

    start()
    with pytest.raises(posting.MailServerAwayError):  # for half a minute nobody asks: Note [One waits for all]
        jobs.deliver(notice_id=notice.pk)
    posting._Server.away_until = 0.0
    jobs.deliver(notice_id=notice.pk)

    (message,) = kept(tmp_path)
    notice.refresh_from_db()
    assert message["To"] == notice.user.email
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Message-ID"] == f"<notice-{notice.pk}@gongheng.example>"
    assert notice.delivery == Notice.Delivery.MAILED


def test_the_worker_puts_a_mail_back_while_the_server_is_down(notice: Notice, port: int, start: Starting) -> None:
    before = datetime.now(UTC)
    work()

    job = ProcrastinateJob.objects.get(task_name="notices.deliver")
    assert (job.status, job.attempts) == ("todo", 1)
    assert before + timedelta(seconds=9) < job.scheduled_at < datetime.now(UTC) + timedelta(seconds=11)
    start()
    posting._Server.away_until = 0.0
    ProcrastinateJob.objects.filter(pk=job.pk).update(scheduled_at=before)
    work()
    job.refresh_from_db()
    notice.refresh_from_db()
    assert (job.status, notice.delivery) == ("succeeded", Notice.Delivery.MAILED)


def test_of_two_jobs_that_mail_the_same_at_once_one_sends_it(notice: Notice, start: Starting, tmp_path: Path) -> None:
    start(seconds=1)

    results = at_once(*[lambda: jobs.deliver(notice_id=notice.pk)] * 2)

    assert results == [None, None]
    assert len(kept(tmp_path)) == 1


def test_a_process_killed_while_it_mails_leaves_a_mail_that_is_sent_later(
    notice: Notice, start: Starting, port: int, tmp_path: Path
) -> None:
    slow = start(seconds=PATIENCE_SECONDS)
    told_to = DELIVER.format(notice_id=notice.pk)
    mailing = subprocess.Popen([sys.executable, "-c", told_to], cwd=CHECKOUT, env=environment(port))
    wait_for((tmp_path / "arriving").exists)
    mailing.kill()
    mailing.wait()
    slow.kill()
    slow.wait()
    notice.refresh_from_db()
    assert notice.delivery == Notice.Delivery.OWED
    assert notice.sending_until is not None
    ProcrastinateJob.objects.all()._raw_delete("default")  # the job of the killed one is done by nobody
    jobs.deliver(notice_id=notice.pk)
    assert kept(tmp_path) == []  # it might still be under way

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=16)):
        jobs.send_due(0)
        assert ProcrastinateJob.objects.get().args == {"notice_id": notice.pk}
        start()
        jobs.deliver(notice_id=notice.pk)
    notice.refresh_from_db()

    assert notice.delivery == Notice.Delivery.MAILED
    assert {message["Message-ID"] for message in kept(tmp_path)} == {f"<notice-{notice.pk}@gongheng.example>"}


def test_a_mailbox_that_is_gone_is_not_asked_again(start: Starting, tmp_path: Path) -> None:
    start()
    (notice,) = told(MembershipFactory(user__email="nobody@example.com"), occurred_at=datetime.now(UTC), urgent=True)

    jobs.deliver(notice_id=notice.pk)

    notice.refresh_from_db()
    assert (notice.delivery, kept(tmp_path)) == (Notice.Delivery.REFUSED, [])
