"""
The same request twice makes it once.

A POST that makes something carries an `Idempotency-Key`. The effect and its answer are committed together, so that a
request repeated after a lost connection is given the answer of the first; a twin that comes while the first is still
under way waits for it.
"""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Membership
from api import problems
from audit.models import AnsweredRequest
from audit.requests import operations as requests
from audit.requests.rules import LONGEST_KEY, fingerprint
from kernel.refusals import Refusal
from kernel.transactions import given_over

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
KEPT_HEADERS = ("Location",)
FIRST_REFUSAL, FIRST_FAULT = 400, 500

type Endpoint = Callable[..., Response]


class KeyMissing(Refusal):
    code = "idempotency_key_missing"
    message = _("This request makes something: send an Idempotency-Key header with a value of your own, new each time.")
    status = 400


class KeyUnusable(Refusal):
    code = "idempotency_key_invalid"
    message = _("An Idempotency-Key has 1 to {longest} visible ASCII characters.")
    status = 400


class _Failed(Exception):  # noqa: N818 -- it only carries an answer out of the transaction it undoes
    def __init__(self, response: Response) -> None:
        self.response = response


PARAMETER = OpenApiParameter(
    name=HEADER,
    type=str,
    location=OpenApiParameter.HEADER,
    required=True,
    description="A text of your own (a UUID, say), new for each thing you want made. Sent again with the same body, "
    "the request is given its first answer; with another body it is refused (422).",
)


def idempotent(endpoint: Endpoint) -> Endpoint:
    """
    Return the endpoint answering once per member and key, in one transaction with what it makes.

    An endpoint calls one operation, which is a transaction of its own, or this one; see Note [One operation, one
    transaction]. Where it refuses (4xx, raised or returned), nothing is left but the answer. One that fails (5xx, also
    `busy`) leaves nothing at all, and the request may be sent again.

    Note [No rollback where nothing was written]: a rollback makes the driver forget its prepared statements, and the
    next requests plan all of theirs anew. Losers of a hot slot are many, so their refusal is kept without one.
    """

    @wraps(endpoint)
    def once(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        claim = _claim(request)
        try:
            with given_over():
                if answered := requests.begin(**claim):
                    return _again(answered)
                response = _answer(endpoint, view, request, *args, **kwargs)
                if response.status_code >= FIRST_FAULT or connection.needs_rollback:
                    raise _Failed(response)
                _keep(response, claim)
                return response
        except _Failed as failed:
            is_refused = FIRST_REFUSAL <= failed.response.status_code < FIRST_FAULT
            return _refused_and_undone(failed.response, claim) if is_refused else failed.response

    documented: Endpoint = extend_schema(parameters=[PARAMETER])(once)
    return documented


def _claim(request: Request) -> dict[str, Any]:
    key = request.headers.get(HEADER, "")
    if not key:
        raise KeyMissing
    if len(key) > LONGEST_KEY or not all("!" <= character <= "~" for character in key):
        raise KeyUnusable(longest=LONGEST_KEY)
    member: Membership = request._request.member  # type: ignore[attr-defined]  # declared in web.requests
    path = request._request.get_full_path()
    body = request._request.body
    return {"member": member, "key": key, "fingerprint": fingerprint(method="POST", path=path, body=body)}


def _answer(endpoint: Endpoint, view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
    try:
        return endpoint(view, request, *args, **kwargs)
    except Exception as error:
        response: Response = view.handle_exception(error)
        return response


def _refused_and_undone(response: Response, claim: dict[str, Any]) -> Response:
    """Keep a refusal whose transaction had to be undone, unless a twin was answered meanwhile: then that is it."""
    with transaction.atomic():
        if answered := requests.begin(**claim):
            return _again(answered)
        _keep(response, claim)
    return response


def _keep(response: Response, claim: dict[str, Any]) -> None:
    response.data = json.loads(JSONRenderer().render(response.data))
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    requests.finish(
        member=claim["member"],
        key=claim["key"],
        status=response.status_code,
        answer={"data": response.data, "headers": headers},
    )


def _again(answered: AnsweredRequest) -> Response:
    status, answer = answered.status or FIRST_FAULT, answered.answer or {}
    headers = {**answer["headers"], REPLAYED: "true"}
    kind = problems.CONTENT_TYPE if status >= FIRST_REFUSAL else None
    return Response(answer["data"], status=status, headers=headers, content_type=kind)
