"""The tree is what the style guide says it is."""

import ast
import sys
from pathlib import Path

import pytest
from django.apps import apps

from tests.architecture.tree import APPS, ROOT, SKIPPED, files, parsed, text_of

LONGEST = 400
NO_IDEA = {"utils", "helpers", "services", "managers", "common"}


def test_the_folder_platform_is_no_package() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists(), "it would hide Python's own module `platform`"


def test_nothing_on_the_path_is_named_like_a_standard_module() -> None:
    found = [path for folder in (ROOT, ROOT / "platform") for path in folder.iterdir() if path.name not in SKIPPED]
    names = {path.stem for path in found if path.suffix == ".py" or (path / "__init__.py").exists()}

    assert names & sys.stdlib_module_names == set()


def test_a_module_is_named_after_an_idea() -> None:
    assert [path for path in files(".py") if NO_IDEA & {part.removesuffix(".py") for part in path.parts}] == []


def test_a_file_is_no_longer_than_one_step() -> None:
    lengths = {path: text_of(path).count("\n") for path in files(".py") if "migrations" not in path.parts}

    assert {str(path): lines for path, lines in lengths.items() if lines > LONGEST} == {}


def contents(label: str) -> tuple[Path, ast.Module]:
    """Return an app's table of contents."""
    config = apps.get_app_config(label)
    path = Path(config.path).relative_to(ROOT) / "models.py"
    return path, parsed(path)


@pytest.mark.parametrize("label", APPS)
def test_the_models_of_an_app_are_exactly_those_of_its_steps(label: str) -> None:
    path, tree = contents(label)
    imported = [name.name for node in tree.body if isinstance(node, ast.ImportFrom) for name in node.names]
    tables = {model.__name__ for model in apps.get_app_config(label).get_models()}

    assert set(imported) == tables
    assert sorted(sys.modules[f"{label}.models"].__all__) == sorted(tables)
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.FunctionDef)], path


@pytest.mark.parametrize("label", APPS)
def test_the_models_of_an_app_come_in_the_order_of_the_flow(label: str) -> None:
    """A step is listed after those whose tables it points at."""
    path, tree = contents(label)
    steps = [str(node.module).split(".")[1] for node in tree.body if isinstance(node, ast.ImportFrom)]
    for position, step in enumerate(steps):
        stands_on = {other for other in steps if other != step and imports(path.parent, label, step, other)}
        assert stands_on <= set(steps[:position]), f"{path}: {step} comes after {sorted(stands_on)}"


def imports(folder: Path, label: str, step: str, other: str) -> bool:
    """Whether the models of a step import those of another."""
    modules = [path for path in files(".py", under=str(folder / step)) if "models" in str(path.relative_to(folder))]
    nodes = [node for path in modules for node in ast.walk(parsed(path)) if isinstance(node, ast.ImportFrom)]
    return any(str(node.module).startswith(f"{label}.{other}") for node in nodes)
