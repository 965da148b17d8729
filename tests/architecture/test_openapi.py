"""The OpenAPI description tells all there is, with its rules, and nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from accounts import access
from accounts.tokens.rules import SCOPES
from tests.architecture.routes import METHODS, Route, routes

ABOUT_ITSELF = {"api:schema", "api:docs"}
MAKES_NOTHING: dict[str, str] = {
    "portal-api:check-credit-code": "answers a question",
    "series-api:preview": "answers a question",
    "series-api:move-preview": "answers a question",
    "series-api:extend-preview": "answers a question",
    "notices-api:read": "what is read twice is read once",
    "notices-api:read-all": "what is read twice is read once",
}
"""POSTs that need no Idempotency-Key, and why."""
ENDPOINTS = [route for route in routes() if route.is_api and route.name not in ABOUT_ITSELF]


@pytest.fixture(scope="module")
def schema() -> Any:
    return SchemaGenerator().get_schema(request=None, public=True)


def told(schema: Any, route: Route) -> Any:
    """Return what the description says of a route, by method."""
    return schema["paths"].get("/" + without_types(route.shape), {})


def without_types(shape: str) -> str:
    """Return a path as OpenAPI writes it: `<str:code>` is `{code}`."""
    parts = shape.split("<")
    return parts[0] + "".join("{" + part.split(">")[0].split(":")[-1] + "}" + part.split(">")[1] for part in parts[1:])


def operations(schema: Any) -> Iterator[tuple[Route, str, Any]]:
    """Give every operation of the description with its route and method."""
    for route in ENDPOINTS:
        for method, operation in told(schema, route).items():
            yield route, method.upper(), operation


def test_no_two_bodies_are_described_under_one_name() -> None:
    GENERATOR_STATS.reset()
    SchemaGenerator().get_schema(request=None, public=True)

    assert [told for told in GENERATOR_STATS._warn_cache if "identical names" in told] == []


def test_the_description_is_valid(schema: Any) -> None:
    validate_schema(schema)


@pytest.mark.parametrize("route", ENDPOINTS, ids=str)
def test_every_method_of_an_endpoint_is_described_and_no_other(schema: Any, route: Route) -> None:
    answered = {method for method in METHODS if route.answers(method)}

    assert {method.upper() for method in told(schema, route)} == answered


@pytest.mark.parametrize("route", ENDPOINTS, ids=str)
def test_every_operation_tells_the_rule_that_is_enforced(schema: Any, route: Route) -> None:
    for method, operation in told(schema, route).items():
        rule = route.rule(method.upper())
        assert rule in access.RULES
        assert operation.get("x-access") == rule.name


def test_a_token_needs_a_scope_for_whatever_is_an_organisations_own(schema: Any) -> None:
    """Only what anyone, or any signed-in person, may ask goes without a scope."""
    without = {
        f"{method} {route}"
        for route, method, operation in operations(schema)
        if operation.get("x-scope") is None and operation["x-access"] not in ("anyone", "signed_in")
    }
    unknown = {operation["x-scope"] for _r, _m, operation in operations(schema) if "x-scope" in operation} - set(SCOPES)

    assert (without, unknown) == (set(), set())


def test_every_post_that_makes_something_asks_for_an_idempotency_key(schema: Any) -> None:
    silent = {
        route.name
        for route, method, operation in operations(schema)
        if method == "POST" and "Idempotency-Key" not in {each["name"] for each in operation.get("parameters", [])}
    }

    assert silent == {
        name for name in MAKES_NOTHING if any(route.name == name and route.answers("POST") for route in ENDPOINTS)
    }


def test_every_operation_tells_of_problems(schema: Any) -> None:
    kinds = {tuple(operation["responses"]["default"]["content"]) for _r, _m, operation in operations(schema)}

    assert kinds == {("application/problem+json",)}
