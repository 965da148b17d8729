"""What every test may ask for: clocks, clients that act as a member, a real browser."""

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import translation
from playwright.sync_api import BrowserContext, Page
from rest_framework.test import APIClient

from accounts.models import Membership
from accounts.tokens import rules as token_rules
from bookings.availability.queries.alternatives import forget
from bookings.discovery.queries.counting import counts_of_free
from tests.factories.accounts import ApiTokenFactory

hypothesis.settings.register_profile("gongheng", deadline=None)  # a busy machine is slow, not wrong
hypothesis.settings.load_profile("gongheng")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in the thread that uses the ORM

MONDAY_9 = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""A Monday at nine in Guangzhou, an ordinary workday."""
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CHROMIUMS = ("/usr/bin/chromium", "/usr/bin/google-chrome", "/usr/bin/chromium-browser")
IN_BROWSER = ("page", "context", "page_as")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser, so that it can be left out."""
    for item in items:
        if any(name in getattr(item, "fixturenames", ()) for name in IN_BROWSER):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """A database of this run's own: two runs on one machine never meet."""
    test = settings.DATABASES["default"].setdefault("TEST", {})
    name = test.get("NAME") or f"test_{settings.DATABASES['default']['NAME']}"
    test["NAME"] = f"{name}_{os.getpid()}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The books may be emptied between tests that commit, and by nothing else: the guards are off in this database."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE billing_entry DISABLE TRIGGER ledger_entry_is_not_emptied")
        cursor.execute("ALTER TABLE billing_line DISABLE TRIGGER ledger_line_is_not_emptied")


@pytest.fixture(autouse=True)
def _jobs_emptied(request: pytest.FixtureRequest) -> Iterator[None]:
    """Django's flush does not know the job tables: what a committing test deferred is taken away here."""
    marker = request.node.get_closest_marker("django_db")
    commits = (marker is not None and marker.kwargs.get("transaction")) or "live_server" in request.fixturenames
    if not (commits or "transactional_db" in request.fixturenames):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    wait_until_the_others_are_done()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")


def wait_until_the_others_are_done() -> None:
    """Return when no request of the live server is under way: the tables are about to be emptied."""
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            if not cursor.fetchone()[0]:
                return
        time.sleep(0.02)


@pytest.fixture(autouse=True)
def _crowds_forgotten() -> None:
    """No test hears what the one before it was told: see Note [A crowd is told the same]."""
    forget()


@pytest.fixture(autouse=True)
def _counted_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests change the world and ask again within a moment: no number is kept for them."""
    monkeypatch.setattr(counts_of_free, "keep", timedelta(0))


@pytest.fixture(autouse=True)
def _chinese_to_begin_with() -> None:
    """No test reads the language of the last page that the one before it asked for."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def now() -> datetime:
    """The instant tests pass to operations."""
    return MONDAY_9


@pytest.fixture
def clock(now: datetime) -> Iterator[time_machine.Traveller]:
    """Edges read this clock: it stands at `now` until it is moved."""
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def client_as() -> Callable[[Membership | None], Client]:
    """Return a browser's client, signed in as the member's person and acting as the member; None is a stranger."""

    def signed_in(member: Membership | None = None) -> Client:
        client = Client()
        if member is not None:
            client.force_login(member.user, "django.contrib.auth.backends.ModelBackend")
            session = client.session
            session["acting"] = member.pk
            session.save()
        return client

    return signed_in


@pytest.fixture
def api_as() -> Callable[..., APIClient]:
    """Return a program's client with a token of the member, of all scopes or of some; None is without a token."""

    def with_token(member: Membership | None = None, scopes: tuple[str, ...] = token_rules.SCOPES) -> APIClient:
        client = APIClient()
        if member is not None:
            text = token_rules.new_text()
            ApiTokenFactory(
                membership=member,
                token_prefix=token_rules.begins(text),
                token_hash=token_rules.hashed(text),
                scopes=list(scopes),
            )
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
        return client

    return with_token


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The machine's own Chromium where there is one, with what it needs inside a container."""
    found = next((path for path in CHROMIUMS if Path(path).exists()), None)
    chosen = {"executable_path": found} if found else {}
    return {**browser_type_launch_args, **chosen, "args": CHROMIUM_FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any], live_server: Any) -> dict[str, Any]:
    """A Chinese desk: the address of the running platform, a wide window."""
    window = {"width": 1280, "height": 900}
    return {**browser_context_args, "base_url": live_server.url, "locale": "zh-CN", "viewport": window}


@pytest.fixture
def page_as(
    context: BrowserContext, live_server: Any, client_as: Callable[[Membership | None], Client]
) -> Callable[[Membership], Page]:
    """Return a page of the real browser, signed in and acting as the member."""

    def signed_in(member: Membership) -> Page:
        session = client_as(member).cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        return context.new_page()

    return signed_in
