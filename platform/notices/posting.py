"""Handing mails to the mail server, and what it may answer."""

import smtplib
import time

from django.core.mail import EmailMessage

FIRST_FOR_GOOD = 500
PAUSE_SECONDS = 30.0


class MailServerAwayError(Exception):
    """The mail server does not answer; it is asked again later."""


class ReaderRefusedError(Exception):
    """The reader's mail server says, for good, that there is no such reader."""


class _Server:
    """
    What this process knows of the mail server.

    Note [One waits for all]: a server that is away takes up to `EMAIL_TIMEOUT` to say so. The first mail that found
    that out spares the others the same wait, so that a night without a mail server holds up no other job.
    """

    away_until = 0.0


def hand_over(message: EmailMessage) -> None:
    """
    Give a mail to the mail server.

    Raises:
        MailServerAwayError: it does not answer, or did not a moment ago.
        ReaderRefusedError: there is no such reader.
    """
    if time.monotonic() < _Server.away_until:
        raise MailServerAwayError
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        if all(code >= FIRST_FOR_GOOD for code, _ in error.recipients.values()):
            raise ReaderRefusedError from error
        raise
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError):
        raise  # it is there, and will not have this mail now
    except OSError as error:
        _Server.away_until = time.monotonic() + PAUSE_SECONDS
        raise MailServerAwayError from error
