"""What the pages of rentals share: whose rental it is, doing something once, how a refusal is shown."""

import json
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404

from audit.requests import operations as requests
from audit.requests.rules import fingerprint
from bookings.rentals.models import Rental
from kernel.refusals import Refusal
from web.requests import MemberRequest

SHOWN_WITH_IT = ("policy", "instrument__lab__district", "instrument__category", "used_by", "rebooks", "usage")


def theirs(request: MemberRequest, number: str) -> Rental:
    """Return the organisation's rental of that number, or answer 404."""
    mine = Rental.objects.visible_to(request.member).with_places()
    return get_object_or_404(mine.select_related(*SHOWN_WITH_IT), number=number)


def shown_as(refusal: Refusal) -> int:
    """Return the status of a page that tells a refusal: one that htmx swaps in, whatever the API answers."""
    return refusal.status if refusal.status in (403, 409, 422) else 409


def once(request: MemberRequest, *, key: str, said: Any, do: Callable[[], Rental]) -> str:
    """
    Do something once, however often its form is sent, and return the number of the rental that it led to.

    `said` is what the form asked for: another wish under the same key is refused.

    Raises:
        KeyReused: the key was used for another wish.
        Refusal: whatever `do` refuses; then the key may be used again.
    """
    body = json.dumps(said, default=str).encode()
    with transaction.atomic():
        asked = fingerprint(method="POST", path=request.path, body=body)
        answered = requests.begin(member=request.member, key=key, fingerprint=asked)
        if answered is not None:
            return str(dict(answered.answer or {})["number"])
        number = do().number
        requests.finish(member=request.member, key=key, status=201, answer={"number": number})
        return number
