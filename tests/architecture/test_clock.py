"""The clock is read at the edges only; everything deeper is told what time it is."""

import ast

from tests.architecture.tree import code, name_of, parsed

CLOCKS = {
    "timezone.now",
    "timezone.localdate",
    "timezone.localtime",
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "datetime.datetime.now",
    "date.today",
    "datetime.date.today",
    "time.time",
}
EDGES = {"views", "api", "feeds", "jobs", "admin", "commands"}
"""Modules, or folders of modules, that may ask what time it is."""
ALSO_EDGES = {
    "platform/api/authentication.py": "a token is checked before any view runs",
    "platform/portal/adapter.py": "allauth calls it in place of a view",
    "bookings/templatetags/desk.py": "it counts for the desk's menu, which stands on pages of many views",
}


def reads_a_clock(node: ast.AST) -> bool:
    """Whether a call asks for the present; `localtime(instant)` does not."""
    if not isinstance(node, ast.Call) or name_of(node.func) not in CLOCKS:
        return False
    converts = name_of(node.func) in {"timezone.localtime", "timezone.localdate"}
    return not (converts and (node.args or node.keywords))


def test_the_clock_is_read_at_the_edges_only() -> None:
    deep = [path for path in code() if not EDGES & {part.removesuffix(".py") for part in path.parts}]
    found = [
        f"{path}:{node.lineno}"
        for path in deep
        if str(path) not in ALSO_EDGES
        for node in ast.walk(parsed(path))
        if reads_a_clock(node)
    ]

    assert found == [], "pass `now` in"


def test_no_clock_comes_in_under_another_name() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path in code()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom)
        and node.module in {"django.utils.timezone", "time"}
        and {name.name for name in node.names} & {"now", "localdate", "localtime", "time"}
    ]

    assert found == []
