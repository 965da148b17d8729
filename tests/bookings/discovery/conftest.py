"""The pages of finding, read in English."""

import pytest
from django.test import Client


@pytest.fixture
def client(client: Client) -> Client:
    """A stranger's browser, set to English."""
    client.cookies["language"] = "en"
    return client
