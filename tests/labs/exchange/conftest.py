"""Pages read in English: what is asserted stays readable, whatever the translations say."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Membership
from labs.models import Instrument
from tests.factories.accounts import LabMembershipFactory


@pytest.fixture
def client_as(client_as: Callable[[Membership | None], Client]) -> Callable[[Membership | None], Client]:
    """Return a browser's client, signed in as the member's person, set to English."""

    def signed_in(member: Membership | None = None) -> Client:
        client = client_as(member)
        client.cookies["language"] = "en"
        return client

    return signed_in


@pytest.fixture
def manager(instrument: Instrument) -> Membership:
    return LabMembershipFactory(organisation=instrument.lab.organisation, role="lab_manager")
