"""How many statements the two acts on everybody's way take, from the token to the kept answer (issue 5: at most 12)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.accounts import LabMembershipFactory
from tests.factories.bookings import buyer, hours
from tests.factories.labs import InstrumentFactory, RoomFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

MOST = 12
TRANSACTION = ("SAVEPOINT", "RELEASE")
"""What begins and ends the request's transaction, within that of the test."""


def asked(client, address, body=None, *, key):
    """The first words of the statements of a request that is granted."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.post(address, body or {}, format="json", HTTP_IDEMPOTENCY_KEY=key)
    assert answer.status_code in (200, 201), answer.content
    return answer.json(), [query["sql"].split()[0] for query in captured.captured_queries]


def test_a_hold_and_its_confirmation_take_twelve_statements_at_most_over_http(api_as):
    instrument = InstrumentFactory(capacity=1, room=RoomFactory())
    for role in ("lab_manager", "lab_operator"):
        LabMembershipFactory(organisation=instrument.lab.organisation, role=role)
    client = api_as(buyer())

    def booked(start):
        times = {"start": hours(start, start + 1).start.isoformat(), "end": hours(start, start + 1).end.isoformat()}
        wish = {"instrument": instrument.code, "mode": "assisted", **times}
        held, holding = asked(client, "/api/v1/rentals/", wish, key=f"hold-{start}")
        _, confirming = asked(client, f"/api/v1/rentals/{held['number']}/confirm/", key=f"confirm-{start}")
        return [[word for word in words if word not in TRANSACTION] for words in (holding, confirming)]

    booked(0)  # the resources are made, and the token's use is noted
    holding, confirming = booked(2)

    assert holding == [
        *("SELECT", "INSERT"),  # the token, the key
        *("SELECT", "SELECT", "WITH", "SELECT"),  # the instrument, the facts, the locks, what may have changed
        *("INSERT", "INSERT", "INSERT"),  # rental, schedule, audit
        "UPDATE",  # the answer
    ]
    assert len(confirming) <= MOST, confirming
