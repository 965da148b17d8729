"""Pages read in English: what is asserted stays readable, whatever the translations say."""

from tests.bookings.pages.conftest import client, client_as

__all__ = ["client", "client_as"]
