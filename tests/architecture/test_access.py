"""
Every route x method x actor, out of the URL resolver: each answers as its declared rule says.

A new route needs a rule (`@access.buyer` on a page, `access = access.BUYER` on an endpoint), and, when its path holds
a value, a line in `objects.py`. A route of a package needs a line in `third_party.py`.
"""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.access import Rule
from accounts.models import Membership
from tests.architecture import third_party
from tests.architecture.objects import NOBODY, OBJECTS, OTHERS, Target
from tests.architecture.routes import METHODS, Route, routes
from tests.factories.accounts import LabMembershipFactory, MembershipFactory, PlatformMembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
ALL = routes()
OURS = [route for route in ALL if third_party.kind_of(route.name, route.shape) is None]
STAFF_ONLY = [route for route in ALL if third_party.kind_of(route.name, route.shape) == third_party.STAFF]
PERSONAL = [route for route in ALL if third_party.kind_of(route.name, route.shape) == third_party.PERSON]
NOT_ALLOWED, NOT_FOUND, FORBIDDEN, UNAUTHENTICATED, FAULT = 405, 404, 403, 401, 500

type Signing = Callable[[Membership | None], Client]


@pytest.fixture(autouse=True)
def _files_of_this_test(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def actors(client_as: Signing) -> dict[str, tuple[Membership | None, Client]]:
    """Everybody who might come: none of them belongs to the organisation whose objects are asked for."""
    members = {
        "member without a role": MembershipFactory(role="viewer"),
        "buyer": MembershipFactory(role="buyer"),
        "owner": MembershipFactory(role="owner"),
        "operator of another lab": LabMembershipFactory(role="lab_operator"),
        "manager of another lab": LabMembershipFactory(role="lab_manager"),
        "platform operator": PlatformMembershipFactory(),
    }
    stranger = Client()
    stranger.force_login(UserFactory(), "django.contrib.auth.backends.ModelBackend")
    signed_in = {name: (member, client_as(member)) for name, member in members.items()}
    return {"anonymous": (None, Client()), "stranger": (None, stranger), **signed_in}


def ask(client: Client, method: str, route: Route, path: str) -> Any:
    """Send an empty request, and undo whatever it did."""
    headers = {"Idempotency-Key": str(uuid.uuid4())} if route.is_api else {}
    kind = {"content_type": "application/json"} if route.is_api else {}
    with transaction.atomic():
        answer = client.generic(method, path, "{}" if route.is_api else "", headers=headers, **kind)
        transaction.set_rollback(True)
    return answer


def target_of(route: Route) -> Target:
    """Return what a route is about."""
    if not route.kwargs:
        return Target({}, whose="")
    assert route.name in OBJECTS, (
        f'{route.name} needs {sorted(route.kwargs)}: add a line "{route.name}": <function> to OBJECTS in '
        "tests/architecture/objects.py; the function makes the object and returns a Target"
    )
    return OBJECTS[route.name]()


def asks_to_log_in(answer: Any) -> bool:
    return answer.status_code == 302 and answer.headers["Location"].startswith(reverse("account_login"))


def complaint(
    answer: Any, *, route: Route, method: str, rule: Rule | None, member: Membership | None, signed_in: bool, whose: str
) -> str:
    """Return what is wrong with an answer, or nothing."""
    status = answer.status_code
    if status == NOT_ALLOWED or (route.is_api and not route.answers(method)):
        return "" if status == NOT_ALLOWED else f"answers {status} to a method it does not have"
    assert rule is not None
    if rule.needs_session and not signed_in:
        if route.is_api:
            return "" if status == UNAUTHENTICATED else f"answers {status} to nobody, not 401"
        return "" if asks_to_log_in(answer) else f"answers {status} to nobody, not with the log-in"
    if not rule.allows(member):
        return "" if status == FORBIDDEN else f"answers {status}, not 403, to whom the rule {rule.name} keeps out"
    if whose in (OTHERS, NOBODY):
        return "" if status == NOT_FOUND else f"answers {status}, not 404, about what belongs to others"
    if status in (FORBIDDEN, UNAUTHENTICATED) or asks_to_log_in(answer):
        return f"answers {status} to whom the rule {rule.name} lets in"
    return f"fails with {status}" if status >= FAULT else ""


@pytest.mark.parametrize("route", OURS, ids=str)
def test_every_route_declares_who_may_come(route: Route) -> None:
    declared = [method for method in METHODS if route.answers(method) and route.rule(method)]

    assert declared, (
        f"{route} declares no rule: put a decorator of web.access on the page, or `access = ...` on the endpoint "
        "(a package's route: a line in tests/architecture/third_party.py)"
    )
    undeclared = [method for method in METHODS if route.answers(method) and not route.rule(method)]
    assert undeclared == [], f"{route} declares no rule for {undeclared}"


@pytest.mark.parametrize("group", sorted({route.group for route in OURS}))
def test_everybody_is_answered_as_the_rule_says(
    group: str, actors: dict[str, tuple[Membership | None, Client]], clock: Any
) -> None:
    found = []
    for route in (route for route in OURS if route.group == group):
        with transaction.atomic():
            found += complaints(route, actors)
            transaction.set_rollback(True)

    assert found == []


def complaints(route: Route, actors: dict[str, tuple[Membership | None, Client]]) -> list[str]:
    """Ask a route by every method it has, as everybody; return what is wrong with the answers."""
    target = target_of(route)
    path = reverse(route.name, kwargs=target.kwargs)
    found = []
    for method in METHODS:
        for name, (member, client) in those_to_ask(route, method, path, actors).items():
            wrong = complaint(
                ask(client, method, route, path),
                route=route,
                method=method,
                rule=route.rule(method),
                member=member,
                signed_in=name != "anonymous",
                whose=target.whose,
            )
            if wrong:
                found.append(f"{method} {path} ({route.name}) by {name}: {wrong}")
    return found


def those_to_ask(
    route: Route, method: str, path: str, actors: dict[str, tuple[Membership | None, Client]]
) -> dict[str, tuple[Membership | None, Client]]:
    """Return all actors; for a method that the route does not have (405) only one of those who may come."""
    rule = route.rule(method) or route.rule("GET") or route.rule("POST")
    assert rule is not None, f"{route} declares no rule"
    let_in = {
        name: actor
        for name, actor in actors.items()
        if (name != "anonymous" or not rule.needs_session) and rule.allows(actor[0])
    }
    name, actor = next(iter(let_in.items()))
    missing = ask(actor[1], method, route, path).status_code == NOT_ALLOWED
    return {name: actor} if missing else actors


@pytest.mark.parametrize("name", sorted(OBJECTS))
def test_the_objects_asked_for_are_there(name: str, client_as: Signing, clock: Any) -> None:
    """What others cannot see is there for its insiders: the 404 of the test above is a refusal, not a lost object."""
    route = next((each for each in OURS if each.name == name), None)
    assert route is not None, f"{name} is in objects.py, but no such route is left"
    target = OBJECTS[name]()
    if target.insider is None:
        return
    path = reverse(name, kwargs=target.kwargs)
    client = client_as(target.insider)

    answers = {method: ask(client, method, route, path).status_code for method in ("GET", "POST")}

    assert set(answers.values()) - {NOT_FOUND, FORBIDDEN, UNAUTHENTICATED, NOT_ALLOWED}, answers


def test_the_administration_is_closed_to_all_who_are_not_staff(
    actors: dict[str, tuple[Membership | None, Client]],
) -> None:
    paths = sorted({"/" + route.shape.split("<")[0].split("(")[0] for route in STAFF_ONLY})

    let_in = [
        f"{path} answers {name}"
        for path in paths
        for name, (_member, client) in actors.items()
        if client.get(path).status_code not in (302, FORBIDDEN, NOT_FOUND, NOT_ALLOWED)
    ]

    assert let_in == []


@pytest.mark.parametrize("route", PERSONAL, ids=str)
def test_a_persons_own_account_needs_a_log_in(route: Route) -> None:
    path = reverse(route.name, kwargs=dict.fromkeys(route.kwargs, 1))

    assert asks_to_log_in(Client().get(path))
