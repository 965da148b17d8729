"""The project's own files, for the guards."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "audit", "labs", "billing", "bookings")
SKIPPED = {".venv", ".run", ".git", "node_modules", "__pycache__"}


def files(*endings: str, under: str = ".") -> list[Path]:
    """Return the project's own files with these endings, relative to its root."""
    found = (path.relative_to(ROOT) for path in (ROOT / under).rglob("*") if path.suffix in endings and path.is_file())
    return sorted(path for path in found if not SKIPPED & set(path.parts))


def code() -> list[Path]:
    """Return the Python files of the product: no tests, no benchmarks, no tools, no migrations."""
    outside = {"tests", "bench", "tools", "migrations"}
    return [path for path in files(".py") if not outside & set(path.parts)]


def text_of(path: Path) -> str:
    """Return what is written in a file."""
    return (ROOT / path).read_text(encoding="utf-8")


def parsed(path: Path) -> ast.Module:
    """Return a Python file as a tree."""
    return ast.parse(text_of(path), str(path))


def name_of(node: ast.expr) -> str:
    """Return a dotted name as written: `timezone.now`; what is no name is empty."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}"
    return ""
