"""What people hold as a secret is in no log, whoever writes the line."""

import logging

import pytest

from web import logs


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("GET /cal/Zm9vYmFyYmF6-_x.ics 304", "GET /cal/*** 304"),
        ("https://gongheng.example/cal/abcdef.ics?x=1", "https://gongheng.example/cal/***?x=1"),
        ("/cal/with/slashes.ics", "/cal/***"),
        ("Authorization: Bearer gh_Zm9vYmFyYmF6-_x", "Authorization: Bearer gh_***"),
        ("/invitations/gh_abcdefghij/", "/invitations/***/"),
        ("/accounts/confirm-email/MQ:1abc:xyz/", "/accounts/confirm-email/***/"),
        ("/accounts/password/reset/key/1-abc/", "/accounts/password/reset/key/***/"),
        ("GET /my/calendars/ 200", "GET /my/calendars/ 200"),
        ("GET /catalogue/?q=gh_ 200", "GET /catalogue/?q=gh_ 200"),
    ],
)
def test_secrets_are_masked(text: str, kept: str) -> None:
    assert logs.masked(text) == kept


def written(readable: bool, record: logging.LogRecord) -> str:
    return logs.formatter(readable).format(record)


@pytest.mark.parametrize("readable", [True, False])
def test_a_line_of_the_standard_logging_is_masked_with_its_arguments(readable: bool) -> None:
    record = logging.LogRecord("django.request", logging.WARNING, "", 1, "Not Found: %s", ("/cal/secret.ics",), None)

    assert "secret" not in written(readable, record)
    assert "/cal/***" in written(readable, record)


def test_a_traceback_is_masked() -> None:
    try:
        raise ValueError("cannot draw /cal/secret.ics")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "", 1, "fault", (), (type(error), error, None))

    assert "secret" not in written(False, record)


def test_a_structured_line_is_masked_however_deep(capsys: pytest.CaptureFixture[str]) -> None:
    line = logs.mask(None, "info", {"request": {"path": ["/cal/secret.ics"]}, "code": 200})

    assert line == {"request": {"path": ["/cal/***"]}, "code": 200}


@pytest.mark.django_db
def test_the_line_of_a_request_to_a_feed_does_not_tell_its_token(client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        answer = client.get("/cal/a-token-nobody-has.ics")

    [record] = [record for record in caplog.records if record.name == "gongheng.requests"]
    line = logs.formatter(readable=False).format(record)
    assert "GET /cal/*** 404" in line
    assert answer.headers["X-Request-ID"] in line


@pytest.mark.django_db
def test_every_request_has_an_id_of_its_own(client) -> None:
    first, second = client.get("/healthz"), client.get("/healthz")

    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
