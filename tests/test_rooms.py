"""The house: what may import what, and how large a room may get."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import engine

ROOT = Path(engine.__file__).parents[1]
SOURCES = sorted((ROOT / "engine").rglob("*.py")) + sorted((ROOT / "explorer").rglob("*.py"))

IMPORT_ALL = """
import importlib, pkgutil, sys
import engine
for module in pkgutil.walk_packages(engine.__path__, "engine."):
    importlib.import_module(module.name)
print(sorted({name.split(".")[0] for name in sys.modules} & {"textual", "rich", "explorer"}))
"""


def test_importing_all_of_the_engine_brings_in_no_screen() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    return found | {
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_no_module_imports_itself_round_a_corner() -> None:
    graph = {_module(path): _imports(path) for path in SOURCES}
    graph = {name: {other for other in found if other in graph} for name, found in graph.items()}
    done: set[str] = set()
    while ready := {name for name in graph if name not in done and graph[name] <= done}:
        done |= ready
    assert sorted(set(graph) - done) == []


ORDER = [
    "constants",
    "journal",
    "cells",
    "tables",
    "machine",
    "kernel",
    "invariants",
    "threads",
    "history",
    "language",
    "scenario",
]


def test_imports_point_down_only() -> None:
    rank = {name: number for number, name in enumerate(ORDER)}
    upward = []
    for path in sorted((ROOT / "engine").rglob("*.py")):
        room = path.relative_to(ROOT / "engine").with_suffix("").parts[0]
        for module in _imports(path):
            parts = module.split(".")
            if parts[0] == "explorer" or (
                parts[0] == "engine"
                and len(parts) > 1
                and rank.get(parts[1], -1) > rank.get(room, len(ORDER))
            ):
                upward.append(f"{path.name}: {module}")
    assert upward == []


def test_files_stay_small_enough_to_read() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    assert {path: length for path, length in lengths.items() if length > 500} == {}
    app = ROOT / "explorer" / "app.py"
    assert not app.exists() or lengths["explorer/tui/app.py"] < 200
