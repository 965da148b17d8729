"""Every address of the platform, out of the URL resolver, with the rule its view declares."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from accounts.access import Rule
from api.permissions import declared

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Route:
    """One address: its name, its shape, what it needs to know, and who answers."""

    name: str
    shape: str
    kwargs: frozenset[str]
    view: Any

    @property
    def group(self) -> str:
        """The name space it belongs to."""
        return self.name.rpartition(":")[0]

    @property
    def view_class(self) -> Any:
        """The class of an endpoint, or None for a page's function."""
        return getattr(self.view, "view_class", None) or getattr(self.view, "cls", None)

    @property
    def is_api(self) -> bool:
        """Whether programs ask here."""
        return self.shape.startswith("api/")

    def rule(self, method: str) -> Rule | None:
        """Return the rule the view declares for a method; None where it declares none."""
        found = declared(self.view_class or self.view, "access", method)
        return found if isinstance(found, Rule) else None

    def answers(self, method: str) -> bool:
        """Whether an endpoint has such a method; a page's function says so only when it is asked."""
        return self.view_class is None or hasattr(self.view_class, method.lower())

    def __str__(self) -> str:
        return self.name or f"/{self.shape}"


def walk(resolver: URLResolver, shape: str = "", names: tuple[str, ...] = ()) -> Iterator[Route]:
    """Give every route below a resolver."""
    for entry in resolver.url_patterns:
        here = shape + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from walk(entry, here, (*names, entry.namespace) if entry.namespace else names)
        elif isinstance(entry, URLPattern):
            kwargs = frozenset(entry.pattern.regex.groupindex)
            outer = frozenset(get_names(here))
            name = ":".join((*names, entry.name)) if entry.name else ""
            yield Route(name, here, kwargs | outer, entry.callback)


def get_names(shape: str) -> list[str]:
    """Return the names of the values in a shape, those of including patterns too: `labs/<str:code>/`."""
    return [part.split(">")[0].split(":")[-1] for part in shape.split("<")[1:]]


def routes() -> list[Route]:
    """Return every route of the platform, in the order of the resolver."""
    return list(walk(get_resolver()))
