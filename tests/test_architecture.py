"""The data flows one way: in the imports (import-linter), the tables and the tests."""

import ast
import pkgutil
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Model

import rotation
import rotation.models

ROOT = Path(__file__).parents[1]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]
LAYERS: list[str] = CONTRACTS[0]["layers"]
HEIGHT = {room: -depth for depth, layer in enumerate(LAYERS) for room in layer.split(" | ")}
MODELS = list(apps.get_app_config("rotation").get_models())
SOURCES = [
    path
    for folder in ("config", "accounts", "rotation", "launcher")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "migrations" not in path.parts
]
SECONDS = 60


def height(model: type[Model]) -> int:
    """Return how far up the layers a model's room is."""
    return HEIGHT[model.__module__.split(".")[1]]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_foreign_key_points_to_a_room_below(model: type[Model]) -> None:
    upward = [
        field.name
        for field in model._meta.get_fields()
        if field.concrete
        and isinstance(field.related_model, type)
        and field.related_model._meta.app_label == "rotation"
        and height(field.related_model) > height(model)
    ]
    assert upward == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_room_below_cannot_see_the_room_above(model: type[Model]) -> None:
    accessors = [
        relation.get_accessor_name()
        for relation in model._meta.related_objects
        if relation.related_model._meta.app_label == "rotation"
        and height(relation.related_model) > height(model)
        and not relation.hidden
    ]
    assert accessors == []


def test_every_table_of_every_room_is_listed() -> None:
    for room in pkgutil.iter_modules(rotation.__path__, "rotation."):
        if room.ispkg and (ROOT / Path(*room.name.split(".")) / "models.py").exists():
            import_module(f"{room.name}.models")

    tables = {model.__name__ for model in apps.get_app_config("rotation").get_models()}

    assert tables == set(rotation.models.__all__)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_says_what_it_is_for_and_imports_at_the_top(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inline = [
        node.lineno
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    docstring = ast.get_docstring(tree)

    assert (bool(docstring), inline) == (not _is_empty(path), [])


def _is_empty(path: Path) -> bool:
    return not path.read_text(encoding="utf-8").strip()


def test_a_web_process_never_loads_the_heavy_parts() -> None:
    heavy = {"numpy", "highspy", "numba", "weasyprint", "rotation.tasks"}
    script = (
        "import config.wsgi, sys, django.urls; django.urls.get_resolver().url_patterns;"
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=SECONDS,
    )
    assert run.stdout.strip() == "[]"


def test_nobody_catches_everything_and_goes_on() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{handler.lineno}"
        for path in SOURCES
        for handler in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(handler, ast.ExceptHandler) and _is_broad(handler)
    ]
    assert found == []


def _is_broad(handler: ast.ExceptHandler) -> bool:
    """Return whether the handler takes everything and does not raise it again."""
    name = ast.unparse(handler.type) if handler.type else "BaseException"
    raises = any(isinstance(node, ast.Raise) and node.exc is None for node in ast.walk(handler))
    return name in {"Exception", "BaseException"} and not raises


def test_the_settings_are_read_on_one_screenful_of_pages() -> None:
    lines = Path(str(settings.BASE_DIR), "config", "settings.py").read_text().splitlines()

    assert len(lines) < 300
